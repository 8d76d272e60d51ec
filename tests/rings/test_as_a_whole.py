"""What those who join a core show of it: a ring must pass the guards as a whole, too."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

from graphkit.layers import LAYERS
from graphkit.layers.base import coded
from graphkit.network.build import Network, network
from graphkit.rings.candidates import inside
from graphkit.rings.findings import Findings, findings
from graphkit.rings.grouping import Group, grouped
from graphkit.rings.receipts import receipts
from graphkit.rings.suspect import Suspect
from graphkit.rings.trial import Trial, trials
from graphkit.settings import Settings
from graphkit.tables import EVENTS
from graphkit.words import Level, Verdict

Codes = npt.NDArray[np.uint32]
SETTINGS = Settings()
DAY = 86_400_000_000
NOBODY = np.zeros(0, np.uint32)
Rows = list[tuple[int, str, str, str]]


def squad(name: str, posts: Iterable[int], *, size: int = 9) -> Rows:
    """Accounts of one name that come to each of `posts` within 40 s of a common moment, in any order."""
    random = np.random.default_rng(len(name) + ord(name[0]))
    rows = []
    for post in posts:
        moment = int(random.integers(0, 10 * DAY))
        for i in range(size):
            at = moment + int(random.uniform(0, 40e6))
            rows.append((at, f"{name}{i:02d}", f"o{post}", f"author{post % 60}"))
    return rows


def world(*squads: Rows) -> Network:
    """Four hundred people who comment on 900 posts of 60 authors over ten days, and squads; posts alone."""
    random = np.random.default_rng(1)
    account, post = random.integers(0, 400, 5000).tolist(), random.integers(0, 900, 5000).tolist()
    moments = random.integers(0, 10 * DAY, 5000).tolist()
    rows = [
        (at, f"p{i:04d}", f"o{k}", f"author{k % 60}") for at, i, k in zip(moments, account, post, strict=True)
    ]
    names = ["at", "account_id", "object_id", "target_id"]
    log = pl.DataFrame([*rows, *(row for rows in squads for row in rows)], schema=names, orient="row")
    events = EVENTS.check(
        log.sort(names).with_columns(
            (pl.lit("e") + pl.int_range(pl.len()).cast(pl.String).str.zfill(6)).alias("event_id"),
            pl.from_epoch("at", time_unit="us").dt.replace_time_zone("UTC").alias("timestamp"),
            pl.lit("comment").alias("channel"),
            *(pl.lit(None, pl.String).alias(name) for name in ("parent_id", "text")),
        )
    )
    feed = [layer for layer in LAYERS if layer.name == "feed"]
    return network(coded(events), feed, (), SETTINGS.network)


# Thirty posts of thirty authors, and thirty others.
POSTS, OTHERS = range(0, 900, 31), range(7, 900, 31)


@pytest.fixture(scope="module")
def one() -> Network:
    return world(squad("s", POSTS))


@pytest.fixture(scope="module")
def two() -> Network:
    return world(squad("s", POSTS), squad("t", OTHERS))


Asked = list[tuple[set[str], Level]]


def refusing(monkeypatch: pytest.MonkeyPatch, name: str) -> Asked:
    """Lets a guard end whatever group has the account `name` when it is asked as a whole; what was asked."""
    asked: Asked = []

    def guarded(suspect: Suspect, settings: Settings, level: Level) -> Trial | None:
        members = set(suspect.network.ids.gather(suspect.codes))
        asked.append((members, level))
        if name not in members:
            return None
        return Trial(suspect, Verdict.CIRCLE, "circle: as a whole", 0.75, 0.625, 1.0, level=level)

    monkeypatch.setattr("graphkit.rings.grouping.guarded", guarded)
    return asked


def of_name(found: Findings, name: str) -> dict[str, object]:
    """The one candidate that has this account."""
    return found.candidates.filter(pl.col("members").list.contains(name)).row(0, named=True)


def test_a_ring_that_fails_as_a_whole_is_none_and_says_why(
    monkeypatch: pytest.MonkeyPatch, one: Network
) -> None:
    ring = findings(one, NOBODY, SETTINGS)
    assert ring.rings["n_members"].to_list() == [9]
    asked = refusing(monkeypatch, "s00")
    found = findings(one, NOBODY, SETTINGS)
    assert asked == [({f"s{i:02d}" for i in range(9)}, Level.TIGHT)]
    assert found.rings.is_empty()
    assert found.members.is_empty()
    assert found.pairs.is_empty()
    # Its row says what the guard says; what it was found by, and its proof, are as they were.
    before, row = of_name(ring, "s00"), of_name(found, "s00")
    ended = {"ring_id": None, "verdict": "circle", "reason": "circle: as a whole"}
    assert row == {**before, **ended, "observed": 0.75, "required": 0.625}


def test_the_ring_beside_it_stays(monkeypatch: pytest.MonkeyPatch, two: Network) -> None:
    refusing(monkeypatch, "s00")
    found = findings(two, NOBODY, SETTINGS)
    assert found.members["account_id"].to_list() == [f"t{i:02d}" for i in range(9)]
    assert set(found.pairs["ring_id"]) == {found.rings["ring_id"].item()}
    row, other = of_name(found, "s00"), of_name(found, "t00")
    assert (row["verdict"], row["ring_id"]) == ("circle", None)
    assert (other["verdict"], other["ring_id"]) == ("ring", found.rings["ring_id"].item())


def test_a_smaller_group_of_a_ring_that_is_none_is_tried_by_itself(
    monkeypatch: pytest.MonkeyPatch, one: Network
) -> None:
    # The nine fail as a whole for s03; six of them without s03 passed as well.
    def with_six(graph: Network, exempt: Codes, settings: Settings) -> list[Trial]:
        found = trials(graph, exempt, settings)
        ring = next(trial for trial in found if trial.verdict is Verdict.RING)
        six = ring.suspect.codes[[0, 1, 2, 4, 5, 6]]
        part = Suspect(six, inside(ring.suspect.receipts, six), graph)
        return [*found, replace(ring, suspect=part)]

    monkeypatch.setattr("graphkit.rings.findings.trials", with_six)
    monkeypatch.setattr("graphkit.rings.grouping._periphery", lambda *_: NOBODY)
    refusing(monkeypatch, "s03")
    found = findings(one, NOBODY, SETTINGS)
    assert found.members["account_id"].to_list() == ["s00", "s01", "s02", "s04", "s05", "s06"]
    assert sorted(found.candidates["verdict"]) == ["circle", "ring"]


@pytest.mark.parametrize(
    ("level", "asked_as"),
    [(Level.TIGHT, Level.TIGHT), (Level.THIN, Level.TIGHT), (Level.SWARM, Level.SWARM)],
    ids=lambda level: level.value,
)
def test_a_thin_group_is_asked_as_a_tight_one_and_a_swarm_as_a_swarm(
    monkeypatch: pytest.MonkeyPatch, one: Network, level: Level, asked_as: Level
) -> None:
    def at_level(graph: Network, exempt: Codes, settings: Settings) -> list[Trial]:
        return [replace(trial, level=level) for trial in trials(graph, exempt, settings)]

    monkeypatch.setattr("graphkit.rings.findings.trials", at_level)
    asked = refusing(monkeypatch, "nobody")
    assert findings(one, NOBODY, SETTINGS).rings.height == 1
    assert [level for _, level in asked] == [asked_as]


def test_fans_who_join_a_ring_make_it_a_fan_club(monkeypatch: pytest.MonkeyPatch) -> None:
    # Nine meet on thirty posts of thirty authors; six others, told to be beside them, on fifteen of one more
    # author: a third of 45 posts are his. Of the posts of the core alone no author has more than one.
    graph = world(squad("s", POSTS), squad("fan", range(7, 900, 60), size=6))
    fans = graph.ids.str.starts_with("fan").arg_true().cast(pl.UInt32).to_numpy()

    def with_fans(_group: Group, _found: pl.DataFrame, _network: Network, _settings: Settings) -> Codes:
        return fans

    monkeypatch.setattr("graphkit.rings.grouping._periphery", with_fans)
    strict = replace(SETTINGS.rings, top_author_share=0.3)
    joined = findings(graph, NOBODY, replace(SETTINGS, rings=replace(strict, stability=0.0)))
    assert joined.rings.is_empty()
    row = of_name(joined, "s00")
    assert (row["verdict"], row["n_members"], row["required"]) == ("lookalike", 9, 0.3)
    assert row["reason"] == "fan_club: they meet at the posts of one author"
    assert row["observed"] == pytest.approx(15 / 45)
    # They never met the core: who must be held by half of the occasions does not join, and is not asked.
    alone = findings(graph, NOBODY, replace(SETTINGS, rings=strict))
    assert alone.members["account_id"].to_list() == [f"s{i:02d}" for i in range(9)]
    assert of_name(alone, "s00")["verdict"] == "ring"


def test_what_a_tighter_ring_leaves_of_a_group_is_none_and_says_how_many(two: Network) -> None:
    ring, other = trials(two, NOBODY, SETTINGS)
    # Five of the one and four of the other: the tighter ring keeps its five, and five are needed.
    mixed = np.union1d(ring.suspect.codes[:5], other.suspect.codes[:4]).astype(np.uint32)
    loose = replace(other, suspect=Suspect(mixed, receipts(two, mixed, SETTINGS.network), two))
    groups, refused = grouped(two, [loose, ring], NOBODY, SETTINGS)
    assert [group.core.tolist() for group in groups] == [ring.suspect.codes.tolist()]
    told = refused[id(loose)]
    assert told.reason == "its members belong to a tighter ring"
    assert (told.verdict, told.observed, told.required) == (Verdict.UNPROVED, 4.0, 5.0)


def test_who_meets_too_seldom_is_no_ring_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch, one: Network
) -> None:
    monkeypatch.setattr("graphkit.rings.grouping._met_often", lambda codes, *_: codes[:3])
    row = of_name(findings(one, NOBODY, SETTINGS), "s00")
    assert row["reason"] == "its members met on too few occasions"
    assert (row["verdict"], row["observed"], row["required"]) == ("unproved", 3.0, 5.0)
