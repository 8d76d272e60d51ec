"""The pages in a real browser: hostile strings stay text, and nothing is asked of the network."""

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from report_cases import hostile, parsed

from graphkit.judgement import Judgement, policy
from graphkit.judgement.records import record
from graphkit.judgement.records_words import speech
from graphkit.report import fonts
from graphkit.report.account import account_page
from graphkit.report.pages import pages
from graphkit.settings import settings_from

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))),
    None,
)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the path; install the package `chromium`"),
]


def opened(page: Path, folder: Path) -> tuple[str, list[str]]:
    """The page's document after loading, and every address that it asked for."""
    log = folder / "net.json"
    done = subprocess.run(
        [
            *(
                str(CHROMIUM),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
            ),
            *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
            *(f"--user-data-dir={folder / 'profile'}", f"--log-net-log={log}", "--dump-dom", page.as_uri()),
        ],
        capture_output=True,
        timeout=60,
        check=True,
    )
    events = json.loads(log.read_text(encoding="utf-8"))["events"]
    asked = [event["params"] for event in events if "initiator" in event.get("params", {})]
    # What the browser asks of its own accord (its clock, its updates) has no page as its initiator.
    return done.stdout.decode("utf-8"), [p["url"] for p in asked if p["initiator"] != "not an origin"]


def test_a_page_that_fetches_would_be_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<!doctype html><img src='http://evil.invalid/x.png'>", encoding="utf-8")
    assert opened(page, tmp_path)[1] == ["http://evil.invalid/x.png"]


@pytest.mark.parametrize("name", ["report.html", "rings/r1.html"])
def test_hostile_strings_do_not_run_and_nothing_is_fetched(name: str, tmp_path: Path) -> None:
    view = replace(hostile(), settings=settings_from({"report": {"language": "zh"}}))
    for path, page in pages(view).items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(page, encoding="utf-8")
    document, asked = opened(tmp_path / name, tmp_path)
    found = parsed(document)
    assert "r1" in found.text
    assert not {"script", "img", "iframe"} & set(found.elements)
    # A script of theirs that ran would have changed the title.
    title = document.partition("<title>")[2].partition("</title>")[0]
    assert title.endswith("graphkit 报告")
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    if fonts.has_chinese():
        assert "font-family:graphkit-cjk" in document


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_of_a_hostile_account_runs_and_fetches_nothing(language: str, tmp_path: Path) -> None:
    view = hostile()
    account = view.tiers["account_id"][0]
    judgement = Judgement(view.tiers, view.trace, view.evidence, view.rings, policy("generic"))
    page = tmp_path / "account.html"
    page.write_text(
        account_page(view, record(judgement, account, say=speech(language))),
        encoding="utf-8",
        errors="replace",
    )
    document, asked = opened(page, tmp_path)
    assert not {"script", "img", "iframe"} & set(parsed(document).elements)
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
