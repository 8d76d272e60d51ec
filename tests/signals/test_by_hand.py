"""Signals on events few enough to count."""

import random
from collections.abc import Sequence
from datetime import timedelta

import polars as pl
import pytest
from casework import LETTERS, NOON, WORDS, Row, answers, case, graded, ring, sentence, table

from graphkit.ring_settings import RingSettings
from graphkit.signals import (
    chorus,
    heartbeat,
    length_variation,
    lockstep,
    notices,
    output_rate,
    prompt_leak,
    provenance,
    self_reuse,
    shared_beneficiary,
    shared_script,
    style,
    waking,
)
from graphkit.signals.base import written
from graphkit.tables import ACCOUNTS, EVENTS
from graphkit.text.spelling import spelled


def test_novelty_counts_five_letters_in_a_row_the_first_time_only() -> None:
    rows: list[Row] = [
        (0, "ann", None, "abcdefg"),  # abcde bcdef cdefg: all new
        (10, "ann", None, "abcdexy"),  # abcde is old, bcdex cdexy are new
        (20, "bob", None, "abcdefg"),  # new to bob
        (30, "ann", None, "aaaaaaa"),  # aaaaa three times: new once
        (45, "ann", None, "abc"),  # too short to have a 5-gram
    ]
    own = written(table(rows))
    assert own["novelty"].to_list() == pytest.approx([1.0, 2 / 3, 1.0, 1 / 3, None])
    assert own["gap_s"].to_list() == [None, 10.0, None, 20.0, 15.0]
    assert own["keys"].to_list() == [7, 7, 7, 7, 3]


def test_parts_of_events_that_were_spelled_once_are_written_the_same() -> None:
    rows: list[Row] = [(10.0 * step, "ann", "o1", f"As an AI language model {step} I") for step in range(6)]
    whole = spelled(table(rows))
    assert whole["leaks"].to_list() == [1] * 6
    assert spelled(whole) is whole
    for part in (slice(0, 3), slice(3, 6)):
        again = written(table(rows)[part])
        assert written(whole[part]).select(again.columns).equals(again)


def twenty_letters(step: int) -> str:
    """Twenty letters in an order that no other step has."""
    return "".join(random.Random(step).choices(LETTERS, k=20))


def test_output_rate_is_the_median_of_new_keys_a_second() -> None:
    # Twelve texts of 20 new keys: the first has no pause; six of 10 s (2 keys/s), five of 5 s (4 keys/s).
    at = [0, 10, 20, 30, 40, 50, 60, 65, 70, 75, 80, 85]
    rows: list[Row] = [(moment, "ann", "o1", twenty_letters(step)) for step, moment in enumerate(at)]
    assert answers(output_rate.SIGNAL, case(table(rows))) == {"ann": (2.0, 11)}


def test_output_rate_counts_neither_long_pauses_nor_copies() -> None:
    copies: list[Row] = [(10.0 * step, "cut", "o1", twenty_letters(0)) for step in range(20)]
    slow: list[Row] = [(301.0 * step, "slow", "o1", twenty_letters(step)) for step in range(20)]
    assert answers(output_rate.SIGNAL, case(table(copies + slow))) == {}


def test_output_rate_of_a_clock_of_whole_minutes_is_absent() -> None:
    rows: list[Row] = [(60.0 * step, "ann", "o1", twenty_letters(step)) for step in range(20)]
    assert answers(output_rate.SIGNAL, case(table(rows))) == {}
    later: list[Row] = [(at + 30.0, name, thread, text) for at, name, thread, text in rows]
    # 20 keys in 60 s, nineteen times.
    assert answers(output_rate.SIGNAL, case(table(later)))["ann"] == pytest.approx((1 / 3, 19))


def test_length_variation_is_the_spread_of_lengths_over_their_mean() -> None:
    chance = random.Random(1)
    # Ten texts of 10 letters and ten of 30: mean 20, standard deviation 10.
    texts = ["".join(chance.choices(LETTERS, k=10 if step % 2 else 30)) for step in range(20)]
    longest = "".join(chance.choices(LETTERS, k=60))
    rows: list[Row] = [(9.0 * step, "ann", "o1", text) for step, text in enumerate(texts)]
    rows.append((500, "bob", "o1", longest))
    rows.append((600, "ann", "o1", texts[0]))  # a copy: not counted
    assert answers(length_variation.SIGNAL, case(table(rows))) == {"ann": (0.5, 20)}


def test_length_variation_is_void_where_the_platform_cuts() -> None:
    rows: list[Row] = [(9.0 * step, "ann", "o1", twenty_letters(step)) for step in range(25)]
    assert answers(length_variation.SIGNAL, case(table(rows))) == {}


def test_heartbeat_finds_a_timer_and_no_chance() -> None:
    chance = random.Random(2)
    timer: list[Row] = [(1200.0 * beat + chance.random(), "timer", "o1", None) for beat in range(40)]
    at = 0.0
    person: list[Row] = []
    for _ in range(40):
        at += chance.expovariate(1 / 1200)
        person.append((at, "ann", "o1", None))
    found = answers(heartbeat.SIGNAL, case(table(timer + person)))
    # Every pause is 1200 s to within a second.
    assert found["timer"] == (1.0, 40)
    assert found["ann"][0] == 0.0


def test_heartbeat_leaves_posts_aside() -> None:
    rows: list[Row] = [(1200.0 * beat, "timer", "o1", None) for beat in range(40)]
    assert answers(heartbeat.SIGNAL, case(table(rows, channel="post"))) == {}


def test_hour_ceiling_counts_different_seconds_of_the_busiest_hour() -> None:
    # Ten in one hour (two of them in the same second), and three an hour and a half later.
    at = [0.0, 0.2, *range(1, 10), 5400.0, 5401.0, 5402.0]
    rows: list[Row] = [(moment, "ann", f"o{place}", None) for place, moment in enumerate(at)]
    assert answers(waking.HOUR_CEILING, case(table(rows))) == {"ann": (10.0, 14)}
    assert answers(waking.HOUR_CEILING, case(table(rows, channel="reaction"))) == {}


def test_hour_ceiling_takes_a_word_for_a_tap() -> None:
    # Eleven texts of 14 keys, twelve of 15 (five Chinese characters take as many), one that nobody knows.
    texts: list[str | None] = [*["lol so true ok"] * 11, *["lol, so true ok"] * 11, "多啦多啦啊", None]
    rows: list[Row] = [(31.0 * step, "ann", "o1", text) for step, text in enumerate(texts)]
    assert answers(waking.HOUR_CEILING, case(table(rows))) == {"ann": (13.0, 13)}


def test_hour_ceiling_takes_the_lines_of_one_turn_in_a_chat_for_one() -> None:
    # Five lines, 7 s apart, in each of 48 minutes: all in its first half, a turn. 8 s apart the fifth of them
    # begins another.
    for apart_s, turns in ((7, 48.0), (8, 96.0)):
        at = [60.0 * minute + apart_s * line for minute in range(48) for line in range(5)]
        lines: list[Row] = [(moment, "ann", "chat", f"this is my line {i}") for i, moment in enumerate(at)]
        assert answers(waking.HOUR_CEILING, case(table(lines))) == {"ann": (turns, 240)}
    # Whoever goes round in thirty chats, a line a second, has a turn in each of them every half minute.
    around: list[Row] = [(float(at), "ann", f"chat{at % 30}", f"this is my line {at}") for at in range(900)]
    assert answers(waking.HOUR_CEILING, case(table(around))) == {"ann": (900.0, 900)}
    # As many, each under a post of its own, are turns all.
    posts: list[Row] = [(15.0 * step, "ann", f"o{step}", f"this is my line {step}") for step in range(240)]
    assert answers(waking.HOUR_CEILING, case(table(posts))) == {"ann": (240.0, 240)}
    # What belongs to no object is in one place: two of them in each half minute.
    nowhere: list[Row] = [(at, ann, None, text) for at, ann, _, text in posts]
    assert answers(waking.HOUR_CEILING, case(table(nowhere))) == {"ann": (120.0, 240)}


def test_awake_is_the_longest_stretch_without_a_pause_of_four_hours() -> None:
    # An event each three hours for 27 hours; five hours of sleep; two more events.
    hours = [*range(0, 28, 3), 32, 33]
    rows: list[Row] = [(3600.0 * hour, "ann", "o1", None) for hour in hours]
    assert answers(waking.AWAKE, case(table(rows))) == {"ann": (27.0, 12)}
    assert answers(waking.AWAKE, case(table(rows[:10]))) == {}


def test_style_spares_the_dash_of_other_scripts_than_latin() -> None:
    # In Russian a dash stands for "is"; a word of another script among them changes nothing.
    spared = [
        "Москва — столица России, это знают все",
        "iPhone — это телефон, а не религия",
        "η Αθήνα — η πρωτεύουσα της Ελλάδας",
    ]
    marked = ["The river — quiet and wide — is Волга"]
    rows: list[Row] = [(9.0 * step, "ann", "o1", text) for step, text in enumerate(spared * 5 + marked)]
    assert answers(style.SIGNAL, case(table(rows)))["ann"] == pytest.approx((1 / 16, 16))


def test_style_counts_marks_and_spares_the_chinese_dash() -> None:
    marked = [
        "The river — quiet and wide",
        "A **bold** claim about rivers",
        "Great point about the rivers!",
        "## Rivers of the far north",
    ]
    plain = ["nothing to see in this text", "我喜欢——你知道的——秋天的河"] * 4
    rows: list[Row] = [(9.0 * step, "ann", "o1", text) for step, text in enumerate(marked + plain)]
    assert answers(style.SIGNAL, case(table(rows)))["ann"] == pytest.approx((4 / 12, 12))


def test_prompt_leak_needs_two_texts_and_counts_objects() -> None:
    leak = "As an AI language model I cannot taste"
    rows: list[Row] = [
        (0, "ann", "o1", leak),
        (9, "ann", "o2", "作为一个AI语言模型，我没有味觉"),
        (18, "bob", "o1", leak),
        (27, "cid", "o1", "> As an AI language model\nwho says so?"),
        (36, "cid", "o2", 'he said "as an AI language model" again'),
    ]
    assert answers(prompt_leak.SIGNAL, case(table(rows))) == {"ann": (2.0, 2)}


def test_a_slot_that_many_hold_belongs_to_the_platform() -> None:
    # Five accounts hold {{dropped}}, four hold {{see above}}; in double braces the first is the platform's.
    held: list[Row] = [
        (9.0 * step, name, f"o{step}", f"so I wrote {step} times {slot}")
        for slot, names in (("{{dropped}}", "abcde"), ("{{see above}}", "uvwx"))
        for name in names
        for step in range(2)
    ]
    assert set(answers(prompt_leak.SIGNAL, case(table(held)))) == set("uvwx")
    # A fifth and a sixth who hold it are one with two others when they are members of one ring.
    more: list[Row] = [(9.0, name, f"o{step}", "So {{See above}}!") for name in "yz" for step in range(2)]
    assert set(answers(prompt_leak.SIGNAL, case(table(held + more)))) == set()
    assert set(answers(prompt_leak.SIGNAL, case(table(held + more), ring("xyz")))) == set("uvwxyz")
    # Beside the platform's slot an own phrase still counts, and what models leave is nobody's platform.
    own: list[Row] = [(1.0, "a", f"p{step}", "As an AI language model I {{dropped}}") for step in range(2)]
    many: list[Row] = [(2.0, name, f"q{step}", "Dear [Your Name]") for name in "klmno" for step in range(2)]
    assert set(answers(prompt_leak.SIGNAL, case(table(held + own + many)))) == set("auvwxklmno")
    # Nor is what asks for a name, whoever holds it.
    asked: list[Row] = [(2.0, name, f"q{step}", "Hi {{First_Name}}") for name in "klmno" for step in range(2)]
    assert set(answers(prompt_leak.SIGNAL, case(table(asked)))) == set("klmno")


def test_self_reuse_counts_repeats_of_longer_texts() -> None:
    texts = ["Come and see my little shop today!", "come and see my little shop, today"] * 5 + ["thanks"] * 9
    rows: list[Row] = [(9.0 * step, "ann", "o1", text) for step, text in enumerate(texts)]
    # Ten longer texts, all of one form: nine repeats.
    assert answers(self_reuse.SIGNAL, case(table(rows))) == {"ann": (0.9, 10)}


LINK = "https://bugs.example.org/show?id=7"
NOTICE = f"(mod) Search: results are cut - {LINK} (+comment)"


def announced(texts: list[str], **columns: str | None) -> dict[str, tuple[float, int]]:
    """The answers about ann, who wrote `texts` to a group, with `columns` set throughout."""
    rows: list[Row] = [(9.0 * step, "ann", "g1", text) for step, text in enumerate(texts)]
    set_all = [pl.lit(value, pl.String).alias(name) for name, value in columns.items()]
    return answers(notices.SIGNAL, case(EVENTS.check(table(rows, channel="group").with_columns(set_all))))


def test_notices_hold_a_link_and_address_nobody() -> None:
    # Of four texts the first is a notice; the others have no link, or begin with a name.
    kinds = [NOTICE, "(mod) Search: results are cut", f"bob: see {LINK}", f"@bob {LINK}"]
    assert announced(kinds * 5) == {"ann": (0.25, 20)}
    # A name that was picked from a list is a name.
    assert announced([f"<@U12|bob> {LINK}", f"[id12|Боб], {LINK}"] * 10) == {"ann": (0.0, 20)}
    # Nineteen texts are too few.
    assert announced([NOTICE] * 19) == {}
    # A link that a text begins with is no name, and a name within the text addresses nobody.
    assert announced([f"{LINK} by bob: done", "www.example.org/7"] * 10) == {"ann": (1.0, 20)}
    # What is quoted is another's link; a comma after a name does as well as a colon.
    assert announced([f"> {NOTICE}\nno idea", f"bob, {LINK}"] * 10) == {"ann": (0.0, 20)}


@pytest.mark.parametrize(
    "columns",
    [{"target_id": "bob"}, {"parent_id": "e00000"}, {"channel": "dm"}, {"channel": "comment"}],
    ids=["target", "parent", "message", "comment"],
)
def test_what_answers_somebody_is_no_notice(columns: dict[str, str | None]) -> None:
    assert announced([NOTICE] * 20) == {"ann": (1.0, 20)}
    assert announced([NOTICE] * 20, **columns) == {"ann": (0.0, 20)}


def test_notices_are_a_finding_from_nine_in_ten_on_and_never_strong() -> None:
    for talk, grade in ((0, "moderate"), (2, "moderate"), (3, "none")):
        texts = [NOTICE] * (20 - talk) + ["good morning"] * talk
        rows: list[Row] = [(9.0 * step, "ann", "g1", text) for step, text in enumerate(texts)]
        of = case(table(rows, channel="group"), ring(["ann"]))
        found = graded(of, [notices.SIGNAL])
        assert found.select("account_id", pl.col("grade").cast(pl.String), "n").rows() == [("ann", grade, 20)]
        assert found["event_ids"].list.len().to_list() == [20]
        assert "it announces, it does not converse" in found["explanation"].item()


def volleys(*, gap_s: float = 1.0, threads: int = 10) -> list[Row]:
    """Three members act on each of so many threads, in the order a, b, c."""
    return [
        (1000.0 * thread + gap_s * place, name, f"o{thread}", None)
        for thread in range(threads)
        for place, name in enumerate("abc")
    ]


def test_lockstep_counts_those_that_follow_two_fellows_within_two_seconds() -> None:
    # a is always first and b and c follow within 2 s: b has a before it and c behind it.
    found = lockstep.LOCKSTEP.measure(case(table(volleys()), ring("abc")))
    assert dict(found.select("account_id", "value").rows()) == {"a": 0.0, "b": 1.0, "c": 1.0}
    # Nobody else is there to be held against.
    assert found["expected"].to_list() == [None, None, None]
    # At 2.5 s from one to the next there is nobody near enough.
    slow = lockstep.LOCKSTEP.measure(case(table(volleys(gap_s=2.5)), ring("abc")))
    assert slow["value"].to_list() == [0.0, 0.0, 0.0]


def test_lockstep_of_two_members_is_a_coincidence() -> None:
    assert set(lockstep.LOCKSTEP.measure(case(table(volleys()), ring("ab")))["value"]) == {0.0}


def test_a_victim_that_is_tailed_is_not_in_lockstep() -> None:
    tailed = [(at, {"a": "victim"}.get(name, name), thread, text) for at, name, thread, text in volleys()]
    found = answers(lockstep.LOCKSTEP, case(table(tailed), ring(["victim", "b", "c"])))
    assert found["victim"] == (0.0, 10)


def test_of_one_moment_nobody_is_the_earlier_one() -> None:
    # All three in the same second, ten times, in the order of their ids: none of them followed another.
    together = [(float(int(at)), name, thread, text) for at, name, thread, text in volleys(gap_s=0.1)]
    found = lockstep.LOCKSTEP.measure(case(table(together), ring("abc")))
    assert dict(found.select("account_id", "value").rows()) == {"a": 0.0, "b": 0.0, "c": 0.0}
    # Half a second after it c has two of them before it.
    later = [(at + 0.5 * (name == "c"), name, thread, text) for at, name, thread, text in together]
    found = lockstep.LOCKSTEP.measure(case(table(later), ring("abc")))
    assert dict(found.select("account_id", "value").rows()) == {"a": 0.0, "b": 0.0, "c": 1.0}


def test_the_crowd_is_set_against_lockstep() -> None:
    crowd: list[Row] = [
        (1000.0 * thread + 0.1 * place, f"s{place}", f"o{thread}", None)
        for thread in range(10)
        for place in range(5)
    ]
    found = lockstep.LOCKSTEP.measure(case(table(volleys() + crowd), ring("abc")))
    # Of five strangers in half a second four follow another one.
    assert found["expected"].unique().to_list() == [pytest.approx(0.8)]


def test_ring_lockstep_is_the_median_spread_of_sessions() -> None:
    rows = volleys(threads=6) + volleys(gap_s=4.0, threads=5)
    shifted = [(at + 300.0 * (index >= 18), *rest) for index, (at, *rest) in enumerate(rows)]
    found = answers(lockstep.RING_LOCKSTEP, case(table([tuple(row) for row in shifted]), ring("abc")))  # type: ignore[misc]
    # Six sessions of 2 s and five of 8 s.
    assert found == {"r1": (2.0, 11)}


SCRIPT = ("the glowing violet engine sings", "seven copper bridges hum at night", "a quiet lamp knows it all")


def script_and_greeting(script: Sequence[str]) -> list[Row]:
    """Three members say each text of a script, a greeting that four strangers say too, and six texts more."""
    greeting = "happy new year to everyone here"
    rows: list[Row] = [
        (99.0 * text + 9.0 * place, name, "o1", said)
        for text, said in enumerate(script)
        for place, name in enumerate("abc")
    ]
    rows += [(499 + 9.0 * place, name, "o1", greeting) for place, name in enumerate("abcstuv")]
    return rows + [(999 + 9.0 * place, "a", "o1", sentence(random.Random(place), 6)) for place in range(6)]


def test_shared_script_counts_what_members_share_and_strangers_do_not() -> None:
    found = shared_script.SIGNAL.measure(case(table(script_and_greeting(SCRIPT)), ring("abc")))
    # Nine texts of the script among eighteen; the greeting has four strangers among seven authors.
    assert found.select("account_id", "value", "n").rows() == [("r1", 0.5, 18)]
    # All four of the strangers' texts are used by three or more of them.
    assert found["expected"].to_list() == [1.0]
    assert found["event_ids"].list.len().to_list() == [22]


def test_one_or_two_sentences_are_no_script() -> None:
    two = script_and_greeting(SCRIPT[:2])
    found = shared_script.SIGNAL.measure(case(table(two), ring("abc")))
    assert found.select("value", "n").rows() == [(0.0, 15)]
    # A script stays one however often one of its texts is said: 12, 3 and 3 are the first and two in effect.
    first, second = (
        [(5000.0 + place, "abc"[place % 3], "o1", text) for place in range(9)] for text in SCRIPT[:2]
    )
    one = script_and_greeting(SCRIPT) + first
    assert answers(shared_script.SIGNAL, case(table(one), ring("abc"))) == {"r1": (18 / 27, 27)}
    # Of 12, 12 and 3 the others are 15^2 / (12^2 + 3^2) = 1.5 in effect.
    both = one + second
    assert answers(shared_script.SIGNAL, case(table(both), ring("abc"))) == {"r1": (0.0, 36)}
    assert shared_script.SIGNAL.explain(0.0, 36).startswith("its 36 longer texts hold no script")
    assert RingSettings().minimum_texts == shared_script.MINIMUM_FORMS


def test_shared_beneficiary_is_the_share_of_the_account_that_most_is_aimed_at() -> None:
    rows: list[Row] = [(9.0 * step, "abc"[step % 3], "o1", None) for step in range(24)]
    rows += [(999 + step, "stranger", "o1", None) for step in range(4)]
    order = pl.col("event_id").str.tail(5).cast(pl.Int64)
    target = (
        pl.when(order < 18).then(pl.lit("star")).when(order == 24).then(pl.lit("star")).otherwise(pl.lit("z"))
    )
    found = shared_beneficiary.SIGNAL.measure(
        case(table(rows).with_columns(target.alias("target_id")), ring("abc"))
    )
    # 18 of 24 are aimed at the star; of the stranger's four one is.
    assert found.select("value", "n", "expected").rows() == [(0.75, 24, 0.25)]


def test_chorus_needs_three_members_in_three_chats() -> None:
    rows: list[Row] = [
        (3600.0 * meeting + 9 * place, name, f"chat{meeting % 3}", None)
        for meeting in range(6)
        for place, name in enumerate("abc")
    ]
    assert answers(chorus.SIGNAL, case(table(rows, channel="group"), ring("abc"))) == {"r1": (6.0, 6)}
    narrow = [(at, name, "chat0", text) for at, name, _, text in rows]
    assert answers(chorus.SIGNAL, case(table(narrow, channel="group"), ring("abc"))) == {"r1": (0.0, 6)}


def test_provenance_counts_fellows_that_are_alike() -> None:
    names = [f"m{number}" for number in range(6)]
    known = pl.DataFrame(
        {
            "account_id": [*names, "x", "y"],
            "name": ["Ann_01", "ann 2", "Ann-3", "ann4", "ann5", "Zoe", "ann99", "Bea"],
            # Five within the hour, one a day later; a stranger born with the five, another a year before.
            "created_at": [
                NOON + timedelta(minutes=minutes) for minutes in (0, 10, 20, 30, 40, 1440, 15, -525600)
            ],
            "device_id": ["d1", "d1", "d1", "d1", "d1", "d2", "d3", None],
        }
    ).with_columns(
        pl.lit(None, pl.Boolean).alias("automation_disclosed"),
        pl.lit(None, pl.Boolean).alias("verified"),
        pl.lit(None, pl.String).alias("address_id"),
    )
    asked = case(table([(0, "m0", "o1", None)]), ring(names), ACCOUNTS.check(known))
    assert answers(provenance.SHARED_DEVICE, asked) == {
        **dict.fromkeys(names[:5], (4.0, 5)),
        "m5": (0.0, 5),
    }
    assert answers(provenance.BIRTH_BURST, asked)["m0"] == (4.0, 5)
    assert answers(provenance.BIRTH_BURST, asked)["m5"] == (0.0, 5)
    # One of two strangers was born within the hour: 5 fellows times a half.
    born = provenance.BIRTH_BURST.measure(asked).filter(account_id="m0")
    assert born["expected"].to_list() == [2.5]
    # A name without a number is in no series: five are known, four fellows.
    assert answers(provenance.SERIAL_NAMES, asked) == dict.fromkeys(names[:5], (4.0, 4))
    assert answers(provenance.SHARED_ADDRESS, asked) == {}


def test_the_words_of_the_town_are_plain() -> None:
    assert len(set(WORDS)) == len(WORDS)
