import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphkit.text.phrases import PHRASES, braced_in_own, hits


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("As an AI language model, I have no opinion", 1),
        ("as an  ai\nlanguage model", 1),
        ("作为一个AI语言模型，我无法满足您的请求", 2),
        ("作为一个ＡＩ语言模型", 1),
        ("I’m sorry, but I can’t assist with it", 1),
        ("I'm sorry, but I cannot find the file", 0),
        ("git push --force <your remote>", 0),
        ("Hi {{name}}, welcome to {{ city }}", 2),
        ("推荐【此处填写产品名】给大家", 1),
        ("Buy [insert product name] today", 1),
        ("Order at [insert company] or write to [Insert your name]", 2),
        ("[insert large gathering here] was fun, [insert racist comment here]", 0),
        ("lots of people [insert long list of people], all of [insert literally anything]", 0),
        ("> as an AI language model\nlol, look at this one", 0),
        ("it said “as an AI language model” again", 0),
        ('he wrote "as an AI language model" and left', 0),
        ("好的//@张三:作为一个AI语言模型", 0),
        ("Dear [Your Name], a word on {{topic}}", 2),
        ("Hello [user name] and [Product_Name]", 2),
        # What people who write software tell each other, and where a link leads.
        ("set(EP ${MODULE_NAME}) and ${proj} in CMake", 0),
        ("rename {{cookiecutter.project_name}} to /home/[username]/src", 0),
        ("https://example.org/${version}/{{name}}?to=[product_name] is it", 0),
        ("`{{name}}` is how a template writes it", 0),
        ("as an AI I like language, and models", 0),
        ("f{x} = {1, 2} and [link] and <b>", 0),
        ("", 0),
        (None, 0),
    ],
)
def test_phrases_in_the_accounts_own_voice_are_counted(text: str | None, count: int) -> None:
    assert hits(pl.Series("text", [text], dtype=pl.String)).to_list() == [count]


@given(st.lists(st.sampled_from([*PHRASES, "plain words", "{{slot}}", None]), max_size=12))
def test_each_text_is_counted_by_itself_and_in_its_place(texts: list[str | None]) -> None:
    together = hits(pl.Series("text", texts, dtype=pl.String)).to_list()
    assert together == [hits(pl.Series("text", [text], dtype=pl.String)).item() for text in texts]


def test_slots_in_braces_are_told_from_the_others() -> None:
    own = pl.Series(["{{Name}} of [Your Name]", 'he says "{{x y}}"', "{{ a_b }} {{name}}", "none"])
    assert braced_in_own(own).to_list() == [["{{name}}"], [], ["{{ a_b }}", "{{name}}"], []]


def test_every_phrase_is_written_as_it_is_sought() -> None:
    assert len(set(PHRASES)) == len(PHRASES)
    assert all(hits(pl.Series([phrase])).item() == 1 for phrase in PHRASES)
