"""Sums of coded pairs: the same numbers, to the last bit, as the sums of a table of pairs."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphkit.coaction.edges import summed
from graphkit.coaction.peers import Peer
from graphkit.coaction.sums import CodedPairs, sums

# Few accounts and contents meet again and again; the highest code leaves no room beside it in a sort.
CODE = st.one_of(st.integers(0, 3), st.sampled_from([0, 2**31, 2**32 - 1]))
ROWS = st.lists(st.tuples(CODE, CODE, CODE, CODE, st.integers(0, 10**9)), max_size=30)


@pytest.mark.parametrize("like", [None, Peer.COORTWEET])
@pytest.mark.parametrize("whole", [True, False])
@given(rows=ROWS)
def test_sums_of_codes_are_the_sums_of_a_table(
    rows: list[tuple[int, ...]], like: Peer | None, whole: bool
) -> None:
    names = ("account_id", "account_id_y", "content_id", "content_id_y")
    columns = list(zip(*rows, strict=True)) or [()] * 5
    account, account_y, content, content_y = (np.array(column, np.uint32) for column in columns[:4])
    codes = (account, account_y, content, content_y)
    gap = np.array(columns[4], np.int64)
    table = pl.DataFrame(dict(zip(names, codes, strict=True)) | {"gap": gap})
    made = pl.DataFrame(sums(CodedPairs(account, account_y, content, content_y, gap), like, whole=whole))
    expected = summed(table, like, whole=whole)
    assert made.schema == expected.schema
    assert made.equals(expected)
