import numpy as np
import pytest

from graphkit.text.shingles import shingles, signatures, similarities


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("abcd", "abcd", 1.0),
        # abc bcd against abc bce: one of three.
        ("abcd", "abce", 1 / 3),
        # 天地 地人 against 天地 地你: one of three; Chinese characters go in twos.
        ("天地人", "天地你", 1 / 3),
        ("abcd", "wxyz", 0.0),
    ],
)
def test_similarity_is_the_share_of_shingles(one: str, other: str, shared: float) -> None:
    assert similarities([one, other], np.array([0]), np.array([1])).tolist() == pytest.approx([shared])


def test_no_shingle_reaches_over_the_end_of_a_text() -> None:
    codes, inside, starts = shingles(["abcd", "天地人"])
    assert starts.tolist() == [0, 5]
    assert [int(inside[:5].sum()), int(inside[5:].sum())] == [2, 2]
    assert len(np.unique(codes[inside])) == 4


def test_signatures_estimate_similarity_and_do_not_depend_on_company() -> None:
    texts = [
        "follow us, the coalition has a home",
        "follow me, the coalition has a home",
        "nothing of the kind",
    ]
    signed = signatures(texts, size=2000, seed=1)
    exact = similarities(texts, np.array([0]), np.array([1])).item()
    # Standard error of a share of 2,000 places: at most .011.
    assert abs(float((signed[0] == signed[1]).mean()) - exact) < 0.05
    assert (signatures(texts[1:], size=2000, seed=1) == signed[1:]).all()
