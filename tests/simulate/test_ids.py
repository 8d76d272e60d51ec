"""New ids look like those of the background and are new."""

import string

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from graphkit.simulate.ids import fresh_ids, shape

_WORDS = st.text(alphabet=string.ascii_letters + string.digits + "-:#", min_size=1, max_size=12)


@given(st.lists(_WORDS, min_size=1, max_size=30), st.integers(0, 40), st.integers(0, 9))
def test_ids_are_new_and_distinct(like: list[str], n: int, seed: int) -> None:
    found = fresh_ids(np.random.default_rng(seed), n, shape(like))
    assert len(set(found)) == len(found) == n
    assert not set(found) & set(like)


def test_ids_keep_length_and_characters_in_their_places() -> None:
    like = [f"{i:04x}-{(i * 7919) % 4096:03x}" for i in range(500)]
    for name in fresh_ids(np.random.default_rng(1), 200, shape(like)):
        assert len(name) == 8
        # The first place of every id is 0, the fifth a dash, the others hexadecimal.
        assert name[0] == "0"
        assert name[4] == "-"
        assert set(name) <= set("0123456789abcdef-")
