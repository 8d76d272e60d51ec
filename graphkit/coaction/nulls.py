"""How many objects two accounts would have in common by chance, and how unlikely it is to have more."""

from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt
from scipy import special

from graphkit.errors import InputError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# A term of a sum that is smaller, as a share of the sum, does not change it.
_NEGLIGIBLE = 1e-17

# The fit has ended where the model's degrees are this near to the true ones, as a share of them.
_NEAR = 1e-10
_MOST_STEPS = 200


class Law(Protocol):
    """Laws of the number in common, one for each row; `x` holds one number for each row."""

    @property
    def mean(self) -> Floats:
        """The expected numbers."""

    def log_chance(self, x: Floats) -> Floats:
        """The logarithm of P(X = x)."""

    def step(self, x: Floats) -> Floats:
        """P(X = x + 1) / P(X = x)."""

    def back(self, x: Floats) -> Floats:
        """P(X = x - 1) / P(X = x)."""

    def rows(self, chosen: npt.NDArray[np.bool_]) -> Self:
        """The laws of some rows."""


@dataclass(frozen=True)
class Hypergeometric:
    """Two accounts draw `first` and `second` objects of `n_objects` without looking at each other.

    All objects are equally likely. P(X = x) = C(first, x) C(n - first, second - x) / C(n, second).
    """

    first: Floats
    second: Floats
    n_objects: int

    @property
    def mean(self) -> Floats:
        """The share of the objects that one has, times how many the other has."""
        return self.first * self.second / self.n_objects

    def log_chance(self, x: Floats) -> Floats:
        """By three binomial laws after Loader (2000): differences of ln n! would lose half of the digits."""
        rest, share = self.n_objects - self.first, self.second / self.n_objects
        possible = (x >= 0) & (self.second - x <= rest)
        x = np.where(possible, x, self.second - rest)
        value = (
            _log_binomial(x, self.first, share)
            + _log_binomial(self.second - x, rest, share)
            - _log_binomial(self.second, np.full_like(x, self.n_objects), share)
        )
        return np.where(possible, value, -np.inf)

    def step(self, x: Floats) -> Floats:
        """P(X = x + 1) / P(X = x)."""
        rest = self.n_objects - self.first - self.second
        return (self.first - x) * (self.second - x) / ((x + 1) * (rest + x + 1))

    def back(self, x: Floats) -> Floats:
        """P(X = x - 1) / P(X = x)."""
        rest = self.n_objects - self.first - self.second
        return x * (rest + x) / ((self.first - x + 1) * (self.second - x + 1))

    def rows(self, chosen: npt.NDArray[np.bool_]) -> Self:
        """The laws of some rows."""
        return type(self)(self.first[chosen], self.second[chosen], self.n_objects)


@dataclass(frozen=True)
class Poisson:
    """Many rare chances: P(X = x) = mean^x exp(-mean) / x!."""

    mean: Floats

    def log_chance(self, x: Floats) -> Floats:
        """The logarithm of P(X = x)."""
        value: Floats = special.xlogy(x, self.mean) - self.mean - special.gammaln(np.maximum(x, 0) + 1)
        return np.where(x >= 0, value, -np.inf)

    def step(self, x: Floats) -> Floats:
        """P(X = x + 1) / P(X = x)."""
        return self.mean / (x + 1)

    def back(self, x: Floats) -> Floats:
        """P(X = x - 1) / P(X = x)."""
        return x / self.mean

    def rows(self, chosen: npt.NDArray[np.bool_]) -> Self:
        """The laws of some rows."""
        return type(self)(self.mean[chosen])


def log_tail(law: Law, common: Ints) -> Floats:
    """The logarithm of P(X >= common) for each row of `law`, exact far below the smallest floating number."""
    x = common.astype(np.float64)
    above = x > law.mean
    found = np.empty(len(x))
    rare = law.rows(above)
    found[above] = rare.log_chance(x[above]) + np.log(_series(rare, x[above], up=True))
    # Up to the mean the sum from `common` on would be long and the rest is the smaller part.
    usual, last = law.rows(~above), x[~above] - 1
    rest = np.exp(usual.log_chance(last))
    some = rest > 0
    rest[some] *= _series(usual.rows(some), last[some], up=False)
    found[~above] = np.log1p(-np.minimum(rest, 1 - 2**-53))
    return np.minimum(found, 0.0)


def _series(law: Law, x: Floats, *, up: bool) -> Floats:
    """The sum of P(X = y) over all y from x upwards (or downwards), divided by P(X = x)."""
    total, term, open_rows = np.ones(len(x)), np.ones(len(x)), np.arange(len(x))
    while len(open_rows):
        term = term * (law.step(x) if up else law.back(x))
        x = x + 1 if up else x - 1
        total[open_rows] += term
        still = term > _NEGLIGIBLE * total[open_rows]
        law, x, term, open_rows = law.rows(still), x[still], term[still], open_rows[still]
    return total


def _log_binomial(x: Floats, n: Floats, share: Floats) -> Floats:
    """The logarithm of C(n, x) share^x (1 - share)^(n - x), for 0 <= x <= n."""
    inside = (x > 0) & (x < n)
    y, m = np.where(inside, x, 1.0), np.where(inside, n, 2.0)
    p = np.where(inside, share, 0.5)
    value = (
        _stirling_rest(m)
        - _stirling_rest(y)
        - _stirling_rest(m - y)
        - _deviance(y, m * p)
        - _deviance(m - y, m * (1 - p))
        + 0.5 * np.log(m / (2 * np.pi * y * (m - y)))
    )
    at_end = np.where(x == 0, special.xlog1py(n, -share), special.xlogy(n, share))
    found: Floats = np.where(inside, value, at_end)
    return found


def _deviance(x: Floats, expected: Floats) -> Floats:
    """The value of x ln(x / expected) + expected - x, without loss where the two are close."""
    gap = x - expected
    value: Floats = x * np.log1p(gap / expected) - gap
    return value


def _stirling_rest(n: Floats) -> Floats:
    """What Stirling's formula lacks of ln n!, for n from 1 on."""
    small = np.minimum(n, 16.0)
    direct = special.gammaln(small + 1) - (small + 0.5) * np.log(small) + small - 0.5 * np.log(2 * np.pi)
    square = 1 / (n * n)
    series = (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188)))) / n
    return np.where(n < 16, direct, series)


def configuration_model(rows: Ints, n_rows: Ints, columns: Ints, n_columns: Ints) -> Floats:
    """The chance that a row of one degree is linked to a column of another, in the configuration model.

    `rows` and `columns` are the distinct degrees, `n_rows` and `n_columns` how many rows and columns have
    each. Of all graphs in which the degrees are right on average, it is the law that assumes nothing else:
    p = x y / (1 + x y) (Saracco et al. 2017, doi:10.1088/1367-2630/aa6b38). Rows and columns that are linked
    to all or to none are taken out first, for their x is infinite or 0.

    Raises InputError where the fit does not end.
    """
    chance = np.zeros((len(rows), len(columns)))
    left, top = rows.astype(np.float64), columns.astype(np.float64)
    open_rows, open_columns = np.ones(len(rows), dtype=bool), np.ones(len(columns), dtype=bool)
    while True:
        full = open_rows & (left > 0) & (left == n_columns[open_columns].sum())
        chance[np.ix_(full, open_columns)] = 1.0
        top = top - n_rows[full].sum()
        open_rows &= ~full & (left > 0)
        full_columns = open_columns & (top > 0) & (top == n_rows[open_rows].sum())
        chance[np.ix_(open_rows, full_columns)] = 1.0
        left = left - n_columns[full_columns].sum()
        before = int(open_columns.sum())
        open_columns &= ~full_columns & (top > 0)
        if not full.any() and int(open_columns.sum()) == before:
            break
    open_rows &= left > 0
    if open_rows.any() and open_columns.any():
        chance[np.ix_(open_rows, open_columns)] = _fitted(
            left[open_rows], n_rows[open_rows], top[open_columns], n_columns[open_columns]
        )
    return chance


def _fitted(rows: Floats, n_rows: Ints, columns: Floats, n_columns: Ints) -> Floats:
    """Newton's method on the logarithms of x and y, whose likelihood has one summit."""
    links = float(rows @ n_rows)
    a, b = np.log(rows / np.sqrt(links)), np.log(columns / np.sqrt(links))
    for _ in range(_MOST_STEPS):
        chance: Floats = special.expit(a[:, None] + b)
        lack_a, lack_b = rows - chance @ n_columns, columns - n_rows @ chance
        if max(np.max(np.abs(lack_a) / rows), np.max(np.abs(lack_b) / columns)) < _NEAR:
            return chance
        step_a, step_b = _newton_step(chance, n_rows * lack_a, n_rows, n_columns * lack_b, n_columns)
        size, base = 1.0, _likelihood(a, b, rows, n_rows, columns, n_columns)
        while size > 1e-6:
            reached = _likelihood(a + size * step_a, b + size * step_b, rows, n_rows, columns, n_columns)
            if reached >= base - 1e-13 * abs(base):
                break
            size /= 2
        a, b = a + size * step_a, b + size * step_b
    raise InputError(
        f"the chances of {int(n_rows.sum())} accounts and {int(n_columns.sum())} objects could not be fitted"
        f" in {_MOST_STEPS} steps; take `null` `hypergeometric`"
    )


def _newton_step(
    chance: Floats, pull_a: Floats, n_rows: Ints, pull_b: Floats, n_columns: Ints
) -> tuple[Floats, Floats]:
    """The step for rows and columns, by way of the equations of the columns alone."""
    joint = n_rows[:, None] * n_columns * chance * (1 - chance)
    of_rows, of_columns = joint.sum(axis=1), joint.sum(axis=0)
    scaled = joint / of_rows[:, None]
    inner = np.diag(of_columns) - joint.T @ scaled
    # x can grow as y shrinks: adding the mean of the diagonal everywhere holds that direction still.
    inner += of_columns.mean() / len(of_columns)
    step_b = np.linalg.lstsq(inner, pull_b - scaled.T @ pull_a, rcond=1e-15)[0]
    return (pull_a - joint @ step_b) / of_rows, step_b


def _likelihood(a: Floats, b: Floats, rows: Floats, n_rows: Ints, columns: Floats, n_columns: Ints) -> float:
    pulled = (rows * n_rows) @ a + (columns * n_columns) @ b
    return float(pulled - n_rows @ np.logaddexp(0.0, a[:, None] + b) @ n_columns)
