"""Lanchester's square law: the textbook model of two forces that wear each other down by aimed fire.

A teaching aside. Two forces A and B lose soldiers in proportion to the number of the other side's: dA/dt = -b·B and
dB/dt = -a·A, with a and b the effectiveness of one soldier of A and of B. No reinforcements, no terrain, no choice to
stop. It explains why a ratio of losses is not a constant of nature; it is not fitted to any war here.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd


class LanchesterError(ValueError):
    """A battle of the square law cannot be computed from what was given."""


def square_law(a0: float, b0: float, a: float, b: float, times) -> pd.DataFrame:
    """Strength of both sides over time, by the exact solution.

    Parameters
    ----------
    a0, b0 : float
        Strength of sides A and B at the start, above zero, in any one unit.
    a, b : float
        Effectiveness above zero: how many of the other side one soldier puts out of action in a unit of time.
    times : sequence of float
        Times from 0 on.

    Returns
    -------
    DataFrame
        Indexed by `time`: `A`, `B` and `exchange`, the losses of A for one of B at that moment, b·B / (a·A). From the
        time at which one side has nobody left strengths stay as they are and `exchange` is missing.

    Raises
    ------
    LanchesterError
        If a strength or an effectiveness is not above zero, or a time is negative.

    Notes
    -----
    With k = √(ab) the solution A = A₀ cosh kt - B₀ √(b/a) sinh kt, and likewise B, is computed from its rising and
    falling parts, which does not lose digits. b·B² - a·A² stays what it was at the start (Lanchester 1916, Aircraft in
    Warfare, chapter 5).

    Examples
    --------
    >>> square_law(1000, 500, 0.01, 0.04, [0, 20]).round(1)["A"].to_list()
    [1000.0, 670.3]
    """
    _check(a0=a0, b0=b0, a=a, b=b)
    times = np.asarray(times, dtype=float)
    if not (np.isfinite(times).all() and (times >= 0).all()):
        raise LanchesterError("Expected times of at least 0, found one before the start: begin at 0.")
    end = duration(a0, b0, a, b)
    until = np.minimum(times, end)
    rate, scale = math.sqrt(a * b), math.sqrt(b / a)
    rising, falling = (a0 - scale * b0) / 2 * np.exp(rate * until), (a0 + scale * b0) / 2 * np.exp(-rate * until)
    first, second = np.maximum(rising + falling, 0.0), np.maximum((falling - rising) / scale, 0.0)
    fighting = times < end
    exchange = np.divide(b * second, a * first, out=np.full(len(times), np.nan), where=fighting)
    return pd.DataFrame({"A": first, "B": second, "exchange": exchange}, index=pd.Index(times, name="time"))


def duration(a0: float, b0: float, a: float, b: float) -> float:
    """Time until one side has nobody left; infinite if both are exactly matched.

    Examples
    --------
    >>> duration(1000, 500, 0.01, 0.04)
    inf
    """
    _check(a0=a0, b0=b0, a=a, b=b)
    first, second = math.sqrt(a) * a0, math.sqrt(b) * b0
    weaker, stronger = sorted((first, second))
    return math.inf if weaker == stronger else math.atanh(weaker / stronger) / math.sqrt(a * b)


def advantage_needed(a0: float, b0: float) -> float:
    """How many times as effective as one of A a soldier of B must be for B to hold out as long as A: (A/B)².

    Examples
    --------
    >>> advantage_needed(1500, 1000)
    2.25
    """
    _check(a0=a0, b0=b0)
    return (a0 / b0) ** 2


def _check(**numbers: float) -> None:
    for name, number in numbers.items():
        if not (math.isfinite(number) and number > 0):
            raise LanchesterError(f"Expected {name} above zero, found {number!r}: give strength and effectiveness.")
