"""Shared script: whether the members use several texts that hardly anyone else uses."""

import polars as pl

from graphkit.engine.effective import effective
from graphkit.layers.base import spoken
from graphkit.settings import SignalSettings
from graphkit.signals.base import Case, Ceiling, Signal, measured, written
from graphkit.words import Direction, Family, Subject

MINIMUM_TEXTS = 10
MINIMUM_AUTHORS = 3
# Effective number: one or two sentences are a greeting or a meme, as in the ring test (`minimum_texts`).
MINIMUM_FORMS = 3.0


def _measure(case: Case) -> pl.DataFrame:
    """The share of the ring's texts that stand in its script; n is the number of its texts.

    A text (normalised, of `script_keys` keys or more) is in the script when three or more members use it and
    at most `script_strangers` of its authors are strangers. Fewer than `MINIMUM_FORMS` different ones in
    effect are no script: 0. `expected` is the share of strangers' texts that three or more strangers use.
    Listed are the ring's texts, and strangers' uses of what members share.
    """
    settings = case.settings
    texts = _texts(case)
    ours = texts.filter(pl.col("ring_id").is_not_null())
    shared = (
        ours.group_by("ring_id", "form")
        .agg(pl.col("account_id").n_unique().cast(pl.Int64).alias("members"), pl.len().alias("uses"))
        .filter(pl.col("members") >= MINIMUM_AUTHORS)
    )
    foreign = texts.rename({"ring_id": "home"}).join(shared, on="form")
    foreign = foreign.filter(pl.col("home").is_null() | (pl.col("home") != pl.col("ring_id")))
    authors = foreign.group_by("ring_id", "form").agg(
        pl.col("account_id").n_unique().cast(pl.Int64).alias("strangers"), pl.col("event_id").alias("theirs")
    )
    strangers = pl.col("strangers").fill_null(0)
    script = shared.join(authors, on=["ring_id", "form"], how="left").with_columns(
        (strangers / (strangers + pl.col("members")) <= settings.script_strangers).alias("scripted")
    )
    several = (
        script.filter("scripted")
        .group_by("ring_id")
        .agg(pl.col("uses").map_batches(_different, returns_scalar=True, return_dtype=pl.Float64))
        .filter(pl.col("uses") >= MINIMUM_FORMS)["ring_id"]
    )
    theirs = script.explode("theirs", empty_as_null=True, keep_nulls=True).drop_nulls("theirs")
    uses = theirs.group_by("ring_id").agg(pl.col("theirs").unique().sort())
    return (
        ours.join(script.select("ring_id", "form", "scripted"), on=["ring_id", "form"], how="left")
        .sort("ring_id", "timestamp", "event_id")
        .group_by("ring_id", maintain_order=True)
        .agg(
            measured(
                (pl.col("scripted").fill_null(False) & pl.col("ring_id").is_in(several.implode())).mean(),
                pl.len(),
                pl.col("event_id"),
                pl.lit(_crowd(texts)),
            )
        )
        .filter(pl.col("n") >= MINIMUM_TEXTS)
        .join(uses, on="ring_id", how="left")
        .with_columns(pl.concat_list("event_ids", pl.col("theirs").fill_null([])).alias("event_ids"))
        .rename({"ring_id": "account_id"})
        .drop("theirs")
    )


def _different(uses: pl.Series) -> float:
    """How many different texts are used so often: the commonest, and the others in effect.

    Of one or two sentences others would be rare; to say one of them more often makes no script smaller.
    """
    return 1.0 + effective(uses.sort(descending=True)[1:])


def _texts(case: Case) -> pl.DataFrame:
    """Texts long enough: event_id, account_id, timestamp, ring_id (null for strangers) and form."""
    return (
        written(spoken(case.events))
        .filter(pl.col("keys") >= case.settings.script_keys)
        .select("event_id", "account_id", "timestamp", "form")
        .filter(pl.col("form") != "")
        .join(case.members.select("account_id", "ring_id"), on="account_id", how="left")
    )


def _crowd(texts: pl.DataFrame) -> float:
    """The share of strangers' texts that three or more strangers use."""
    strangers = texts.filter(pl.col("ring_id").is_null())
    common = (
        strangers.group_by("form")
        .agg(pl.len().alias("uses"), pl.col("account_id").n_unique().alias("authors"))
        .filter(pl.col("authors") >= MINIMUM_AUTHORS)
    )
    return float(common["uses"].sum()) / max(strangers.height, 1)


def _ceiling(settings: SignalSettings) -> Ceiling:
    return Ceiling(settings.script_moderate, settings.script_strong, settings.lockstep_times)


def _explain(value: float, n: int) -> str:
    if value == 0:
        return (
            f"its {n} longer texts hold no script: no texts, or little besides one or two sentences, are "
            "used by three or more members and hardly by others"
        )
    return (
        f"{100 * value:.0f} % of its {n} longer texts are used by three or more members and hardly by others"
    )


SIGNAL = Signal(
    name="shared_script",
    family=Family.COORDINATION,
    subject=Subject.RING,
    question="do its members use several texts that hardly anyone else uses?",
    unit="share of texts",
    direction=Direction.HIGH,
    minimum_n=MINIMUM_TEXTS,
    measure=_measure,
    explain=_explain,
    innocent=(
        "a petition, a prayer or a song that is copied on purpose",
        "a campaign whose supporters were given a text",
        "a button of the platform that fills in the text",
    ),
    ceiling=_ceiling,
)
