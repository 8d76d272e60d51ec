"""Phrases that a language model leaves in the texts of whoever pastes its answers unread."""

import ahocorasick
import numpy as np
import polars as pl

from graphkit.text.normalise import LINK, composed, folded_space, own_words

# A model speaking of itself, or handing over its answer. Whole phrases only: "as an AI" alone is also what
# people write about the subject, and accounts that say openly what they are write it every day.
ASSISTANT_EN = (
    "as an ai language model",
    "as a large language model",
    "as an ai assistant, i",
    "as an ai model, i",
    "i am an ai language model",
    "i'm an ai language model",
    "i cannot fulfill this request",
    "i can't fulfill this request",
    "i cannot assist with that request",
    "i can't assist with that request",
    "i'm sorry, but i can't assist",
    "my knowledge cutoff",
    "as of my last knowledge update",
    "certainly! here is",
    "certainly! here's",
    "sure! here's a comment",
    "sure, here's a comment",
    "here is a possible reply",
    "here's a possible reply",
    "here are some comment options",
    "regenerate response",
)
ASSISTANT_ZH = (
    "作为一个ai语言模型",
    "作为ai语言模型",
    "作为人工智能语言模型",
    "作为一个人工智能语言模型",
    "作为一个大语言模型",
    "作为一名ai助手",
    "作为一个ai助手",
    "我是一个ai语言模型",
    "我是一个语言模型",
    "我无法满足您的请求",
    "我无法协助您完成",
    "截至我的知识更新",
    "我的知识截止",
    "以下是为您生成的",
    "以下是为你生成的",
    "以下是一条评论",
    "以下是根据您的要求",
    "希望以上内容对您有帮助",
)
PHRASES = ASSISTANT_EN + ASSISTANT_ZH

# A slot in double braces: {{name}}. A program may have written it as well: {{dropped}} is left by a mailing
# list where it cut, {{citation needed}} by an encyclopedia.
_BRACED = r"\{\{[ ]?[\p{L}_][\p{L}\p{N}_ ]{1,30}\}\}"
# A slot that nothing was put into: {{name}}, [insert product name], 【此处填写产品名】.
# Not <your name>, [username], ${NAME} or {{project.name}}: so people write down commands, variables and
# templates of code for each other (of 21 accounts in a forum of one program, all had only those). Nor [insert
# joke here], with which people joke (all six found in real logs did): of those only names and the like count.
_NAMED = r"(?:your|product|brand|company|customer|recipient|client|first|last)[ _]?name|user[ _]name"
_SLOT = (
    rf"{_BRACED}|(?i:\[(?:insert (?:your |the )?)?(?:{_NAMED})\])"
    r"|(?i:\[insert (?:your |the |a )?(?:product|brand|company)\])"
    r"|[\[【{](?:此处|请|插入|填写|填入)[^\]】}\n]{0,16}[\]】}]"
)
# Words between quotation marks are someone else's, or spoken of.
_QUOTATION = r"\"[^\"\n]{0,300}\"|“[^”\n]{0,300}”|「[^」\n]{0,300}」|『[^』\n]{0,300}』|«[^»\n]{0,300}»"
# What stands in a link is the address of a page, not the account's words.
_UNLINKED = pl.col("voice").str.replace_all(LINK, " ")


def hits(texts: pl.Series) -> pl.Series:
    """How often each text holds a phrase of an assistant or an unfilled slot (UInt32, named as `texts`).

    Counted in the account's own voice only: quoted lines, code, reposts and words in quotation marks are left
    out. A null counts 0. The same text is looked at once, however often it stands in `texts`.
    """
    frame = pl.DataFrame({"text": texts.cast(pl.String)})
    distinct = frame.select(pl.col("text").drop_nulls().unique())
    own = distinct.select(own_words(pl.col("text"))).to_series()
    counted = distinct.with_columns(hits_in_own(own).alias("hits"))
    answer = frame.join(counted, on="text", how="left", maintain_order="left")
    return answer.select(pl.col("hits").fill_null(0).alias(texts.name)).to_series()


def hits_in_own(own: pl.Series) -> pl.Series:
    """`hits` (UInt32) of texts whose `own_words` are known, none of them null."""
    voice = _voice(own)
    return _phrase_counts(voice["voice"]) + voice.select(_UNLINKED.str.count_matches(_SLOT)).to_series()


def braced_in_own(own: pl.Series) -> pl.Series:
    """The slots in double braces that `hits_in_own` counts in each text, in lower case (List of String)."""
    slots = _UNLINKED.str.extract_all(_BRACED).list.eval(pl.element().str.to_lowercase())
    return _voice(own).select(slots).to_series()


def _voice(own: pl.Series) -> pl.DataFrame:
    """Column voice: the texts without what stands between quotation marks."""
    return own.to_frame("voice").select(pl.col("voice").str.replace_all(_QUOTATION, " "))


def asks_for_a_name(slots: pl.Expr) -> pl.Expr:
    """Whether slots ask for somebody's or something's name: no platform writes those into a text."""
    return slots.str.contains("name|product|brand|company|customer|client|姓名|名称|产品|品牌|公司|客户")


def _phrase_counts(texts: pl.Series) -> pl.Series:
    """Phrases in each text, in any case and with any apostrophe; of overlapping ones the longest counts."""
    lower = pl.col("text").str.to_lowercase().str.replace_all("’", "'", literal=True)
    plain = composed(texts).to_frame("text").select(folded_space(lower))
    # Nearly every text holds no phrase at all: only the others are counted one by one.
    some = plain.with_row_index().filter(pl.col("text").str.contains_any(list(PHRASES)))
    found = _automaton()
    counts = np.zeros(texts.len(), dtype=np.uint32)
    counts[some["index"].to_numpy()] = [
        sum(1 for _ in found.iter_long(text)) for text in some["text"].to_list()
    ]
    return pl.Series(texts.name, counts)


def _automaton() -> ahocorasick.Automaton:
    automaton = ahocorasick.Automaton()
    for phrase in PHRASES:
        automaton.add_word(phrase, phrase)
    automaton.make_automaton()
    return automaton
