"""Calibration: from reviewed labels of one platform to the probability that an account is run by a tool."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from graphkit.errors import ConfigError, InputError

Floats = npt.NDArray[np.float64]

# Fewer labels than that, or than that of each kind, and a probability would be a guess.
MINIMUM_LABELS = 200
MINIMUM_OF_A_KIND = 20
# A free curve needs more labels than a line does (Niculescu-Mizil and Caruana 2005).
ISOTONIC_LABELS = 1000
FOLDS = 10
BINS = 10
_FORMAT = 1
_ROUNDS = 100


@dataclass(frozen=True)
class Calibration:
    """A curve from bits to a probability, of which platform and policy it holds, and how well it does.

    `scores` ascend; between them the probability is interpolated, beyond them it stays. reliability has,
    for each of BINS groups of equally many accounts, the mean probability that was said without having seen
    them (out of fold), the share that is run by a tool, and how many there are; brier and ece are their mean
    squared and mean absolute error.
    """

    method: str
    platform: str
    policy: str
    n_labels: int
    n_tools: int
    scores: tuple[float, ...]
    probabilities: tuple[float, ...]
    reliability: tuple[tuple[float, float, int], ...]
    brier: float
    ece: float

    def probability(self, scores: pl.Series) -> pl.Series:
        """The probability of each score."""
        found = np.interp(scores.to_numpy(), self.scores, self.probabilities)
        return pl.Series("probability", found, dtype=pl.Float64)

    def content(self) -> bytes:
        """The calibration as JSON; the same calibration gives the same bytes."""
        return json.dumps({"format": _FORMAT, **asdict(self)}, indent=1, ensure_ascii=False).encode() + b"\n"


def calibrated(labels: pl.DataFrame, *, platform: str, policy: str) -> Calibration:
    """The calibration by `labels`: account_id, score (bits) and is_tool_run, one row an account.

    Platt's line from MINIMUM_LABELS labels, isotonic from ISOTONIC_LABELS. Which account is in which fold
    follows from its id alone. Raises ConfigError for fewer labels, or too few of a kind.
    """
    known = labels.drop_nulls(["score", "is_tool_run"]).unique("account_id", keep="first").sort("account_id")
    n, n_tools = known.height, int(known["is_tool_run"].sum())
    if n < MINIMUM_LABELS or min(n_tools, n - n_tools) < MINIMUM_OF_A_KIND:
        raise ConfigError(
            f"{n} reviewed accounts, {n_tools} of them run by a tool, are too few for a probability; review "
            f"{MINIMUM_LABELS} or more, {MINIMUM_OF_A_KIND} of each kind at least"
        )
    score = known["score"].to_numpy()
    tool = known["is_tool_run"].cast(pl.Float64).to_numpy()
    method, fit = ("isotonic", isotonic) if n >= ISOTONIC_LABELS else ("platt", platt)
    said = _out_of_fold(score, tool, _folds(known["account_id"]), fit)
    reliability = _reliability(said, tool)
    knots, probabilities = fit(score, tool)
    return Calibration(
        method=method,
        platform=platform,
        policy=policy,
        n_labels=n,
        n_tools=n_tools,
        scores=tuple(knots.tolist()),
        probabilities=tuple(probabilities.tolist()),
        reliability=reliability,
        brier=float(np.mean((said - tool) ** 2)),
        ece=sum(size * abs(mean - share) for mean, share, size in reliability) / n,
    )


def platt(score: Floats, tool: Floats) -> tuple[Floats, Floats]:
    """Scores and probabilities of a logistic line (Platt 1999, with his targets: never 0, never 1).

    Newton's method as in Lin, Lin and Weng 2007. The line is given at steps of a quarter of a bit, and never
    falls: more bits are no reason to believe less.
    """
    n_tools, n_others = tool.sum(), (1 - tool).sum()
    target = np.where(tool > 0, (n_tools + 1) / (n_tools + 2), 1 / (n_others + 2))
    slope, offset = 0.0, float(np.log((n_tools + 1) / (n_others + 1)))
    for _ in range(_ROUNDS):
        p = _logistic(slope * score + offset)
        gradient = np.array([np.sum((target - p) * score), np.sum(target - p)])
        weight = p * (1 - p)
        mixed = np.sum(weight * score)
        # A little on the diagonal keeps the step finite where the two kinds are apart.
        curvature = np.array([[np.sum(weight * score**2) + 1e-9, mixed], [mixed, np.sum(weight) + 1e-9]])
        step = np.linalg.solve(curvature, gradient)
        slope, offset = slope + float(step[0]), offset + float(step[1])
        if np.max(np.abs(step)) < 1e-9:
            break
    knots = np.arange(np.floor(score.min() * 4), np.ceil(score.max() * 4) + 1) / 4
    return knots, _logistic(max(slope, 0.0) * knots + offset)


def isotonic(score: Floats, tool: Floats) -> tuple[Floats, Floats]:
    """Scores and the best probabilities that never fall (pool adjacent violators, Ayer and others 1955).

    The two ends are drawn in by one account of the other kind, so that nothing is said to be certain.
    """
    knots, where = np.unique(score, return_inverse=True)
    sizes = np.bincount(where).astype(np.float64)
    means = np.bincount(where, weights=tool) / sizes
    pooled: list[tuple[float, float, int]] = []
    for mean, size in zip(means.tolist(), sizes.tolist(), strict=True):
        block = (mean, size, 1)
        while pooled and pooled[-1][0] >= block[0]:
            before = pooled.pop()
            both = before[1] + block[1]
            block = ((before[0] * before[1] + block[0] * block[1]) / both, both, before[2] + block[2])
        pooled.append(block)
    fitted = np.concatenate(
        [
            np.full(count, np.clip(mean, 1 / (size + 2), (size + 1) / (size + 2)))
            for mean, size, count in pooled
        ]
    )
    return knots, np.maximum.accumulate(fitted)


def read_calibration(path: Path, *, platform: str, policy: str) -> Calibration:
    """The calibration that `graphkit calibrate` wrote to `path`, if it holds for this platform and policy.

    Raises InputError for another file, ConfigError where it was made on another platform or policy.
    """
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"`{path}` cannot be read as a calibration: {error}") from error
    if not isinstance(facts, dict) or facts.pop("format", None) != _FORMAT:
        raise InputError(f"`{path}` is no calibration; make one with `graphkit calibrate`")
    found = Calibration(**{name: _tuple(value) for name, value in facts.items()})
    if not platform or found.platform != platform:
        raise ConfigError(
            f"`{path}` was made on `{found.platform}`, this run is on `{platform or '(no name)'}`; a "
            "probability holds for its own platform only, so give `--platform` or calibrate here"
        )
    if found.policy != policy:
        raise ConfigError(f"`{path}` was made with policy `{found.policy}`, not `{policy}`; calibrate again")
    return found


def _tuple(value: Any) -> Any:
    return tuple(_tuple(one) for one in value) if isinstance(value, list) else value


def _folds(accounts: pl.Series) -> npt.NDArray[np.int64]:
    marks = [int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") for name in accounts]
    # By rank, so that folds are of one size.
    return np.argsort(np.argsort(np.array(marks, dtype=np.uint64))) % FOLDS


def _out_of_fold(
    score: Floats,
    tool: Floats,
    fold: npt.NDArray[np.int64],
    fit: Callable[[Floats, Floats], tuple[Floats, Floats]],
) -> Floats:
    said = np.empty(score.size)
    for number in range(FOLDS):
        kept, out = fold != number, fold == number
        said[out] = np.interp(score[out], *fit(score[kept], tool[kept]))
    return said


def _reliability(said: Floats, tool: Floats) -> tuple[tuple[float, float, int], ...]:
    """Groups of equally many by what was said of them; what is said alike stays in one group."""
    order = np.argsort(said, kind="stable")
    cut = np.searchsorted(said[order], said[order][np.arange(1, BINS) * said.size // BINS])
    edges = [0, *sorted({int(at) for at in cut} - {0}), said.size]
    return tuple(
        (float(said[part].mean()), float(tool[part].mean()), int(part.size))
        for begin, end in pairwise(edges)
        for part in [order[begin:end]]
    )


def _logistic(at: Floats) -> Floats:
    found: Floats = 1.0 / (1.0 + np.exp(-np.clip(at, -500, 500)))
    return found


def told(calibration: Calibration) -> Mapping[str, Any]:
    """What a manifest says of the calibration of a run."""
    names = ("method", "platform", "policy", "n_labels", "n_tools", "brier", "ece")
    return {name: getattr(calibration, name) for name in names}
