import random

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphkit.settings import TextSettings
from graphkit.text.near_duplicates import STANDARD, groups, near_duplicates
from graphkit.text.normalise import normalised

# Bands of two, so many that LSH misses nothing: at similarity .7 the chance is .51 ** 200.
EXHAUSTIVE = TextSettings(bands=200, band_rows=2, shortest=4, fewest_characters=1)


def table(texts: list[str]) -> pl.DataFrame:
    return pl.DataFrame(
        {"event": range(len(texts)), "text": texts}, schema={"event": pl.UInt32, "text": pl.String}
    )


def together(texts: list[str], chosen: TextSettings = STANDARD) -> set[frozenset[str]]:
    grouped = groups(table(texts), chosen).join(table(texts), on="event").group_by("group").agg("text")
    return {frozenset(members) for members in grouped["text"].to_list()}


def plain(text: str) -> str:
    return str(pl.DataFrame({"text": [text]}).select(normalised(pl.col("text"))).item())


def shingle_set(text: str) -> set[str]:
    def chinese(character: str) -> bool:
        return "\u3400" <= character <= "\u9fff"

    pairs = {text[i : i + 2] for i in range(len(text) - 1) if chinese(text[i]) and chinese(text[i + 1])}
    threes = {
        text[i : i + 3] for i in range(len(text) - 2) if not (chinese(text[i]) and chinese(text[i + 1]))
    }
    return pairs | threes


def alike(one: str, other: str) -> float:
    first, second = shingle_set(one), shingle_set(other)
    return len(first & second) / len(first | second) if first | second else 0.0


def brute_force(texts: list[str]) -> set[frozenset[str]]:
    """All pairs compared, then one text after another: the twin that is too slow to use."""
    distinct = sorted({plain(text) for text in texts if len(plain(text)) >= EXHAUSTIVE.shortest})
    near = {one: {x for x in distinct if x != one and alike(one, x) >= 0.7} for one in distinct}
    turns = sorted(distinct, key=lambda text: (-len(near[text]), text))
    centres: list[str] = []
    for text in turns:
        if not near[text] & set(centres):
            centres.append(text)
    centre = {text: next(c for c in centres if c == text or c in near[text]) for text in turns}
    found: dict[str, set[str]] = {}
    for text in texts:
        if plain(text) in centre:
            found.setdefault(centre[plain(text)], set()).add(text)
    return {frozenset(members) for members in found.values()}


WORDS = st.lists(
    st.sampled_from(["red", "ring", "node", "buy", "一起", "转发", "coin"]), min_size=2, max_size=8
)


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(WORDS.map(" ".join), max_size=14))
def test_groups_equal_those_of_brute_force(texts: list[str]) -> None:
    assert together(texts, EXHAUSTIVE) == brute_force(texts)


@settings(max_examples=25, deadline=None)
@given(texts=st.lists(WORDS.map(" ".join), min_size=1, max_size=14), data=st.data())
def test_any_order_of_rows_gives_the_same_groups(texts: list[str], data: st.DataObject) -> None:
    rows = table(texts)
    shuffled = rows[data.draw(st.permutations(range(len(texts))))]
    assert groups(shuffled, EXHAUSTIVE).equals(groups(rows, EXHAUSTIVE))


@pytest.mark.parametrize(
    "copies",
    [
        [
            "Follow the coalition today!!!",
            "follow  the coalition today",
            "@bo Follow the COALITION today 🚀",
        ],
        # 19 pairs of characters each; "有朋" and "所有" against "部朋", "全部" and "给全": 16 of 22 shared.
        ["这款产品真的太好用了我已经推荐给所有朋友", "这款产品真的太好用了我已经推荐给全部朋友"],
        ["see https://www.shop.example/x?utm_source=a now", "see http://shop.example/x?utm_source=b#top now"],
        ["大爱红色的手机赶快来转发 @甲 @乙", "大爱红色的手机赶快来转发 @丙 @丁"],
    ],
)
def test_copies_are_one_group(copies: list[str]) -> None:
    assert together([*copies, "something else altogether, said by nobody"]) == {
        frozenset(copies),
        frozenset(["something else altogether, said by nobody"]),
    }


@pytest.mark.parametrize(
    "text", ["ok", "转发微博", "hahahahahahaha", "哈哈哈哈哈哈哈哈哈", "[good][good]", "🚀" * 20, ""]
)
def test_stock_phrases_and_laughter_have_no_group(text: str) -> None:
    assert groups(table([text, text])).is_empty()


def test_null_and_no_texts_give_no_groups() -> None:
    nothing = pl.DataFrame({"event": [0], "text": [None]}, schema={"event": pl.UInt32, "text": pl.String})
    assert groups(nothing).is_empty()
    assert groups(nothing.clear()).is_empty()


def test_different_queries_are_different_pages() -> None:
    pages = [f"https://forum.example/t.php?t={n}" for n in ("294135", "757013")]
    assert len(together(pages)) == 2


def test_a_chain_of_edits_does_not_become_one_group() -> None:
    # A window of 40 letters slides over 400, two at a time: neighbours share 36 of 40 shingles, ends none.
    letters = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz", k=400))
    chain = [letters[start : start + 40] for start in range(0, 360, 2)]
    for group in together(chain):
        worst = min(alike(one, other) for one in group for other in group)
        assert worst >= 0.4


def test_slot_edits_are_recalled() -> None:
    # Templates of a comment's length with a name filled in: every filling finds its template. (Of a Chinese
    # template of 24 characters, names of 4 and of 7 letters part: 3 of 16 fillings stood apart.)
    names = [
        f"{first}{second}"
        for first in ("ada", "bob", "eve", "kim")
        for second in ("lin", "ray", "moss", "x1")
    ]
    english = [f"{name} following you! Lets build together - DM for trading API collab" for name in names]
    chinese = [
        f"{name}你好，加我微信领取内部资料，名额有限先到先得，每天更新，老师一对一指导，不满意全额退款"
        for name in names
    ]
    assert together([*english, *chinese]) == {frozenset(english), frozenset(chinese)}


def test_a_full_bucket_is_capped_and_said() -> None:
    texts = [f"the coalition has a home and everybody gathers there number {n:03d}" for n in range(60)]
    tight = near_duplicates(table(texts), TextSettings(bucket_followers=5))
    assert tight.left_out > 0
    # The bucket's first text is compared with all, so the group stays whole.
    assert tight.groups["group"].n_unique() == 1
    assert near_duplicates(table(texts)).left_out == 0
