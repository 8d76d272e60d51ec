"""Every number that a person may argue about, with its unit and its reason; read from TOML or Python."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graphkit.errors import ConfigError
from graphkit.overlay import overlaid
from graphkit.ring_settings import RingSettings as RingSettings


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
    # Which column of the input stands for which of ours, such as `timestamp=created_utc`.
    columns: tuple[str, ...] = ()
    # Above this share of refused rows the run stops with exit code 3: the input is not what it claims to be.
    quarantine_share: float = 0.05


@dataclass(frozen=True)
class TextSettings:
    """When two texts are copies, and when a token is rare."""

    # Shorter texts (characters after normalisation) are stock phrases: all false groups were shorter.
    shortest: int = 8
    # Fewer different characters are laughter or a cry, which many write alike without knowing each other.
    fewest_characters: int = 5
    # Of a longer text the beginning decides: templates differ in their slots, not after a page.
    longest: int = 2000
    # Shared shingles over all shingles from which on two texts are copies of one template.
    similarity: float = 0.7
    # Signature of 20 bands of 5: a pair at similarity .7 is proposed with .975, at .8 with .9996.
    bands: int = 20
    band_rows: int = 5
    # In a full bucket each text is compared with so many after it and with the bucket's first.
    bucket_followers: int = 100
    # A token used by more authors is the talk of the place.
    token_authors: int = 60
    # The same in a small place: at most this share of the accounts that write (but two always may).
    token_author_share: float = 0.05
    # Cohesion of a Chinese string of 3 or 4 characters: times it is seen over times expected of its halves.
    token_cohesion: float = 1000.0


@dataclass(frozen=True)
class NetworkSettings:
    """How meetings become edges and edges communities."""

    # A meeting in a larger crowd says nothing about two accounts, unless they are of one cohort.
    crowd: int = 60
    # So many accounts, a quarter of that crowd, that fill one after another are a cohort.
    cohort: int = 15
    # Windows in seconds, each layer's best is taken and paid for with ln(number of scales).
    feed_scales_s: tuple[int, ...] = (60, 600, 3600, 21600)
    # An hour tells where topics are many and small; honest chats still give no group.
    chat_scales_s: tuple[int, ...] = (30, 120, 600, 3600)
    # A list of strangers is worked through for weeks, by each account at its own pace: of eleven such rings
    # of a tester nine are found within a month, five within a week.
    recipient_scales_s: tuple[int, ...] = (600, 3600, 86400, 604800, 2592000)
    # Time bins of the activity expectation: this long, merged until they hold this many events.
    bin_s: int = 10800
    bin_events: int = 1000
    # Nats that a strand may bring. 12 < 14 < 25: posts and recipients, which are chosen, may stand alone;
    # chats, contacts and content need a second strand.
    cap_feed: float = 25.0
    # An office whose teams write to the same new people reaches 6.6 nats, ten who write to thirty 10 to 20.
    cap_recipient: float = 25.0
    cap_chat: float = 12.0
    cap_talk: float = 12.0
    cap_content: float = 12.0
    edge_nats: float = 14.0
    # A group pays this for each pair, so CPM maximises the likelihood of a planted block.
    resolution_nats: float = 5.0
    # What makes two texts one, and a token rare.
    text: TextSettings = field(default_factory=TextSettings)
    # MiB that may be held while pairs are made; 0: a quarter of the machine. Never changes a result.
    memory_mib: int = 0


@dataclass(frozen=True)
class SignalSettings:
    """What signals count as usable, and how rare a value must be for a grade."""

    # Events that follow the account's own previous one within this long show how fast it can write.
    typing_gap_s: float = 300.0
    typing_novel_keys: float = 15.0
    # Nobody is suspected of what many people do, however rare it is on one platform: median keys a second
    # (people .7 to 1.5; who need not think first types 36 words a minute on a phone, Palin et al. 2019),
    # spread of lengths over their mean (people .5 to 1.3), hours awake, agreeing pauses, texts with marks of
    # a writing model (once is an accident).
    floor_keys_s: float = 3.0
    # Strong says that hardly a person could: 96 words of five keys a minute, from event to event. Who copies
    # and need not think types 52 in the mean, 92 two standard deviations above it (Dhakal et al. 2018,
    # 168,000 people). In Chinese it is 160 characters a minute. As the floor of any grade it would lose one
    # found agent in six.
    floor_strong_keys_s: float = 8.0
    floor_variation: float = 0.4
    floor_awake_h: float = 24.0
    floor_heartbeat: float = 0.3
    floor_style_texts: float = 2.0
    # A text with a smaller share of new 5-grams is a copy of what the account wrote before.
    copy_novelty: float = 0.1
    # Where more of an account's texts end at the channel's longest length, the platform decides lengths.
    capped_share: float = 0.05
    # Bursts begin after this much silence; their rhythm is sought in the busiest window of this length.
    burst_gap_s: float = 60.0
    heartbeat_window_h: float = 36.0
    heartbeat_periods_min: tuple[int, ...] = (5, 10, 15, 20, 30, 60)
    heartbeat_p: float = 0.01
    heartbeat_tolerance: float = 0.02
    # Chatters send a sentence in several lines: what is written on one object in one stretch of this long is
    # one turn, so that nobody can take more than 120 turns in an hour in one chat.
    turn_gap_s: float = 30.0
    # 165 turns in an hour, a word or two not counted, is one each 22 seconds without a pause, and in two
    # places at least: in nine logs of people a bot that relays chats has 155 and no person more than 91,
    # though chatters send up to 180 lines. Of 1,788 agents 52 go past it.
    hour_turns: float = 165.0
    # A pause of this long can be sleep; shorter accounts cannot show a day without it.
    sleep_h: float = 4.0
    observed_h: float = 30.0
    # Three nights without such a pause need no ordinary accounts beside them: only battle, mania and trials
    # are known to keep people awake for three or four days (Gillin, Scientific American, Ask the Experts). Of
    # 21,278 accounts asked in seventeen logs 24 go past 72 h: bots, and channels of several administrators.
    ceiling_awake_h: float = 72.0
    # Members within this long of each other on one object; no three people react so, time after time.
    lockstep_s: float = 2.0
    lockstep_objects: int = 5
    lockstep_moderate: float = 0.1
    lockstep_strong: float = 0.3
    # Median spread of the ring's sessions: within a volley, and within one look at a screen.
    volley_s: float = 2.0
    glance_s: float = 10.0
    # Speed says nothing in a crowd as fast (a live chat): times faster, or more often, than strangers.
    lockstep_times: float = 3.0
    # A session on an object ends after this much silence of the ring.
    session_gap_s: float = 60.0
    # Texts and words of at most this share of strangers among their authors are the ring's own.
    script_strangers: float = 0.34
    script_keys: int = 20
    # Share of a ring's texts that stand in its script.
    script_moderate: float = 0.1
    script_strong: float = 0.3
    # Share of a ring's events aimed at one account, and times the share that strangers give it.
    beneficiary_share: float = 0.3
    beneficiary_times: float = 10.0
    # Objects on which an assistant's words slipped out: once is an accident.
    leak_objects: int = 2
    # Slots in double braces that this many accounts hold, members of one ring taken for one, are the
    # platform's own: a mailing list gave 46 people one, and nobody else shared one with more than a second.
    leak_holders: int = 5
    # Half an hour in one chat; members together in this many chats, this many times what chance gives.
    chorus_session_min: int = 30
    chorus_chats: int = 3
    chorus_times: float = 20.0
    # Accounts opened within this long of each other; fellows born, named or housed alike, and times chance.
    birth_window_min: int = 60
    fellows_moderate: int = 4
    fellows_strong: int = 9
    fellows_times: float = 10.0
    # At this share of repeated texts an account spams by its own hand: pasting voids its writing speed.
    spam_share: float = 0.3
    # At this share of texts that hold a link and address nobody, an account announces and does not converse.
    notice_share: float = 0.9
    # Unusual texts are a habit of the place, and make candidates only where so many have unusual timing too.
    candidates_timed: float = 0.2
    # Share of ordinary accounts at least as unusual, for each grade, and ordinary accounts needed to say so.
    strong_tail: float = 0.005
    moderate_tail: float = 0.01
    weak_tail: float = 0.05
    strong_reference: int = 1000
    moderate_reference: int = 300
    weak_reference: int = 20


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
    return overlaid(Settings(), values, where)


def read_settings(path: Path) -> Settings:
    """The settings of a TOML file laid over the defaults."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"`{path}` cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"`{path}` is not valid TOML: {error}") from error
    return settings_from(values, where=str(path))
