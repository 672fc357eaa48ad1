"""What a forecast is asked for, and what all candidates share: the checks, the random numbers, quantiles from paths."""

import difflib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import ndtri
from scipy.stats import qmc

MEASURES = ("weekly", "cumulative")
LEAST_WEEKS = 26  # below half a year no candidate can tell noise from change
SPARE_WEEKS = 13  # what a series must have beyond the longest horizon
HALF_PATHS = 2048  # paths come in mirrored pairs, so medians are not left to chance; a power of two suits Sobol points
LONGEST_WEEKS = 104  # the longest horizon there is
LARGEST_LOG = 700.0  # the exponential of more overflows


class ForecastError(ValueError):
    """A forecast or a backtest cannot be made from what was given."""


@dataclass(frozen=True)
class Task:
    """What is to be forecast.

    Attributes
    ----------
    values : ndarray, shape (weeks,)
        Positive weekly sums.
    origins : tuple of int
        Positions of the last week each forecast may see; at least `LEAST_WEEKS` − 1.
    horizons : tuple of int
        Weeks ahead, from 1.
    levels : ndarray, shape (levels,)
        Levels of the central intervals, in (0, 1).
    seed : int
        Seed of the simulated paths.
    """

    values: np.ndarray
    origins: tuple
    horizons: tuple
    levels: np.ndarray
    seed: int = 0

    @property
    def probabilities(self):
        """Probabilities of all quantiles: lower ends, the median, upper ends."""
        return np.r_[(1 - self.levels) / 2, 0.5, (1 + self.levels) / 2]

    @property
    def steps(self):
        """Longest horizon."""
        return max(self.horizons)


@lru_cache(maxsize=4)
def uniforms(seed):
    """Evenly spread random points in the unit cube, shape (half the paths, 2 + longest horizon there is), read only.

    The first two columns choose a model and its scale, the others drive one week each. They depend on the seed alone:
    a forecast does not change with the other horizons asked for, and forecasts of several series share them.
    """
    points = qmc.Sobol(LONGEST_WEEKS + 2, scramble=True, rng=seed).random(HALF_PATHS)
    points.setflags(write=False)
    return points


@lru_cache(maxsize=4)
def normals(seed):
    """Normal draws from the columns of `uniforms` that drive the weeks, shape (half the paths, weeks), read only."""
    draws = ndtri(uniforms(seed)[:, 2:])
    draws.setflags(write=False)
    return draws


def from_paths(paths, task):
    """Quantiles of single weeks and of running sums, shape (measures, quantiles, horizons)."""
    columns = np.array(task.horizons) - 1
    both = np.concatenate([paths[:, columns], paths.cumsum(axis=1)[:, columns]], axis=1)
    quantiles = np.quantile(np.ascontiguousarray(both.T), task.probabilities, axis=1)
    return quantiles.reshape(len(task.probabilities), len(MEASURES), len(columns)).swapaxes(0, 1)


def exponential(logs):
    """Exponentials that stay finite."""
    return np.exp(np.minimum(logs, LARGEST_LOG))


def check_horizons(horizons) -> tuple:
    """Return the horizons as a tuple of distinct whole numbers from 1 to `LONGEST_WEEKS`."""
    listed = list(horizons) if _is_list(horizons) else [horizons]
    wrong = [horizon for horizon in listed if not (is_whole(horizon) and 1 <= horizon <= LONGEST_WEEKS)]
    if wrong or not listed or len(set(listed)) < len(listed):
        found = repr(wrong[0]) if wrong else "one twice" if listed else "none"
        raise ForecastError(f"expected distinct horizons of 1 to {LONGEST_WEEKS} weeks, found {found}: try [1, 4]")
    return tuple(int(horizon) for horizon in listed)


def check_levels(levels) -> np.ndarray:
    """Return the levels as an array of distinct numbers in (0, 1)."""
    listed = list(levels) if _is_list(levels) else [levels]
    wrong = [level for level in listed if not (isinstance(level, (float, np.floating)) and 0 < level < 1)]
    if wrong or not listed or len(set(listed)) < len(listed):
        found = repr(wrong[0]) if wrong else "one twice" if listed else "none"
        raise ForecastError(f"expected distinct levels between 0 and 1, both excluded, found {found}: try [0.9]")
    return np.array(listed, dtype=float)


def check_seed(seed) -> int:
    """Return the seed, a whole number from 0."""
    if not (is_whole(seed) and seed >= 0):
        raise ForecastError(f"expected a seed that is a whole number from 0, found {seed!r}: try 0")
    return int(seed)


def check_method(name, known) -> str:
    """Return the name of a method, or name the nearest one that is known."""
    if name not in known:
        near = difflib.get_close_matches(str(name), known, n=1, cutoff=0.0)[0]
        raise ForecastError(f"expected a method among {', '.join(known)}, found {name!r}: did you mean '{near}'?")
    return name


def is_whole(value) -> bool:
    """Tell whether a value is a whole number, and not a truth value."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def _is_list(value):
    return np.iterable(value) and not isinstance(value, str)
