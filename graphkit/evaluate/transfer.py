"""Accounts moved into a platform of people: how many of them are found, and who around them is flagged."""

from typing import Any

import numpy as np
import polars as pl

from graphkit.errors import InputError
from graphkit.evaluate.false_flags import seen_of
from graphkit.evaluate.platforms import Platform, alone, at_or_above, stood, world
from graphkit.evaluate.together import ranks, reasons
from graphkit.judgement import Policy
from graphkit.settings import Settings
from graphkit.words import Tier

# Of its accounts so many are agents afterwards, and each has so many texts.
SHARE = 0.05
TEXTS = 20
_MARK = "moved "


def transferred(
    place: Platform, agents: Platform, others: pl.DataFrame, settings: Settings, rules: Policy, seed: int
) -> dict[str, Any]:
    """What came of agents among the people of `place`: counts of both by tier.

    `missed` says what the timing and texts of the other agents came to; `people_warned` has the lines of
    evidence of people at `warn` or above.

    Agents keep their channels, texts and pauses; all are moved by one span of time, so that the first of them
    begins with the platform. Nothing of them meets the people: each is judged by its own events. The agents
    may be people of another platform: then nobody of either may be among `others`.
    """
    able = _able(agents)
    if not able:
        raise InputError(
            f"`{agents.name}` has no account with {TEXTS} texts to move; give a longer log of agents"
        )
    n_moved = min(max(round(SHARE * place.accounts), 1), len(able))
    chosen = np.random.default_rng(seed).choice(len(able), size=n_moved, replace=False)
    moved = _moved(agents, place, [able[index] for index in sorted(chosen.tolist())])
    events = world([place.events, moved])
    placed = stood(events, others, settings)
    judgement = alone(events, placed, settings, rules)
    tiers = judgement.tiers
    is_agent = pl.col("account_id").str.starts_with(_MARK)
    unwarned = pl.col("tier") < Tier.WARN.value
    weighed = ranks(placed, rules)
    return {
        "agents": n_moved,
        "people": place.accounts,
        **{f"agents_{name}": n for name, n in at_or_above(tiers.filter(is_agent)).items()},
        **{f"people_{name}": n for name, n in at_or_above(tiers.filter(~is_agent)).items()},
        "missed": reasons(weighed, rules, tiers.filter(is_agent & unwarned)["account_id"].to_list()),
        "people_warned": seen_of(judgement, tiers.filter(~is_agent)["account_id"]),
    }


def _able(agents: Platform) -> list[str]:
    texts = agents.events.filter(pl.col("text").is_not_null()).group_by("account_id").len()
    return texts.filter(pl.col("len") >= TEXTS)["account_id"].sort().to_list()


def _moved(agents: Platform, place: Platform, chosen: list[str]) -> pl.DataFrame:
    mine = agents.events.filter(pl.col("account_id").is_in(chosen))
    names = ("event_id", "account_id", "target_id", "object_id", "parent_id")
    # One span for all, set in the log's own first moment.
    shift = place.events["timestamp"].min() - mine["timestamp"].min()  # type: ignore[operator]
    return mine.with_columns(
        (pl.col("timestamp") + pl.lit(shift)).alias("timestamp"),
        *[(pl.lit(_MARK) + pl.col(name)).alias(name) for name in names],
    )
