"""The other measures of coordination by name: their tables, their facts, and a sentence that sums them up."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from graphkit.coaction.coactions import coactions
from graphkit.coaction.cosine import cosine_network
from graphkit.coaction.inputs import read_shares
from graphkit.coaction.interval import coordination_interval
from graphkit.coaction.projection import validated_projection
from graphkit.coaction.sweep import quantile_sweep

Measured = tuple[dict[str, pl.DataFrame], dict[str, Any], str]


def measured(kind: str, file: Path, options: Mapping[str, Any]) -> Measured:
    """Tables, facts and sentence of a measure: sweep, interval, cosine or projection.

    `options` has what these take under the names that they have there.
    """
    if kind == "sweep":
        return _swept(file, options)
    shares = read_shares(file)
    if kind == "interval":
        return _interval(shares, options)
    return _cosine(shares, options) if kind == "cosine" else _projected(shares, options)


def _swept(file: Path, options: Mapping[str, Any]) -> Measured:
    made = coactions(file, window_s=options["window"], min_participation=options["min_participation"])
    sweep = quantile_sweep(made.edges)
    survivors = int((sweep.accounts["lowest_score"] >= 0.9).sum())
    said = f"{survivors:,} of {sweep.accounts.height:,} accounts survive to the quantile of .9"
    tables = {"levels": sweep.levels, "accounts": sweep.accounts, "left_out": made.left_out}
    return tables, dict(made.facts), said


def _interval(shares: pl.DataFrame, options: Mapping[str, Any]) -> Measured:
    found = coordination_interval(shares, **_some(options, "quantile", "share", "like"))
    said = "no interval: no object was shared twice"
    if found.interval_s is not None:
        fastest = f"the fastest {found.n_fastest:,} of {found.n_objects:,} objects"
        said = f"an interval of {found.interval_s:g} s, from {fastest}"
    facts = {"interval_s": found.interval_s, "second_share_s": found.second_share_s}
    return {"quantiles": found.quantiles, "windows": found.windows}, facts, said


def _cosine(shares: pl.DataFrame, options: Mapping[str, Any]) -> Measured:
    alike = cosine_network(shares, **_some(options, "min_shares", "top", "min_similarity"))
    said = f"{alike.edges.height:,} of {alike.n_similar:,} similar pairs of {alike.n_accounts:,} accounts"
    return {"edges": alike.edges, "left_out": alike.left_out}, {"threshold": alike.threshold}, said


def _projected(shares: pl.DataFrame, options: Mapping[str, Any]) -> Measured:
    valid = validated_projection(shares, null=str(options["null"]), alpha=options["alpha"])
    said = f"{valid.edges.height:,} of {valid.n_met:,} pairs that meet are not chance"
    return {"edges": valid.edges, "left_out": valid.left_out}, {"n_tests": valid.n_tests}, said


def _some(options: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: options[name] for name in names}
