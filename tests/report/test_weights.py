"""The weights of an account: steps by hand, pictures with the same bytes, a page where strings stay text."""

import warnings
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import Any

import pytest
from report_cases import hostile, parsed, small

from graphkit.judgement import Judgement, policy
from graphkit.judgement.records import record
from graphkit.judgement.records_words import speech
from graphkit.report import fonts
from graphkit.report.account import account_page
from graphkit.report.plots import picture_bytes
from graphkit.report.strings import strings
from graphkit.report.view import ReportView
from graphkit.report.weights import weights, weights_figure, weights_parts
from graphkit.settings import settings_from

NASTY = "</script><img src=x onerror=x()>\u202e"


def told(view: ReportView, account: str, language: str = "en", **changed: Any) -> dict[str, Any]:
    judgement = Judgement(view.tiers, view.trace, view.evidence, view.rings, policy("generic"))
    return {**record(judgement, account, say=speech(language)), **changed}


def line(signal: str, grade: str, bits: float, said: str = "seen; and more") -> dict[str, Any]:
    one = told(small(), "a")["evidence"][0]
    return {**one, "signal": signal, "name": signal, "grade": grade, "bits": bits, "explanation": said}


def test_steps_add_up_to_the_sum() -> None:
    """+4, then -0.5, then a strong line that weighs nothing: 0 to 4, 4 to 3.5, a mark at 3.5."""
    lines = [
        line("output_rate", "strong", 4.0),
        line("length_variation", "none", -0.5),
        line("lockstep", "strong", 0.0),
        line("heartbeat", "none", 0.0),
        line("self_reuse", "moderate", 0.0, "it pastes"),
    ]
    changed: dict[str, Any] = {"evidence": lines, "score_bits": 3.5, "speaks_against": ["it pastes"]}
    scene = weights(told(small(), "a", **changed), strings("en"))
    assert [(step.start, step.end) for step in scene.steps] == [(0.0, 4.0), (4.0, 3.5), (3.5, 3.5)]
    assert (scene.total, scene.n_left_out, scene.lowest, scene.highest) == (3.5, 2, -0.5, 4.0)
    assert scene.steps[0].said == "seen"
    labels = [text for _, _, text, _ in weights_parts(scene, strings("en")).labels]
    assert labels.count("+4.0") == 1
    assert "-0.5" in labels
    assert "+3.5" in labels


@pytest.mark.parametrize("kind", ["png", "svg"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_picture_has_the_same_bytes_each_time(kind: str, language: str) -> None:
    one, say = told(small(), "a", language), strings(language)
    first, second = (picture_bytes(weights_figure(weights(one, say), say), kind, 100) for _ in range(2))
    assert first == second
    assert len(first) > 4_000


@pytest.mark.skipif(not fonts.has_chinese(), reason="no Chinese font; install the extra `fonts`")
def test_chinese_has_glyphs_in_both_kinds() -> None:
    one, say = told(small(), "a", "zh"), strings("zh")
    figure = weights_figure(weights(one, say), say)
    with warnings.catch_warnings(record=True) as boxes:
        warnings.simplefilter("always")
        figure.canvas.draw()
    assert [str(warning.message) for warning in boxes] == []
    drawn = picture_bytes(figure, "svg", 100).decode()
    # Carried inside, so that a reader without Chinese fonts sees no boxes.
    assert "font-family:graphkit-cjk" in drawn
    assert "graphkit-cjk, 'DejaVu Sans'" in drawn
    ET.fromstring(drawn)


def test_an_account_without_evidence_is_drawn_too() -> None:
    one, say = told(small(), "owner"), strings("en")
    scene = weights({**one, "score_bits": 0.0}, say)
    assert scene.steps == ()
    assert picture_bytes(weights_figure(scene, say), "png", 60).startswith(b"\x89PNG")
    assert say.say("weights_none") in account_page(small(), {**one, "score_bits": 0.0})


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_page_says_what_was_seen_what_speaks_against_it_and_what_to_do(language: str) -> None:
    say = strings(language)
    page = account_page(small(), told(small(), "a", language))
    text = parsed(page).text
    order = [text.index(say.say(key)) for key in ("seen_heading", "against_heading", "next_heading")]
    assert order == sorted(order)
    assert text.index(say.say("next_heading")) < text.index(say.say("evidence_heading"))
    assert say.say("decision_none") in text
    assert "name a (a)" in text


def test_what_was_written_in_private_stands_in_no_page() -> None:
    one = told(small(), "a")
    one["evidence"][0]["event_ids"] = ["e9", "e1"]
    page = account_page(small(), one)
    assert "SECRET" not in page
    assert "great product" in page


def test_hostile_strings_stay_text() -> None:
    view = hostile()
    for account in view.tiers["account_id"]:
        one = told(view, account)
        for item in one["evidence"]:
            item["event_ids"] = [NASTY, *view.events["event_id"].head(2)]
        found = parsed(account_page(view, {**one, "next_steps": [NASTY], "held": NASTY}))
        assert not {"script", "img", "iframe"} & set(found.elements)
        assert "‹U+202E›" in found.text


def test_a_decision_stands_on_the_page() -> None:
    decided = {"decision": "warn", "by": "Li Lei", "at": "2026-03-01", "reason": "read it all"}
    view = replace(small(), settings=settings_from({"report": {"language": "en"}}))
    text = parsed(account_page(view, told(view, "a", decision=decided))).text
    assert "Li Lei" in text
    assert strings("en").say("decision_none") not in text
