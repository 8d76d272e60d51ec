import re
from collections import Counter

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from graphkit.text.characters import cohesive_strings


def brute_force(texts: list[str], cohesion: float, least: int) -> set[tuple[int, str]]:
    runs = [(row, run) for row, text in enumerate(texts) for run in re.findall("[天地人你我]{3,}", text)]
    counts = Counter(run[i : i + n] for _, run in runs for n in range(1, 5) for i in range(len(run) - n + 1))
    total = sum(len(run) for _, run in runs)

    def holds(string: str) -> bool:
        by_chance = max(counts[string[:head]] * counts[string[head:]] for head in range(1, len(string)))
        return counts[string] >= least and counts[string] * total >= cohesion * by_chance

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
