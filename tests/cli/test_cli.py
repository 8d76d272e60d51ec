"""The command line: what it prints, where it writes, and how it ends."""

import io
import re
from pathlib import Path

import polars as pl
import pytest
from conftest import Demo
from typer.testing import CliRunner, Result

import graphkit
from graphkit import cli, errors
from graphkit.cli import speech

HEADER = "event_id,timestamp,channel,account_id,target_id,object_id,parent_id,text\n"


def _invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli.app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def tiny_run(fixtures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli") / "run"
    tiny = fixtures / "tiny"
    answer = _invoke("detect", tiny / "events.csv", "--accounts", tiny / "accounts.csv", "--out", folder)
    assert answer.exit_code == 0, answer.output
    return folder


def test_version_is_the_packages() -> None:
    assert _invoke("--version").output == f"graphkit {graphkit.__version__}\n"


def test_help_names_every_command_and_the_exit_codes() -> None:
    shown = _invoke("--help").output
    for name in ("detect", "demo", "explain", "verify", "0 done", "2 wrong use"):
        assert name in shown


def test_detect_writes_the_files_of_the_contract(tiny_run: Path) -> None:
    names = {path.name for path in tiny_run.iterdir()}
    tables = {"accounts", "rings", "evidence", "edges", "quarantine"}
    assert {f"{name}.parquet" for name in tables} | {"report.html", "manifest.json"} <= names


def test_detect_ends_by_naming_the_report(fixtures: Path, tmp_path: Path) -> None:
    answer = _invoke("detect", fixtures / "tiny" / "events.csv", "--out", tmp_path / "run")
    lines = answer.output.splitlines()
    assert lines[0] == "12 events of 5 accounts; 0 rows quarantined"
    assert "no ring was found" in lines
    assert lines[-1] == f"report: {tmp_path / 'run' / 'report.html'}"


def test_quiet_prints_nothing(fixtures: Path, tmp_path: Path) -> None:
    answer = _invoke("detect", fixtures / "tiny" / "events.csv", "--out", tmp_path / "run", "--quiet")
    assert (answer.exit_code, answer.output) == (0, "")


def test_verify_counts_the_files(tiny_run: Path) -> None:
    answer = _invoke("verify", tiny_run)
    assert answer.exit_code == 0
    assert re.match(r"\d+ files of ", answer.output)


def test_verify_names_an_altered_file(fixtures: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    _invoke("detect", fixtures / "tiny" / "events.csv", "--out", folder, "--quiet")
    report = folder / "report.html"
    report.write_text(report.read_text(encoding="utf-8").replace("12", "13"), encoding="utf-8")
    answer = _invoke("verify", folder)
    assert answer.exit_code == 1
    assert "report.html" in answer.stderr


@pytest.mark.parametrize(("found", "told"), [(["DejaVu Sans"], 1), (["DejaVu Sans", "Noto Sans SC"], 0)])
def test_explain_says_when_its_picture_cannot_show_chinese(
    tiny_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, found: list[str], told: int
) -> None:
    monkeypatch.setattr("graphkit.report.fonts.families", lambda: found)
    for language, name in (("zh", "account.png"), ("zh", "account.html"), ("en", "account.svg")):
        answer = _invoke(
            "explain", str(tiny_run), "007", "--language", language, "--out", str(tmp_path / name)
        )
        assert answer.exit_code == 0
        picture = (language, name) == ("zh", "account.png")
        assert answer.output.count("graphkit[fonts]") == (told if picture else 0)


def test_explain_tells_of_an_account_by_its_exact_id(tiny_run: Path) -> None:
    answer = _invoke("explain", tiny_run, "007")
    assert answer.exit_code == 0, answer.output
    assert answer.output.startswith("account 007\n")
    assert "decision: none taken" in answer.output


@pytest.mark.parametrize("stranger", ["7", "nobody", "[bold]x[/bold]"])
def test_explain_refuses_an_unknown_account(tiny_run: Path, stranger: str) -> None:
    answer = _invoke("explain", tiny_run, stranger)
    assert answer.exit_code == 2
    assert f"`{stranger}`" in answer.stderr


def test_options_reach_the_settings(fixtures: Path, tmp_path: Path) -> None:
    toml = tmp_path / "settings.toml"
    toml.write_text("seed = 1\n[network]\ncrowd = 50\n[report]\nlanguage = 'zh'\n", encoding="utf-8")
    options: list[str | Path] = [
        "--settings",
        toml,
        "--seed",
        "7",
        "--time-zone",
        "Asia/Shanghai",
        "--language",
        "en",
    ]
    _invoke("detect", fixtures / "tiny" / "events.csv", "--out", tmp_path / "run", *options)
    settings = graphkit.open_run(tmp_path / "run").settings
    assert (settings.seed, settings.network.crowd) == (7, 50)
    assert (settings.read.time_zone, settings.report.language) == ("Asia/Shanghai", "en")


def test_detect_reads_columns_that_bear_other_names(fixtures: Path, tmp_path: Path) -> None:
    events = pl.read_csv(fixtures / "tiny" / "events.csv", infer_schema=False)
    events.rename({"account_id": "author", "timestamp": "created_utc"}).write_csv(tmp_path / "e.csv")
    command: list[str | Path] = ["detect", tmp_path / "e.csv", "--out", tmp_path / "run"]
    refused = _invoke(*command)
    assert (refused.exit_code, "`--column timestamp=created_utc`" in refused.stderr) == (2, True)
    answer = _invoke(*command, "--column", "timestamp=created_utc", "--column", "account_id=author")
    assert answer.output.splitlines()[0] == "12 events of 5 accounts; 0 rows quarantined"
    known = graphkit.open_run(tmp_path / "run").settings.read.columns
    assert known == ("timestamp=created_utc", "account_id=author")


def test_detect_says_that_nothing_could_be_looked_at(fixtures: Path, tmp_path: Path) -> None:
    events = pl.read_csv(fixtures / "tiny" / "events.csv", infer_schema=False)
    bare = events.filter(pl.col("channel") != "dm").with_columns(object_id=None, text=None)
    bare.write_csv(tmp_path / "e.csv")
    note = "no event names an object (`object_id`): no layer had anything to look at"
    answer = _invoke("detect", tmp_path / "e.csv", "--out", tmp_path / "run")
    assert f"note: {note}, so that no ring could have been found" in answer.output.splitlines()
    assert any(one.startswith(note) for one in graphkit.open_run(tmp_path / "run").manifest["notes"])
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "no layer had anything to look at" in page


def test_private_texts_are_shown_only_on_request(fixtures: Path, tmp_path: Path) -> None:
    _invoke("detect", fixtures / "tiny" / "events.csv", "--out", tmp_path / "run")
    pages = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "run").rglob("*.html"))
    assert "next one at one" not in pages


@pytest.mark.parametrize(
    "arguments",
    [
        ["detect"],
        ["detect", "events.csv"],
        ["detect", "no such file.csv", "--out", "run"],
        ["detect", "events.csv", "--out", "run", "--time-unit", "fortnights"],
        ["detect", "events.csv", "--out", "run", "--language", "tlh"],
        ["detekt"],
        ["explain", "no such run", "007"],
        ["verify"],
    ],
    ids=" ".join,
)
def test_wrong_use_ends_in_2_without_a_traceback(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer = _invoke(*arguments)
    assert answer.exit_code in (1, 2) if arguments[0] == "explain" else answer.exit_code == 2
    assert answer.stderr
    assert "Traceback" not in answer.output


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "empty"),
        ("when,who\n1,2\n", "timestamp"),
        (HEADER + "e1,2026-03-01T10:00:00,comment,a,b,p,,x\n", "zone"),
    ],
    ids=["empty file", "missing columns", "time without a zone"],
)
def test_input_that_is_no_event_log_is_wrong_use(content: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text(content, encoding="utf-8")
    answer = _invoke("detect", path, "--out", tmp_path / "run")
    assert answer.exit_code == 2
    assert told in answer.stderr
    assert not (tmp_path / "run").exists()


def test_too_many_refused_rows_end_in_3(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    good = "e1,2026-03-01T10:00:00Z,comment,a,b,p,,x\n"
    path.write_text(HEADER + good + "e2,2026-03-01T10:00:00Z,carrier pigeon,a,b,p,,x\n", encoding="utf-8")
    answer = _invoke("detect", path, "--out", tmp_path / "run")
    assert answer.exit_code == 3
    assert "Traceback" not in answer.output
    assert "quarantine.parquet" in graphkit.verify_run(tmp_path / "run")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.GraphkitError("x"), 1),
        (errors.IntegrityError("x"), 1),
        (errors.ConfigError("x"), 2),
        (errors.QuarantineError("x"), 3),
        (errors.HeldError("x"), 4),
        (PermissionError("x"), 1),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_error_ends_in_its_code(error: Exception, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise error

    monkeypatch.setattr("graphkit.run.detect", refuse)
    answer = _invoke("detect", "events.csv", "--out", "run")
    assert (answer.exit_code, answer.stderr) == (code, "graphkit: x\n")


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    answer = _invoke("detect", tmp_path / "none.csv", "--out", tmp_path / "run", "--debug")
    assert answer.exit_code == 2
    assert "Traceback" in answer.stderr


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("a\x1b[31mb", "a‹U+001B›[31mb"),
        ("user\u202egnp.exe", "user‹U+202E›gnp.exe"),
        ("[link=http://x]y[/link]", "[link=http://x]y[/link]"),
        ("\ud800", "‹U+D800›"),
        ("a\rb", "a‹U+000D›b"),
        ("zero\u200bwidth", "zero‹U+200B›width"),
        ("蔡小雨 🦞", "蔡小雨 🦞"),
    ],
    ids=["escape", "bidi", "markup", "surrogate", "return", "zero width", "chinese"],
)
def test_hostile_names_are_printed_safely(
    hostile: str, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    speech.say(hostile)
    assert capsys.readouterr().out == f"{shown}\n"


def test_a_terminal_without_unicode_is_no_obstacle(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stderr", io.TextIOWrapper(raw, encoding="ascii", write_through=True))
    speech.say("`缺.csv` is not there", to_stderr=True)
    assert raw.getvalue() == b"`\\u7f3a.csv` is not there\n"


def test_progress_stays_out_of_pipes(fixtures: Path, tmp_path: Path) -> None:
    answer = _invoke("detect", fixtures / "tiny" / "events.csv", "--out", tmp_path / "run")
    assert (answer.exit_code, answer.stderr) == (0, "")


def test_progress_is_shown_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    with speech.progress(quiet=False) as told:
        assert told is not None
        told("network", 0.5)
    with speech.progress(quiet=True) as told:
        assert told is None


def test_the_demo_names_its_report_last(demo: Demo) -> None:
    last = demo.output.splitlines()[-1]
    assert last == f"report: {demo.folder / 'report.html'}"
    assert Path(last.removeprefix("report: ")).is_file()


def test_rings_keep_their_ids_from_run_to_run(quarter_hour: Path, tmp_path: Path) -> None:
    # Without the member that stands last the ring's own name would change.
    whole = pl.read_parquet(quarter_hour)
    first = CliRunner().invoke(cli.app, ["detect", str(quarter_hour), "--out", str(tmp_path / "first")])
    assert first.exit_code == 0, first.output
    before = graphkit.open_run(tmp_path / "first")
    left = before.members.filter(pl.col("role") == "core")["account_id"][-1]
    whole.filter(pl.col("account_id") != left).write_parquet(tmp_path / "fewer.parquet")
    options = ["--out", str(tmp_path / "second"), "--previous", str(tmp_path / "first")]
    second = CliRunner().invoke(cli.app, ["detect", str(tmp_path / "fewer.parquet"), *options])
    assert second.exit_code == 0, second.output
    after = graphkit.open_run(tmp_path / "second")
    assert after.members.height == before.members.height - 1
    assert after.rings["ring_id"].to_list() == before.rings["ring_id"].to_list()
