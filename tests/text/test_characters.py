import math
import re
from collections import Counter
from operator import or_

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from graphkit.text.characters import cohesive_strings


def lower_bound(successes: int, trials: int) -> float:
    """Wilson's, at 97.5 %."""
    p, z = successes / trials, 1.959964
    spread = z * math.sqrt(p * (1 - p) / trials + z**2 / (4 * trials**2))
    return (p + z**2 / (2 * trials) - spread) / (1 + z**2 / trials)


def brute_force(texts: list[str], cohesion: float, least: int) -> set[tuple[int, str]]:
    runs = [(row, run) for row, text in enumerate(texts) for run in re.findall("[天地人你我]{3,}", text)]
    counts = Counter(run[i : i + n] for _, run in runs for n in range(1, 5) for i in range(len(run) - n + 1))
    total = sum(len(run) for _, run in runs)

    def holds(string: str) -> bool:
        k = counts[string]
        splits = [(counts[string[:head]], counts[string[head:]]) for head in range(1, len(string))]
        often = [k * total >= cohesion * one * other for one, other in splits]
        alone = [lower_bound(k, min(split)) >= 0.5 for split in splits]
        return k >= least and all(map(or_, often, alone))

    strings = {(row, run[i : i + n]) for row, run in runs for n in (3, 4) for i in range(len(run) - n + 1)}
    return {(row, string) for row, string in strings if holds(string)}


@given(
    texts=st.lists(st.text("天地人你我 a", max_size=14), max_size=8),
    cohesion=st.sampled_from([0.0, 1.5, 4.0]),
    least=st.integers(1, 3),
)
def test_strings_equal_those_of_brute_force(texts: list[str], cohesion: float, least: int) -> None:
    found = cohesive_strings(pl.Series("text", texts, dtype=pl.String), cohesion=cohesion, least=least)
    assert set(found.rows()) == brute_force(texts, cohesion, least)


def test_a_word_with_a_common_character_holds_together_once_four_say_it() -> None:
    """哈 is 104 of the 312 characters, so the ratio of 哈 and 太贞 is 312 / 104 = 3, however many say it.

    Four times of four: 2 x 4 - 4 = 4 >= 1.96 x sqrt(4) = 3.92. Three of three: 3 < 1.96 x sqrt(3) = 3.39.
    """
    crowd = ["哈天地人你我他她它们"[place % 10] * 2 + "哈" for place in range(100)]
    for times, found in ((3, set()), (4, {"哈太贞"})):
        texts = pl.Series("text", [*crowd, *(f"好 哈太贞 {place}" for place in range(times))])
        strings = cohesive_strings(texts, cohesion=1000.0)
        assert {token for token in strings["token"] if "贞" in token} == found


def test_common_words_that_met_often_do_not_hold_together() -> None:
    """天地人 stands 8 times, but 地人 30 times and 天地 30 times: neither belongs to it."""
    texts = ["天地人"] * 8 + ["我地人"] * 22 + ["天地你"] * 22 + ["天你人"] * 40
    strings = cohesive_strings(pl.Series("text", texts), cohesion=1000.0)
    assert "天地人" not in set(strings["token"])
