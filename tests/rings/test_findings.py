"""Rings planted into a town are found whole, in any order of rows and under other ids; others are not."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl
import pytest

from graphkit.layers import CONTACTS, LAYERS
from graphkit.layers.base import coded
from graphkit.network.build import Network, network
from graphkit.rings.findings import Findings, findings
from graphkit.rings.receipts import receipts
from graphkit.rings.suspect import Suspect
from graphkit.rings.trial import Trial, trials
from graphkit.settings import Settings
from graphkit.tables import EVENTS
from graphkit.words import Level, Verdict

SETTINGS = Settings()
DAY = 86_400_000_000
# Thirty posts of thirty authors.
POSTS = list(range(0, 900, 31))


def town(seed: int, *, n_accounts: int = 400, n_events: int = 6000, n_posts: int = 900) -> pl.DataFrame:
    """People of unequal activity who comment on posts of 60 authors over ten days, independently."""
    random = np.random.default_rng(seed)
    activity = random.lognormal(0, 1, n_accounts)
    account = random.choice(n_accounts, n_events, p=activity / activity.sum())
    post = random.integers(0, n_posts, n_events)
    return pl.DataFrame(
        {
            "at": random.integers(0, 10 * DAY, n_events),
            "account_id": [f"p{i:04d}" for i in account],
            "object_id": [f"o{i}" for i in post],
            "target_id": [f"author{i % 60}" for i in post],
        }
    )


def squad(seed: int, posts: list[int], *, size: int, lag_s: float, share: float = 0.8) -> pl.DataFrame:
    """Accounts s00.. of whom most come to each of `posts` within `lag_s` of a common moment."""
    random = np.random.default_rng(seed)
    rows = []
    for post in posts:
        moment = int(random.integers(0, 10 * DAY))
        for i in np.flatnonzero(random.random(size) < share):
            at = moment + int(random.uniform(0, lag_s) * 1e6)
            rows.append((at, f"s{i:02d}", f"o{post}", f"author{post % 60}"))
    return pl.DataFrame(rows, schema=["at", "account_id", "object_id", "target_id"], orient="row")


def events(*parts: pl.DataFrame) -> pl.DataFrame:
    whole = pl.concat(parts).sort("at", "account_id", "object_id")
    return EVENTS.check(
        whole.with_columns(
            (pl.lit("e") + pl.int_range(pl.len()).cast(pl.String).str.zfill(6)).alias("event_id"),
            pl.from_epoch("at", time_unit="us").dt.replace_time_zone("UTC").alias("timestamp"),
            pl.lit("comment").alias("channel"),
            pl.lit(None, pl.String).alias("parent_id"),
            pl.lit(None, pl.String).alias("text"),
        )
    )


def found_in(
    log: pl.DataFrame,
    *,
    exempt: tuple[str, ...] = (),
    previous: pl.DataFrame | None = None,
    settings: Settings = SETTINGS,
) -> Findings:
    graph = network(coded(log), LAYERS, CONTACTS, settings.network)
    codes = np.flatnonzero(graph.ids.is_in(list(exempt)).to_numpy()).astype(np.uint32)
    return findings(graph, codes, settings, previous=previous)


@pytest.fixture(scope="module")
def people() -> pl.DataFrame:
    return town(5, n_accounts=2000, n_events=12_000)


@pytest.fixture(scope="module")
def planted() -> pl.DataFrame:
    return events(town(1), squad(2, POSTS, size=9, lag_s=40))


@pytest.fixture(scope="module")
def found(planted: pl.DataFrame) -> Findings:
    return found_in(planted)


def test_the_squad_is_found_and_nobody_else(found: Findings) -> None:
    assert found.rings.height == 1
    assert found.members["account_id"].to_list() == [f"s{i:02d}" for i in range(9)]
    ring = found.rings.row(0, named=True)
    assert (ring["n_members"], ring["kinds"], ring["channels"]) == (9, ["feed"], ["comment"])
    assert ring["q_value"] < SETTINGS.rings.q_value
    # All 36 pairs are on the backbone, and every member survives nearly every halving.
    assert ring["density"] == 1.0
    assert (found.members["stability"] >= 0.9).all()


def test_one_layer_alone_will_do(planted: pl.DataFrame, found: Findings) -> None:
    graph = network(coded(planted), [layer for layer in LAYERS if layer.name == "feed"], (), SETTINGS.network)
    alone = findings(graph, np.zeros(0, np.uint32), SETTINGS)
    assert alone.members["account_id"].equals(found.members["account_id"])


def test_a_receipt_names_two_events_that_met(found: Findings, planted: pl.DataFrame) -> None:
    receipt = found.pairs.row(0, named=True)
    both = planted.filter(pl.col("event_id").is_in([receipt["source_event_id"], receipt["target_event_id"]]))
    assert both["object_id"].n_unique() == 1
    assert set(both["account_id"]) == {receipt["source"], receipt["target"]}
    first, second = both["timestamp"].sort()
    assert receipt["gap_s"] == pytest.approx((second - first).total_seconds())
    assert receipt["met_on"] == f"post {both['object_id'][0]}"


def test_people_who_meet_by_chance_are_no_ring() -> None:
    nobody = found_in(events(town(3)))
    assert nobody.rings.is_empty()
    assert nobody.members.is_empty()


def test_few_who_meet_within_hours_are_no_ring() -> None:
    """Among many who come within hours six always meet more often than the rest; nine do not."""
    few = found_in(events(town(1), squad(2, POSTS * 2, size=6, lag_s=9000)))
    assert few.rings.is_empty()
    assert few.candidates["reason"].str.starts_with("few:").all()
    assert (few.candidates["observed"] == 6.0).all()
    assert found_in(events(town(1), squad(2, POSTS * 2, size=9, lag_s=9000))).members.height == 9


def test_whom_half_of_the_occasions_do_not_hold_beside_a_ring_is_not_of_it(planted: pl.DataFrame) -> None:
    """Each of four posts brings one account together with two members: most halvings leave less than half."""
    rows = [
        ((k + 1) * DAY // 2 + j * 500_000, who, f"o{3 + 37 * k}", f"author{(3 + 37 * k) % 60}")
        for k in range(4)
        for j, who in enumerate((f"s{2 * k:02d}", f"s{2 * k + 1:02d}", "passer"))
    ]
    passing = pl.DataFrame(rows, schema=["at", "account_id", "object_id", "target_id"], orient="row")
    log = events(
        planted.select(pl.col("timestamp").dt.epoch("us").alias("at"), *passing.columns[1:]), passing
    )
    # A meeting or two is enough to stand beside the ring ...
    eager = replace(SETTINGS.rings, attach_nats=1.0)
    anybody = found_in(log, settings=replace(SETTINGS, rings=replace(eager, stability=0.0)))
    assert anybody.members.filter(pl.col("account_id") == "passer")["stability"].item() < 0.5
    # ... and not to stay there.
    firm = found_in(log, settings=replace(SETTINGS, rings=eager))
    assert firm.members["account_id"].to_list() == [f"s{i:02d}" for i in range(9)]
    assert not set(firm.pairs["source"]).union(firm.pairs["target"]) - set(firm.members["account_id"])
    assert firm.rings["n_members"].item() == 9


def test_a_ring_of_a_hundred_is_not_lost_in_the_crowd_that_it_makes(people: pl.DataFrame) -> None:
    # 80 at a time within 40 s on twenty posts over ten days: crowds of 79, where 60 is the limit.
    large = squad(6, POSTS[:20], size=100, lag_s=40)
    whole = found_in(events(people, large))
    assert whole.rings.height == 1
    assert whole.members["account_id"].to_list() == sorted(large["account_id"].unique())
    # Each receipt is a meeting in such a crowd, with two events.
    assert whole.pairs["crowd"].min() > SETTINGS.network.crowd  # type: ignore[operator]
    assert whole.pairs.select("source_event_id", "target_event_id").null_count().row(0) == (0, 0)


def test_a_crowd_of_one_evening_or_beside_as_many_others_is_no_ring(people: pl.DataFrame) -> None:
    # The same hundred within one evening; and on ten days, but each time among 200 who come once.
    large = squad(6, POSTS[:20], size=100, lag_s=40)
    evening = large.with_columns(pl.col("at") % (DAY // 8))
    assert found_in(events(people, evening)).rings.is_empty()
    began = large.group_by("object_id", "target_id").agg(pl.col("at").min()).sort("object_id")
    passing = began.join(pl.DataFrame({"n": range(200)}), how="cross").select(
        pl.col("at") + pl.col("n") * 200_000,
        pl.format("once{}of{}", "n", "object_id").alias("account_id"),
        "object_id",
        "target_id",
    )
    assert found_in(events(people, large, passing)).rings.is_empty()


def test_fans_of_one_author_are_no_ring() -> None:
    # Nine accounts come within 40 s of each other, always to posts of author 7.
    fans = squad(4, [7 + 60 * i for i in range(15)] * 2, size=9, lag_s=40)
    assert found_in(events(town(3), fans)).rings.is_empty()


def test_the_account_that_a_ring_follows_is_not_flagged() -> None:
    # The squad comes within 40 s after each comment of one townsman.
    quarry = squad(2, POSTS, size=9, lag_s=40)
    first = quarry.group_by("object_id", "target_id").agg(pl.col("at").min() - 2_000_000)
    tailed = first.select("at", pl.lit("victim").alias("account_id"), "object_id", "target_id")
    found = found_in(events(town(1), quarry, tailed))
    assert found.rings.height == 1
    assert "victim" not in found.members["account_id"]
    assert found.members.height == 9


def test_whom_a_ring_follows_is_not_flagged_when_somebody_else_is_faster() -> None:
    # An eager reader comes to every post a second before the victim, whom the squad follows.
    quarry = squad(2, POSTS, size=9, lag_s=40)
    first = quarry.group_by("object_id", "target_id").agg(pl.col("at").min())
    before = [
        first.select(pl.col("at") - ahead, pl.lit(name).alias("account_id"), "object_id", "target_id")
        for name, ahead in (("eager", 3_000_000), ("victim", 2_000_000))
    ]
    found = found_in(events(town(1), quarry, *before))
    assert found.members["account_id"].to_list() == [f"s{i:02d}" for i in range(9)]


def test_disclosed_accounts_are_in_no_ring(planted: pl.DataFrame) -> None:
    found = found_in(planted, exempt=("s03",))
    assert found.members["account_id"].to_list() == [f"s{i:02d}" for i in range(9) if i != 3]


def test_shuffled_rows_give_the_same_tables(planted: pl.DataFrame, found: Findings) -> None:
    again = found_in(EVENTS.check(planted.sample(fraction=1.0, shuffle=True, seed=5)))
    for name in ("candidates", "rings", "members", "pairs"):
        assert getattr(again, name).equals(getattr(found, name)), name


def test_other_ids_give_the_same_ring(planted: pl.DataFrame, found: Findings) -> None:
    names = planted["account_id"].unique().sort()
    order = np.random.default_rng(9).permutation(len(names))
    renamed = dict(zip(names, [f"x{i:05d}" for i in order], strict=True))
    again = found_in(EVENTS.check(planted.with_columns(pl.col("account_id").replace_strict(renamed))))
    assert sorted(again.members["account_id"]) == sorted(
        renamed[name] for name in found.members["account_id"]
    )


def test_what_is_planted_elsewhere_changes_nothing_here(planted: pl.DataFrame, found: Findings) -> None:
    # A second town with its own posts, ten years later, and a squad of its own.
    other = events(town(6), squad(7, list(range(5, 900, 37)), size=12, lag_s=30))
    moved = other.with_columns(
        pl.col("timestamp") + pl.duration(days=3650),
        *(
            (pl.lit("z") + pl.col(name)).alias(name)
            for name in ("event_id", "account_id", "object_id", "target_id")
        ),
    )
    both = found_in(EVENTS.check(pl.concat([planted, moved])))
    here = both.members.filter(~pl.col("account_id").str.starts_with("z"))
    assert here["account_id"].to_list() == found.members["account_id"].to_list()
    assert both.members["ring_id"].n_unique() == 2


def test_a_ring_keeps_its_id_when_a_member_leaves(planted: pl.DataFrame, found: Findings) -> None:
    fewer = planted.filter(pl.col("account_id") != "s08")
    alone = found_in(fewer)
    assert alone.rings["ring_id"].to_list() != found.rings["ring_id"].to_list()
    continued = found_in(fewer, previous=found.members)
    assert continued.rings["ring_id"].to_list() == found.rings["ring_id"].to_list()
    assert set(continued.pairs["ring_id"]) == set(found.rings["ring_id"])


def test_every_candidate_says_what_decided(found: Findings) -> None:
    assert found.candidates.filter(pl.col("verdict") == Verdict.RING.value)["ring_id"].null_count() == 0
    strict = replace(SETTINGS, rings=replace(SETTINGS.rings, excess=1e9))
    log = events(town(1), squad(2, POSTS, size=9, lag_s=40))
    graph = network(coded(log), LAYERS, CONTACTS, strict.network)
    refused = findings(graph, np.zeros(0, np.uint32), strict)
    assert refused.rings.is_empty()
    row = refused.candidates.row(0, named=True)
    assert (row["verdict"], row["required"]) == ("unproved", 1e9)
    assert float(row["observed"]) > 3


def test_a_ring_that_no_pair_carries_is_found() -> None:
    # Eighteen accounts of which each comes to three posts in ten: two of them meet at about three.
    log = events(town(1), squad(2, POSTS, size=18, lag_s=40, share=0.3))
    thin = found_in(log)
    assert thin.rings.height == 1
    members = set(thin.members["account_id"])
    assert len(members & {f"s{i:02d}" for i in range(18)}) >= 15
    assert not any(name.startswith("p") for name in members)


def messages(*, answered: bool) -> pl.DataFrame:
    """Eight accounts that each write to most of 25 strangers within minutes; or whom those had written to."""
    random = np.random.default_rng(4)
    rows = []
    for stranger in range(25):
        moment = int(random.integers(DAY, 9 * DAY))
        for i in np.flatnonzero(random.random(8) < 0.8):
            if answered:
                rows.append((moment - 60_000_000, f"p{stranger:04d}", f"s{i:02d}"))
            rows.append((moment + int(random.uniform(0, 300) * 1e6), f"s{i:02d}", f"p{stranger:04d}"))
    for _ in range(3000):
        u, v = random.choice(400, 2, replace=False)
        rows.append((int(random.integers(0, 10 * DAY)), f"p{u:04d}", f"p{v:04d}"))
    private = pl.DataFrame(rows, schema=["at", "account_id", "target_id"], orient="row")
    talks = events(
        private.select("at", "account_id", pl.lit(None, pl.String).alias("object_id"), "target_id")
    )
    return EVENTS.check(talks.with_columns(pl.lit("dm").alias("channel")))


def test_accounts_that_write_to_the_same_strangers_are_a_ring() -> None:
    ring = found_in(messages(answered=False))
    assert ring.members["account_id"].to_list() == [f"s{i:02d}" for i in range(8)]
    assert ring.rings["kinds"].to_list() == [["recipient"]]


def test_a_desk_that_answers_those_who_wrote_to_it_is_none() -> None:
    small = replace(SETTINGS, rings=replace(SETTINGS.rings, thin_members=5))
    desk = found_in(messages(answered=True), settings=small)
    assert desk.rings.is_empty()
    # Nor are those who wrote to it, six of them to the same eight agents, who answered.
    assert any(reason.startswith("customers") for reason in desk.candidates["reason"])


def test_a_dense_group_that_was_written_to_first_is_a_service_desk() -> None:
    # Here each stranger wrote to one agent only, and the others of the desk write to the stranger unasked.
    private = messages(answered=False)
    first = (
        private.filter(pl.col("account_id").str.starts_with("s"))
        .group_by("target_id")
        .agg(pl.col("timestamp").min(), pl.col("account_id").sort_by("timestamp").first())
    )
    asked = first.select(
        (pl.lit("q") + pl.col("target_id")).alias("event_id"),
        pl.col("timestamp") - pl.duration(minutes=5),
        pl.lit("dm").cast(private.schema["channel"]).alias("channel"),
        pl.col("target_id").alias("account_id"),
        pl.col("account_id").alias("target_id"),
        *(pl.lit(None, pl.String).alias(name) for name in ("object_id", "parent_id", "text")),
    ).select(private.columns)
    desk = found_in(EVENTS.check(pl.concat([private, asked])))
    assert desk.rings.is_empty()
    assert any(reason.startswith("service_desk") for reason in desk.candidates["reason"])


def chat_log(rows: list[tuple[int, str, str]]) -> pl.DataFrame:
    """EVENTS of group chats from moments, accounts and chats."""
    written = pl.DataFrame(rows, schema=["at", "account_id", "object_id"], orient="row")
    whole = events(written.with_columns(pl.lit(None, pl.String).alias("target_id")))
    return EVENTS.check(whole.with_columns(pl.lit("group").alias("channel")))


def chats(seed: int, *, sittings: int) -> pl.DataFrame:
    """People who each write in three of forty chats; a cast of six, of whom most sit together at times."""
    random = np.random.default_rng(seed)
    homes = random.integers(0, 40, (300, 3))
    activity = random.lognormal(0, 1, 300)
    who = random.choice(300, 9000, p=activity / activity.sum())
    at = random.integers(0, 10 * DAY, 9000)
    rows = [
        (int(moment), f"p{i:04d}", f"c{homes[i, home]}")
        for moment, i, home in zip(at, who, random.integers(0, 3, 9000), strict=True)
    ]
    for _ in range(sittings):
        # A session is five minutes of the clock.
        moment = int(random.integers(0, 10 * DAY)) // 300_000_000 * 300_000_000
        chat = random.integers(0, 40)
        rows += [
            (moment + int(random.uniform(0, 240) * 1e6), f"s{i:02d}", f"c{chat}")
            for i in np.flatnonzero(random.random(6) < 0.6)
        ]
    return chat_log(rows)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_cast_too_small_for_a_thin_group_is_found_by_its_chorus(seed: int) -> None:
    # Eight sittings are too few for any pair of it to be on the backbone.
    log = chats(seed, sittings=8)
    few = replace(SETTINGS, rings=replace(SETTINGS.rings, thin_nats=SETTINGS.network.edge_nats))
    assert found_in(log, settings=few).rings.is_empty()
    cast = found_in(log)
    assert cast.members["account_id"].to_list() == [f"s{i:02d}" for i in range(6)]


def meetups(seed: int) -> pl.DataFrame:
    """Twenty people a day, twelve days, who come by the half hour and write in one of five chats by lot."""
    random = np.random.default_rng(seed)
    rows = []
    for day in range(12):
        activity = random.lognormal(0, 1, 20)
        for _ in range(300):
            i = random.choice(20, p=activity / activity.sum())
            hour = 3 * random.choice(8) + random.uniform(0, 0.5)
            chat = f"c{day}x{random.integers(5)}"
            begun = int(day * DAY + hour * 3.6e9)
            rows += [
                (begun + int((40 * k + random.uniform(0, 30)) * 1e6), f"p{day:02d}{i:02d}", chat)
                for k in range(3)
            ]
    return chat_log(rows)


def test_people_who_chat_where_whoever_is_about_chats_are_no_ring() -> None:
    # A day's chats lie within one bin of the expectation, so its busy people meet more often than it says.
    regulars = found_in(meetups(1))
    assert regulars.rings.is_empty()
    # Of the twenty, a third may well be in the same one of five chats: odds of 1 to 2, where 7.5 are asked.
    stopped = regulars.candidates.filter(pl.col("reason").str.starts_with("chat_clock"))
    assert stopped.height == regulars.candidates.height == 3
    assert stopped["observed"].is_between(1.0, 2.0).all()


def test_candidates_that_leaders_make_the_same_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    # Two groups that differ by whom the rest follow are the same group without them.
    log = events(town(1), squad(2, POSTS, size=8, lag_s=30))
    once = found_in(log)
    monkeypatch.setattr("graphkit.rings.findings.trials", lambda *given: [*trials(*given), *trials(*given)])
    twice = found_in(log)
    assert twice.candidates.equals(once.candidates)
    assert twice.members.equals(once.members)


@pytest.mark.parametrize("two", [False, True])
def test_a_group_that_passed_with_the_victim_makes_him_no_member(
    monkeypatch: pytest.MonkeyPatch, *, two: bool
) -> None:
    # The victim of a squad (or of two that come to other posts), and a group of all that passed beside it.
    parts = [squad(2, POSTS, size=9, lag_s=40)]
    if two:
        other = squad(3, [post + 7 for post in POSTS if post + 7 < 900], size=9, lag_s=40)
        parts.append(other.with_columns(pl.col("account_id").str.replace("s", "t")))
    first = pl.concat(parts).group_by("object_id", "target_id").agg(pl.col("at").min() - 2_000_000)
    tailed = first.select("at", pl.lit("victim").alias("account_id"), "object_id", "target_id")

    def both(graph: Network, exempt: npt.NDArray[np.uint32], settings: Settings) -> list[Trial]:
        found = trials(graph, exempt, settings)
        rings = [one for one in found if one.verdict is Verdict.RING]
        victim = graph.ids.is_in(["victim"]).arg_true().cast(pl.UInt32).to_numpy()
        everybody = np.unique(np.concatenate([victim, *(ring.suspect.codes for ring in rings)]))
        whole = Suspect(everybody, receipts(graph, everybody, settings.network), graph)
        return [*found, replace(rings[0], suspect=whole, level=Level.THIN)]

    monkeypatch.setattr("graphkit.rings.findings.trials", both)
    found = found_in(events(town(1), *parts, tailed))
    assert "victim" not in found.members["account_id"]
    assert found.members.height == (18 if two else 9)
    assert found.candidates.filter(verdict="ring")["n_members"].max() == (19 if two else 10)
