"""Words that a group alone uses are no script: what still tells a community from a ring, by hand."""

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest

from graphkit.layers import CONTACTS, LAYERS
from graphkit.layers.base import coded
from graphkit.network.build import network
from graphkit.rings.guards import GUARDS
from graphkit.rings.hours import minutes_share
from graphkit.rings.receipts import receipts
from graphkit.rings.suspect import Suspect
from graphkit.settings import Settings
from graphkit.tables import EVENTS
from graphkit.text.spelling import spelled
from graphkit.words import Level, Strand

SETTINGS = Settings()
WORDS = ("zorplix", "blimfora", "quandexo")
# Three texts, of one word each.
SCRIPT = "the very same sentence about {} for everybody"
DAY_S = 86_400
# Second, account, whom it addresses, channel, object, text.
Said = tuple[float, str, str | None, str, str, str]


def suspect(rows: Sequence[Said]) -> Suspect:
    """The members m0 to m7 in a log of two hundred strangers, who each share a word with a neighbour.

    A stranger writes every 100 seconds of every day, for ten days, on the post or in the chat `big`.
    """
    kind, place = rows[0][3], "big"
    others: list[Said] = [
        (day * DAY_S + 100.0 * i, f"s{i:03d}", None, kind, place, f"good morning {_name(i // 2)}")
        for day in range(10)
        for i in range(200)
    ]
    schema = dict.fromkeys(("account_id", "target_id", "channel", "object_id", "text"), pl.String)
    log = pl.DataFrame([*others, *rows], schema={"second": pl.Float64, **schema}, orient="row")
    moment = (pl.col("second") * 1_000_000).cast(pl.Int64)
    events = EVENTS.check(
        log.sort("second", "account_id")
        .with_columns(
            (pl.lit("e") + pl.int_range(pl.len()).cast(pl.String).str.zfill(5)).alias("event_id"),
            pl.from_epoch(moment, time_unit="us").dt.replace_time_zone("UTC").alias("timestamp"),
            pl.lit(None, pl.String).alias("parent_id"),
        )
        .drop("second")
    )
    graph = network(coded(spelled(events)), LAYERS, CONTACTS, SETTINGS.network)
    codes = np.flatnonzero(graph.ids.str.starts_with("m").to_numpy()).astype(np.uint32)
    return Suspect(codes, receipts(graph, codes, SETTINGS.network), graph)


def _name(number: int) -> str:
    return "word" + "".join("abcdefghij"[int(digit)] for digit in f"{number:03d}")


def visits(
    places: Sequence[str],
    *,
    channel: str = "comment",
    said: str = "{} {}",
    whom: str | None = None,
    apart_s: float = 5.0,
) -> list[Said]:
    """All members come to each of `places`, one each day, with a word in turn and a number."""
    return [
        (
            day * DAY_S + 30_000.0 + apart_s * i,
            f"m{i}",
            whom if i else None,
            channel,
            place,
            said.format(WORDS[(day + i) % 3], 104_729 * (8 * day + i + 1)),
        )
        for day, place in enumerate(places)
        for i in range(8)
    ]


def seen(name: str, group: Suspect) -> float | None:
    """The number that a guard holds against its limit."""
    return next(one for one in GUARDS[Level.TIGHT] if one.name == name).number(group, SETTINGS.rings)


def test_its_words_do_not_hide_where_a_group_meets() -> None:
    # Six days in one chat, three quarters of an hour after each other: what they say alike weighs more than
    # that, and it is still one chat.
    group = suspect(visits(["big"] * 6, channel="group", apart_s=2600.0))
    assert group.shares[Strand.CONTENT] > group.shares[Strand.CHAT] > 0
    assert group.carried == {Strand.FEED: 0.0, Strand.CHAT: 1.0, Strand.RECIPIENT: 0.0}
    assert seen("chat_regulars", group) == pytest.approx(1.0)


def test_a_language_is_spoken_at_home() -> None:
    # Of five posts four are theirs alone: of 5 x 28 meetings four fifths. Two strangers on one of them leave
    # 8 of 10 who use the words, a third leaves 8 of 11, under three quarters: three fifths.
    own = ["a", "b", "c", "d", "big"]
    guests: list[Said] = [(50_000.0 + i, f"s{i:03d}", None, "comment", "a", "good morning") for i in range(3)]
    assert seen("own_posts", suspect(visits(own))) == pytest.approx(4 / 5)
    assert seen("own_posts", suspect([*visits(own), *guests[:2]])) == pytest.approx(4 / 5)
    assert seen("own_posts", suspect([*visits(own), *guests])) == pytest.approx(3 / 5)


def test_others_who_speak_it_are_at_home_as_well() -> None:
    # Three more fans who use a word of theirs make post a theirs again.
    own = ["a", "b", "c", "d", "big"]
    fans: list[Said] = [(50_000.0 + i, f"s{i:03d}", None, "comment", "a", f"oh {WORDS[i]}") for i in range(3)]
    assert seen("own_posts", suspect([*visits(own), *fans])) == pytest.approx(4 / 5)


def test_who_shares_words_must_come_within_the_hour() -> None:
    # All 6 x 28 pairs of comings are seconds apart: the lower limit of 168 of 168 is .025^(1 / 168).
    posts = ["a", "b", "c", "d", "e", "f"]
    assert seen("fellow_speakers", suspect(visits(posts))) == pytest.approx(0.025 ** (1 / 168))
    assert seen("fellow_speakers", suspect(visits(posts, said="see you {1}"))) is None


def test_many_words_are_a_language() -> None:
    # Three words of eight members, who come two minutes after each other.
    posts = ["a", "b", "c", "d", "e", "f"]
    assert seen("language", suspect(visits(posts, apart_s=120.0))) == pytest.approx(3 / 8)
    # Who comes within the minute is not asked, nor who has a script.
    assert seen("language", suspect(visits(posts))) is None
    assert seen("language", suspect(visits(posts, said=SCRIPT, apart_s=120.0))) is None


def replaced(one: Said, later_s: float) -> Said:
    """The same said later."""
    at, who, whom, channel, place, text = one
    return (at + later_s, who, whom, channel, place, text)


def test_who_follows_what_happens_writes_again() -> None:
    # Of eight members on six posts, two minutes apart, two write once more on two posts: of 48 comings four.
    posts = ["a", "b", "c", "d", "e", "f"]
    said = visits(posts, apart_s=120.0)
    once_more = [replaced(one, 3600.0) for one in said if one[1] in ("m1", "m2")][:4]
    assert seen("live", suspect(said)) == 0.0
    assert seen("live", suspect([*said, *once_more])) == pytest.approx(4 / 48)
    # On the last post, where three write once more, come eight strangers as well: of fifteen others seven are
    # members, so each of its eight comings counts 7 x 7 / 15, and each of the other forty 7. By comings alone
    # three of 48, of which the lesser counts.
    strangers = [(0.0, f"s{i}", "x", "comment", "f", "well") for i in range(8)]
    busy = [replaced(one, 3600.0) for one in said if one[4] == "f" and one[1] in ("m1", "m2", "m3")]
    among = 3 * 49 / 15 / (40 * 7 + 8 * 49 / 15)
    assert among < 3 / 48
    assert seen("live", suspect([*said, *busy, *strangers])) == pytest.approx(among)
    # Once more on the posts a and b, theirs alone, it is the other way round.
    assert seen("live", suspect([*said, *once_more, *strangers])) == pytest.approx(4 / 48)
    # Seven hours later it is no following, and within a minute of each other nobody is asked.
    later = [replaced(one, 7 * 3600.0) for one in said if one[1] == "m1"]
    assert seen("live", suspect([*said, *later])) == 0.0
    assert seen("live", suspect(visits(posts))) is None


def test_a_script_excuses_from_what_words_do_not() -> None:
    # Three texts of their own: all members write each of them.
    posts = ["a", "b", "c", "d", "e", "f"]
    script = visits(posts, said=SCRIPT)
    assert suspect(script).scripted(SETTINGS.rings.minimum_texts)
    assert seen("own_posts", suspect(script)) is None
    assert seen("fellow_speakers", suspect(script)) is None


def test_slogans_are_spoken_at_home_as_well() -> None:
    # Five minutes apart 7 + 6 of 28 pairs come within ten minutes: they are asked, and four of their five
    # posts are theirs alone. 200 s apart 7 + 6 + 5 do, more than half: a ring with a script.
    own = ["a", "b", "c", "d", "big"]
    fans = suspect(visits(own, said=SCRIPT, apart_s=300.0))
    assert fans.scripted(SETTINGS.rings.minimum_texts)
    assert minutes_share(fans) == pytest.approx(13 / 28)
    assert seen("own_posts", fans) == pytest.approx(4 / 5)
    ring = suspect(visits(own, said=SCRIPT, apart_s=200.0))
    assert minutes_share(ring) == pytest.approx(18 / 28)
    assert seen("own_posts", ring) is None
    # Of those who meet in chats nobody is asked.
    assert seen("own_posts", suspect(visits(own, channel="group", said=SCRIPT, apart_s=300.0))) is None


def test_a_ring_takes_its_slogans_to_others() -> None:
    # The same three strangers come to c and d, and 8 of 11 there use its texts: two of five posts are left,
    # half an hour apart as well as five minutes.
    own = ["a", "b", "c", "d", "big"]
    guests: list[Said] = [
        (50_000.0 + i, f"s{i:03d}", None, "comment", post, "good morning") for post in "cd" for i in range(3)
    ]
    for apart_s in (300.0, 1800.0):
        slogans = visits(own, said=SCRIPT, apart_s=apart_s)
        assert seen("own_posts", suspect([*slogans, *guests])) == pytest.approx(2 / 5)
    # Had one of the three copied a text of theirs elsewhere, 9 of 11 on c and on d would speak as they do.
    copied = SCRIPT.format(WORDS[0])
    fan: Said = (60_000.0, "s000", None, "comment", "elsewhere", copied)
    slogans = visits(own, said=SCRIPT, apart_s=300.0)
    assert seen("own_posts", suspect([*slogans, *guests, fan])) == pytest.approx(4 / 5)


def test_slogans_of_words_that_all_use_are_their_own() -> None:
    # Ten strangers use each word of four texts, so no word is theirs. Their own are the texts, and who
    # copies them speaks as they do: on four of five posts all who come, with three other guests on a three.
    texts = (
        "we all love rainy autumn here",
        "they never bring umbrellas downtown",
        "which bridge closes first",
        "our neighbours paint fences",
    )
    own = ["a", "b", "c", "d", "big"]
    slogans = [
        (*row[:5], texts[(i // 8 + i) % 4]) for i, row in enumerate(visits(own, said="{}", apart_s=300.0))
    ]
    spoken: list[Said] = [
        (70_000.0 + i, f"s{10 * number + i:03d}", None, "comment", "big", f"{word} {i}")
        for number, word in enumerate(" ".join(texts).split())
        for i in range(10)
    ]
    fans = suspect([*slogans, *spoken])
    assert len(fans.own_words) == 0
    assert fans.own_texts == 4
    assert seen("own_posts", fans) == pytest.approx(4 / 5)
    guests: list[Said] = [
        (50_000.0 + i, f"s{100 + i}", None, "comment", "a", "good morning") for i in range(3)
    ]
    assert seen("own_posts", suspect([*slogans, *spoken, *guests])) == pytest.approx(3 / 5)


def test_a_ring_alone_with_its_script_is_in_no_place_of_its_own() -> None:
    # Who pastes its script below posts that nobody else answers is alone there: four of five posts as above.
    own = ["a", "b", "c", "d", "big"]
    slogans = visits(own, said=SCRIPT, apart_s=300.0)
    many = [(*row[:2], f"of {row[4]}" if row[2] is None else row[2], *row[3:]) for row in slogans]
    assert seen("own_posts", suspect(many)) is None
    # Three of the five posts are one author's: a place.
    few = [(*row[:2], "idol" if row[4] in "abc" else row[2], *row[3:]) for row in many]
    assert seen("own_posts", suspect(few)) == pytest.approx(4 / 5)


def test_fans_come_to_one_author() -> None:
    # Six posts of one author are a fan club, whatever words they have; a seventh of another's leaves 6 of 7.
    posts = ["a", "b", "c", "d", "e", "f"]
    assert seen("fan_club", suspect(visits(posts, whom="idol"))) == 1.0
    assert seen("fan_club", suspect(_with_another([*posts, "g"]))) == pytest.approx(6 / 7)
    # So are fans with slogans. Those who meet in chats are not asked.
    assert seen("fan_club", suspect(visits(posts, whom="idol", said=SCRIPT))) == 1.0
    assert seen("fan_club", suspect(visits(posts, whom="idol", channel="group"))) is None


def _with_another(posts: Sequence[str]) -> list[Said]:
    """Visits to posts of one author, the last of another's."""
    rows = visits(posts, whom="idol")
    return [(*row[:2], "another" if row[2] and row[4] == posts[-1] else row[2], *row[3:]) for row in rows]


def test_people_in_chats_talk_to_each_other() -> None:
    # Seven address m0, 7 of 28 pairs, in two chats: too few for a chorus. On posts nobody is asked.
    chats = ["big", "other"] * 4
    assert seen("colleagues", suspect(visits(chats, channel="group", whom="m0"))) == pytest.approx(7 / 28)
    assert seen("colleagues", suspect(visits(chats, channel="group"))) == 0.0
    assert seen("colleagues", suspect(visits(chats, whom="m0"))) is None
