"""Style: marks that writing models leave and phones do not; strong where present and cheap to remove."""

import polars as pl

from graphkit.settings import SignalSettings
from graphkit.signals.base import Case, Signal, by_account, measured, of_asked, written
from graphkit.text.normalise import CJK
from graphkit.words import Direction, Family, Grade, Subject

MINIMUM_TEXTS = 10
_FEW_TEXTS = 3
# An em dash inside a text in Latin letters: there people type a hyphen. In Chinese a double dash is plain
# punctuation; in Russian the dash stands for "is", and in Greek it begins what is said.
_DASH = r"[^\s—]\s?—\s?[^\s—]"
_BOLD_OR_HEADING = r"\*\*[^*\n]+\*\*|(?m)^#{1,6}[ \t]+\S"
_PRAISE = (
    r"(?i)\A\W*(?:(?:what an?|this is an?|such an?) (?:\w+ )?"
    r"(?:great|fascinating|excellent|wonderful|insightful|beautiful|powerful|thoughtful|brilliant|amazing)"
    r"|(?:great|fascinating|excellent|wonderful|insightful|thoughtful|brilliant) "
    r"(?:point|post|question|perspective|insight|observation|take|analysis|framing)"
    r"|(?:i )?(?:absolutely |really |truly )?love (?:this|the way you|how you)"
    r"|this (?:really |deeply )?resonates)"
)
_PRAISE_CHINESE = (
    r"\A\W*(?:(?:这是一?个|真是一?个)?(?:非常|很|特别|真)(?:好|棒|精彩|有趣|深刻|有启发)的?"
    r"(?:问题|观点|分享|思考|分析|见解|角度)|说得(?:太|非常|很)(?:好|对|棒)了|(?:非常)?感谢(?:你的)?分享)"
)


def _measure(case: Case) -> pl.DataFrame:
    """The share of texts with an em dash, bold or a heading, or an opening praise; n is their number.

    Only texts of `script_keys` keys or more, without quotes, code and leading mentions. The dash counts where
    most letters are Latin and none is Chinese, Japanese or Korean; Chinese has praise of its own. All texts
    counted are listed.
    """
    return _shares(case, MINIMUM_TEXTS)


def _fewer(case: Case) -> pl.DataFrame:
    """The same of accounts with a few texts: one marked text weighs more among them."""
    return _shares(case, _FEW_TEXTS)


def _shares(case: Case, n_texts: int) -> pl.DataFrame:
    own = pl.col("own")
    chinese = own.str.contains(CJK)
    latin = 2 * own.str.count_matches(r"\p{Latin}") > own.str.count_matches(r"\p{L}")
    marked = (
        (own.str.contains(_DASH) & latin & ~chinese)
        | own.str.contains(_BOLD_OR_HEADING)
        | pl.when(chinese).then(own.str.contains(_PRAISE_CHINESE)).otherwise(own.str.contains(_PRAISE))
    )
    return (
        by_account(
            of_asked(case, written(case.events))
            .select("account_id", "event_id", "timestamp", "turn", "keys", "own")
            .filter(pl.col("keys") >= case.settings.script_keys)
            .filter((pl.len() >= n_texts).over("account_id"))
        )
        .group_by("account_id", maintain_order=True)
        .agg(measured(marked.mean(), pl.len(), pl.col("event_id")))
    )


def _floor(settings: SignalSettings) -> float:
    return settings.floor_style_texts


def _explain(value: float, n: int) -> str:
    share = f"{100 * value:.0f} % of its {n} longer texts"
    return f"{share} have an em dash, bold type, a heading or opening praise"


SIGNAL = Signal(
    name="style",
    family=Family.TEXT,
    subject=Subject.ACCOUNT,
    question="do its texts carry the marks of a writing model?",
    unit="share of texts",
    direction=Direction.HIGH,
    minimum_n=MINIMUM_TEXTS,
    measure=_measure,
    explain=_explain,
    innocent=(
        "help of a writing or translation tool, which is allowed",
        "a trained writer, or an editor that sets dashes and bold by itself",
        "a writer in a second language who learnt phrases",
    ),
    floor=_floor,
    floor_counts=True,
    settles=True,
    stand_ins=_fewer,
    # Cheap to imitate and cheap to remove, and people pick it up from what they read.
    most=Grade.MODERATE,
)
