"""Trivial columns of an account, and how well a shallow tree tells planted accounts from others by them."""

import numpy as np
import polars as pl
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict
from sklearn.tree import DecisionTreeClassifier

from graphkit.simulate import World
from graphkit.words import Channel

_MARKS = {
    "links": "http",
    "dash": "—",
    "bold": r"\*\*",
    "lines": "\n",
    "asks": r"[?\uff1f]",
    "cries": r"[!\uff01]",
    "at": "@",
    "capital": "^[A-Z]",
    "ends": r"[.!?\u3002\uff01\uff1f]$",
    "emoji": "[\U0001f300-\U0001faff]",
}
FORM = (*_MARKS, "length", "length_spread")
EMPTY = ("no_target", "no_parent", "no_object", "no_text")
HOURS = ("hour_cos", "hour_sin")
MIX = tuple(f"in_{channel.value}" for channel in Channel)
# Compared with so many ordinary accounts of about as many events.
_PEERS = 5


def columns(events: pl.DataFrame) -> pl.DataFrame:
    """One row for each account. The hour is that of one of its events, drawn by its id: a mean of hours would
    say how long the account stayed, which is the plan's to decide."""
    text, angle = pl.col("text"), pl.col("timestamp").dt.hour().cast(pl.Float64) * (np.pi / 12)
    one = pl.col("event_id").hash(7).arg_min()
    share = {f"no_{name}": pl.col(column).is_null() for name, column in _COLUMNS.items()}
    share |= {name: text.str.contains(mark) for name, mark in _MARKS.items()}
    share |= {f"in_{channel.value}": pl.col("channel") == channel.value for channel in Channel}
    return (
        events.with_columns(pl.col("channel").cast(pl.String))
        .group_by("account_id")
        .agg(
            pl.len().cast(pl.Float64).alias("events"),
            angle.cos().get(one).alias("hour_cos"),
            angle.sin().get(one).alias("hour_sin"),
            text.str.len_chars().cast(pl.Float64).mean().alias("length"),
            text.str.len_chars().cast(pl.Float64).std().alias("length_spread"),
            *[is_so.cast(pl.Float64).mean().alias(name) for name, is_so in share.items()],
        )
        .sort("account_id")
    )


_COLUMNS = {"target": "target_id", "parent": "parent_id", "object": "object_id", "text": "text"}


def told_apart(worlds: list[World], known: list[str], without: tuple[str, ...] = ()) -> tuple[float, str]:
    """AUC of a tree of depth 3 on worlds that it has not seen, and the columns that it looks at."""
    table = pl.concat(_compared(world, known, number) for number, world in enumerate(worlds))
    names = [name for name in table.columns if name not in ("account_id", "planted", "world", *without)]
    values, planted = table.select(names).fill_null(-1.0).to_numpy(), table["planted"].to_numpy()
    tree = DecisionTreeClassifier(max_depth=3, min_samples_leaf=10, random_state=0)
    folds = StratifiedGroupKFold(min(4, len(worlds)))
    odds = cross_val_predict(tree, values, planted, groups=table["world"], cv=folds, method="predict_proba")
    tree.fit(values, planted)
    weights = zip(tree.feature_importances_, names, strict=True)
    seen = ", ".join(f"{name} {weight:.2f}" for weight, name in sorted(weights, reverse=True)[:3])
    return float(roc_auc_score(planted, odds[:, 1])), seen


def _compared(world: World, known: list[str], number: int) -> pl.DataFrame:
    """The planted members and, for each, ordinary accounts with about as many events."""
    roles = world.truth.select("account_id", "role").unique("account_id")
    table = columns(world.events).join(roles, on="account_id", how="left", maintain_order="left")
    table = table.filter(~pl.col("account_id").is_in(known))
    members = table.filter(pl.col("role").is_in(["member", "lookalike"]))
    others = table.filter(pl.col("role").is_null()).sort("events", "account_id")
    rng, counts = np.random.default_rng(number), others["events"].to_numpy()
    chosen: set[int] = set()
    for n in members["events"]:
        low, high = np.searchsorted(counts, [n * 0.87, n * 1.15])
        if high - low < 2 * _PEERS:
            low, high = max(0, low - _PEERS), min(len(counts), high + _PEERS)
        chosen |= set(rng.choice(np.arange(low, high), size=min(_PEERS, high - low), replace=False).tolist())
    return pl.concat(
        [
            members.drop("role").with_columns(pl.lit(1).alias("planted")),
            others[sorted(chosen)].drop("role").with_columns(pl.lit(0).alias("planted")),
        ]
    ).with_columns(pl.lit(number).alias("world"))
