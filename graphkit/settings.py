"""Every number that a person may argue about, with its unit and its reason; read from TOML or Python."""

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from graphkit.errors import ConfigError

T = TypeVar("T")


@dataclass(frozen=True)
class ReadSettings:
    """How rows become events."""

    # Real archives begin in the 1990s; one stray timestamp outside makes time bins explode.
    earliest: str = "1990-01-01"
    latest: str = "2100-01-01"
    # Unit of integer timestamps: auto, s, ms, us or ns; auto decides once for the whole input.
    time_unit: str = "auto"
    # Zone of times that carry none; empty: refuse them.
    time_zone: str = ""
    # Above this share of refused rows the run stops with exit code 3: the input is not what it claims to be.
    quarantine_share: float = 0.05


@dataclass(frozen=True)
class NetworkSettings:
    """How meetings become edges and edges communities."""

    # A meeting in a larger crowd says nothing about two accounts.
    crowd: int = 60
    # Windows in seconds, each layer's best is taken and paid for with ln(number of scales).
    feed_scales_s: tuple[int, ...] = (60, 600, 3600, 21600)
    chat_scales_s: tuple[int, ...] = (30, 120, 600)
    recipient_scales_s: tuple[int, ...] = (600, 3600, 86400)
    # Time bins of the activity expectation: this long, merged until they hold this many events.
    bin_s: int = 10800
    bin_events: int = 1000
    # Nats that a strand may bring. 12 < 14 < 25: every strand but the feed needs a second one.
    cap_feed: float = 25.0
    cap_chat: float = 12.0
    cap_talk: float = 12.0
    cap_content: float = 12.0
    edge_nats: float = 14.0
    # A group pays this for each pair, so CPM maximises the likelihood of a planted block.
    resolution_nats: float = 5.0
    # Pairs held in memory at once; above it keys are worked through in chunks.
    chunk_pairs: int = 4_000_000


@dataclass(frozen=True)
class RingSettings:
    """When a community is a ring."""

    minimum_members: int = 5
    circle_members: int = 10


@dataclass(frozen=True)
class SignalSettings:
    """What signals count as usable."""

    # Events that follow the account's own previous one within this long show how fast it can write.
    typing_gap_s: float = 300.0
    typing_novel_keys: float = 15.0


@dataclass(frozen=True)
class JudgementSettings:
    """How evidence becomes a tier."""

    policy: str = "generic"
    # Accounts that may be put on watch in one run, the strongest first; 0: no limit.
    watch_budget: int = 0


@dataclass(frozen=True)
class ReportSettings:
    """What the pages show."""

    language: str = "en"
    # Texts of private messages stay out of every output unless this is set.
    show_private_text: bool = False
    timeline_events: int = 400


@dataclass(frozen=True)
class Settings:
    """All settings of a run; the manifest holds every one of them."""

    seed: int = 20260301
    read: ReadSettings = field(default_factory=ReadSettings)
    network: NetworkSettings = field(default_factory=NetworkSettings)
    rings: RingSettings = field(default_factory=RingSettings)
    signals: SignalSettings = field(default_factory=SignalSettings)
    judgement: JudgementSettings = field(default_factory=JudgementSettings)
    report: ReportSettings = field(default_factory=ReportSettings)


def settings_from(values: Mapping[str, Any], *, where: str = "settings") -> Settings:
    """Settings with `values` laid over the defaults; an unknown key or a wrong type raises ConfigError."""
    return _overlaid(Settings(), values, where)


def read_settings(path: Path) -> Settings:
    """The settings of a TOML file laid over the defaults."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"`{path}` cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"`{path}` is not valid TOML: {error}") from error
    return settings_from(values, where=str(path))


def _overlaid(defaults: T, values: Mapping[str, Any], where: str) -> T:
    names = [item.name for item in fields(defaults)]  # type: ignore[arg-type]
    changes: dict[str, Any] = {}
    for key, value in values.items():
        if key not in names:
            near = difflib.get_close_matches(key, names, n=1, cutoff=0.0)[0]
            raise ConfigError(f"{where}: unknown setting `{key}`; did you mean `{near}`?")
        changes[key] = _converted(getattr(defaults, key), value, f"{where}: `{key}`")
    return replace(defaults, **changes)  # type: ignore[type-var]


def _converted(default: Any, value: Any, where: str) -> Any:
    if is_dataclass(default):
        if not isinstance(value, Mapping):
            raise ConfigError(f"{where} must be a table of settings")
        return _overlaid(default, value, where)
    if isinstance(default, tuple) and isinstance(value, list | tuple):
        return tuple(_converted(default[0], item, where) for item in value)
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not type(default):
        raise ConfigError(f"{where} must be {type(default).__name__}, not {type(value).__name__}")
    return value
