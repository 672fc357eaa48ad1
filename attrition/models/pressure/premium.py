"""What controlled goods cost a buyer more than they cost others, and what is left of the goods behind a bill.

A price study gives changes for the buyer under controls and for other buyers; the premium is the first over the
second, as in a difference in differences of logarithms. Where only single numbers were published there is no interval,
and the result says so: none is made up.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from attrition.definitions import Range
from attrition.models.pressure.faults import PressureError

SINGLE, SEVERAL, RANGE = "single figures", "several published figures", "published range"


@dataclass(frozen=True)
class Premium:
    """A price premium as a share of the price that others pay.

    Attributes
    ----------
    value : float
        0.5 means half as much again.
    lower, upper : float or None
        Ends that were published, or the lowest and highest of several estimates; None for single figures.
    basis : str
        Where the ends come from: `SINGLE`, `RANGE` or `SEVERAL`.
    """

    value: float
    lower: float | None
    upper: float | None
    basis: str


def relative(treated, control=0.0) -> Premium:
    """Set the price change of one buyer against that of other buyers over the same years.

    Parameters
    ----------
    treated, control : float or (low, central, high)
        Changes as shares: 0.87 for a rise of 87 percent; above -1. An end that nobody stated is None.

    Returns
    -------
    Premium
        (1 + treated) / (1 + control) - 1: the difference in differences of the logarithms. Ends are set against
        opposite ends.

    Raises
    ------
    PressureError
        For a change of -1 or less, or without a number.

    Examples
    --------
    >>> round(relative(0.87, 0.09).value, 3), relative(0.87, 0.09).basis
    (0.716, 'single figures')
    >>> relative((0.25, None, 0.55))
    Premium(value=0.392, lower=0.25, upper=0.55, basis='published range')
    """
    first, second = _logs(treated), _logs(control)
    value = round(math.expm1(first.central - second.central), 3)
    if first.low == first.high and second.low == second.high:
        return Premium(value, None, None, SINGLE)
    lower, upper = (round(math.expm1(one), 12) for one in (first.low - second.high, first.high - second.low))
    return Premium(value, lower, upper, RANGE)


def span(premiums: Iterable[Premium], main: int = 0) -> Premium:
    """Put one estimate inside the lowest and the highest of all: ends of the evidence, not of a distribution.

    Parameters
    ----------
    premiums : Premium
        Estimates that may differ in what they compare.
    main : int
        Place of the one whose value is kept.

    Raises
    ------
    PressureError
        For no estimates.

    Examples
    --------
    >>> span([relative(0.87, 0.09), relative((0.25, None, 0.55)), relative(0.75)])
    Premium(value=0.716, lower=0.25, upper=0.75, basis='several published figures')
    """
    found = list(premiums)
    if not found:
        raise PressureError("Expected at least one premium, found none: say in the text that none is known.")
    if len(found) == 1:
        return found[0]
    ends = [end for one in found for end in (one.value, one.lower, one.upper) if end is not None]
    return Premium(found[main].value, min(ends), max(ends), SEVERAL)


def unit_price_change(value_change: float, volume_change: float) -> float:
    """Say how the price of a piece changed, from the change of the bill and of the number of pieces (shares).

    Raises
    ------
    PressureError
        For a change of -1 or less.

    Examples
    --------
    >>> round(unit_price_change(0.76, -0.13), 2)
    1.02
    """
    bill, pieces = _factor(value_change), _factor(volume_change)
    return bill / pieces - 1


def volume_change(value_change: float, premium: float) -> float:
    """Say what is left of the goods when a bill changes and each piece costs a premium more (shares).

    It holds only if both are of the same goods, buyer and years, which nobody may have published: then it is the answer
    to "what if".

    Examples
    --------
    >>> round(volume_change(-0.10, 0.5), 2)
    -0.4
    """
    return _factor(value_change) / _factor(premium) - 1


def before(after: float, change: float) -> float:
    """Return the level from which a change (share) leads to the level after it.

    Examples
    --------
    >>> before(90.0, -0.1)
    100.0
    """
    return after / _factor(change)


def _factor(change: float) -> float:
    if not (math.isfinite(change) and change > -1):
        raise PressureError(f"Expected a change above -1 as a share, found {change!r}: write 0.87 for 87 percent.")
    return 1 + change


def _logs(change) -> Range:
    ends = Range(*change) if isinstance(change, (tuple, list)) else Range(change, change, change)
    if all(end is None for end in ends):
        raise PressureError("Expected a change with at least one number, found none: leave this estimate out.")
    low, central, high = (None if end is None else math.log(_factor(end)) for end in ends)
    known = [end for end in (low, central, high) if end is not None]
    low, high = min(known) if low is None else low, max(known) if high is None else high
    central = (low + high) / 2 if central is None else central
    if not low <= central <= high:
        raise PressureError(f"Expected a change that rises from low to high, found {tuple(ends)!r}: put it in order.")
    return Range(low, central, high)
