"""Recombined texts are ordinary in form and new."""

from collections.abc import Sequence

import numpy as np
import polars as pl
import pytest
from towns import town

from graphkit.simulate.texts import invented_words, pasted, prose, reworded, variants, voice, with_word


@pytest.fixture(scope="module")
def background() -> pl.DataFrame:
    return town(7)


@pytest.fixture(scope="module")
def chinese_background() -> pl.DataFrame:
    return town(8, chinese=True, n_events=2500)


def _voice(texts: Sequence[str | None]) -> pl.DataFrame:
    """Texts, each of an account of its own."""
    said = {"account_id": [f"a{i}" for i in range(len(texts))], "text": texts}
    return pl.DataFrame(said, schema={"account_id": pl.String, "text": pl.String})


def test_a_reworded_text_keeps_form_and_length(background: pl.DataFrame) -> None:
    linked = [f"see http://example.org/{i:04d} for the whole of the story" for i in range(200)]
    ours = voice(pl.concat([background.select("account_id", "text"), _voice(linked)]), background)
    originals = [linked[0], None, "morning coffee river garden window letter"]
    new = reworded(np.random.default_rng(1), ours, originals)
    assert new[0] is not None
    assert "http" in new[0]
    assert new[1] is None
    assert new[2] is not None
    assert "http" not in new[2]
    assert abs(len(new[2]) - 41) <= 12


def test_what_a_speaker_pastes_is_replaced_by_one_text(background: pl.DataFrame) -> None:
    ours = voice(background, background)
    song = "hear my new song on my channel"
    originals = [
        song,
        "Hear my new song, on my channel!",
        song,
        "morning coffee river garden",
        None,
        "lol",
        "lol",
    ]
    speakers = ["ana", "ana", "ben", "ana", "ana", "ana", "ana"]
    copies = pasted(speakers, originals)
    # Two of Ana's are equal but for marks; Ben wrote it once; three letters are anybody's.
    assert copies[0] == copies[1] is not None
    assert copies[2:] == [None] * 5
    new = reworded(np.random.default_rng(3), ours, originals, copies)
    assert new[0] == new[1] not in (song, None)
    assert new[2] != new[0]


def test_a_channel_without_text_stays_without() -> None:
    silent = voice(_voice([None, None]), _voice(["something"]))
    rng = np.random.default_rng(1)
    assert (
        prose(rng, silent, 2)
        == variants(rng, silent, 2, 1)
        == reworded(rng, silent, ["a", None])
        == [None, None]
    )


def test_variants_share_a_script(background: pl.DataFrame) -> None:
    ours = voice(background, background)
    texts = [text for text in variants(np.random.default_rng(2), ours, 40, 1) if text]
    first = set(texts[0].split())
    shared = [len(first & set(text.split())) / len(first | set(text.split())) for text in texts]
    assert np.median(shared) > 0.5
    assert len(set(texts)) > 10


def test_invented_words_are_in_no_text(background: pl.DataFrame, chinese_background: pl.DataFrame) -> None:
    for events in (background, chinese_background):
        ours = voice(events, events)
        words = invented_words(np.random.default_rng(3), ours, 4)
        assert len(set(words)) == 4
        assert not any(word in text for word in words for text in ours.texts)
        marked = with_word(np.random.default_rng(3), ours.texts[-1], words[0])
        assert marked is not None
        assert words[0] in marked
    assert with_word(np.random.default_rng(3), None, "word") is None
