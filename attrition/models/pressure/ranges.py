"""Cited ranges as random draws, read in one way by all modules of pressure.

A range is (low, central, high), read as the 5 %, 50 % and 95 % quantiles of a two-piece log-normal, as the ratios of
losses read theirs. A number alone is taken as exact.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from attrition.models.pressure.faults import PressureError

LEVEL = 0.9
REACH = 1.6448536269514722  # standard normal quantile of 95 %
MOST_DRAWS = 5_000_000


def draw(quantity, draws: int, rng: np.random.Generator, *, name: str = "quantity") -> np.ndarray:
    """Draw from a number, a range or draws that are there already.

    Parameters
    ----------
    quantity : float, (low, central, high) or array (draws,)
        A central number of None is the geometric mean of the ends, one end of None the central number. An end of nought
        is allowed only where all three are nought.
    draws : int
        How many numbers come back.
    rng : numpy Generator
    name : str
        What it is, for messages.

    Raises
    ------
    PressureError
        For a negative or missing number, ends out of order, or draws of another length.

    Examples
    --------
    >>> draw(3, 2, np.random.default_rng(0)).tolist()
    [3.0, 3.0]
    """
    if isinstance(quantity, np.ndarray):
        return _given(quantity, draws, name)
    low, central, high = complete(quantity, name)
    if low == high:
        return np.full(draws, float(central))
    scores = rng.standard_normal(draws)
    spread = np.where(scores < 0, math.log(central / low), math.log(high / central)) / REACH
    return central * np.exp(spread * scores)


def complete(quantity, name: str = "quantity") -> tuple[float, float, float]:
    """Check a number or a range and fill in what was not stated.

    Raises
    ------
    PressureError
        As `draw`.

    Examples
    --------
    >>> complete((40, None, 90)), complete((None, 7, None))
    ((40.0, 60.0, 90.0), (7.0, 7.0, 7.0))
    """
    ends = tuple(quantity) if isinstance(quantity, Sequence) else (quantity,) * 3
    if len(ends) != 3 or all(end is None for end in ends) or (ends[1] is None and None in (ends[0], ends[2])):
        raise PressureError(
            f"Expected a number or (low, central, high) for {name}, found {quantity!r}: one end alone is no range."
        )
    for end in ends:
        if end is not None and not (math.isfinite(end) and end >= 0):
            raise PressureError(f"Expected {name} of at least 0, found {end!r}: correct its sign or leave it out.")
    low, central, high = (None if end is None else float(end) for end in ends)
    central = math.sqrt(low * high) if central is None else central
    low, high = central if low is None else low, central if high is None else high
    if not low <= central <= high or (low == 0 < high):
        raise PressureError(
            f"Expected a range of {name} that rises from above 0, found {low:g}, {central:g}, {high:g}: "
            "put it in order."
        )
    return low, central, high


def restorable(
    counted: Sequence[float], usable_share: float | None = None, good: float | None = None
) -> tuple[float, float, float]:
    """Put together what counts of stored pieces say about those that can still be brought back.

    Parameters
    ----------
    counted : sequence of float
        Counts of all that is stored, of about one time; the highest is the upper end, as everything can be repaired at
        some price.
    usable_share : float, optional
        Share of them that moderate work would make ready: times the lowest count, the centre.
    good : float, optional
        Those in good condition, which come first: the lower end.

    Returns
    -------
    tuple
        (low, central, high); without a share the centre is the geometric mean, without `good` the lower end is the
        centre, or the lowest count.

    Raises
    ------
    PressureError
        For no counts, numbers not above 0, or a share above 1.

    Examples
    --------
    >>> restorable([3000, 2400], 0.25, 100)
    (100.0, 600.0, 3000.0)
    >>> restorable([400, 900])
    (400.0, 600.0, 900.0)
    """
    known = [*counted, *(one for one in (usable_share, good) if one is not None)]
    if not len(counted) or min(known) <= 0 or (usable_share or 0) > 1:
        raise PressureError(
            f"Expected counts above 0 and a share up to 1, found {list(counted)}, {usable_share!r} and {good!r}: say "
            "in the text that the stock is not known."
        )
    central = None if usable_share is None else usable_share * min(counted)
    low = min(one for one in (good, central, *counted) if one is not None)
    return complete((low, central, max(counted)), "stock")


def check_draws(draws: int) -> None:
    """Refuse a number of draws that is none.

    Raises
    ------
    PressureError
        Unless it is a whole number from 1 on.
    """
    if not isinstance(draws, (int, np.integer)) or isinstance(draws, bool) or not 1 <= draws <= MOST_DRAWS:
        raise PressureError(f"Expected 1 to {MOST_DRAWS} draws, found {draws!r}: give a whole number.")


def _given(quantity: np.ndarray, draws: int, name: str) -> np.ndarray:
    if quantity.shape != (draws,) or not np.isfinite(quantity).all() or (quantity < 0).any():
        raise PressureError(
            f"Expected {draws} draws of {name}, finite and at least 0, found shape {quantity.shape}: draw them anew."
        )
    return quantity.astype(float)
