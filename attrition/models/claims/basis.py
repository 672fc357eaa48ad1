"""What goes into a test of a claim and what comes out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd


class ClaimError(ValueError):
    """A claim that cannot be tested as it is written."""


@dataclass(frozen=True)
class Claim:
    """A checkable claim: its number or range (an open end is None) and the day it was made."""

    id: str
    speaker: str
    day: pd.Timestamp
    low: float | None
    high: float | None


@dataclass(frozen=True, eq=False)
class Basis:
    """What claims are tested against.

    Attributes
    ----------
    total : Series
        Running total of the daily claim, by day.
    estimate : callable
        ``(counts, first day, last day)`` to a total with `value, lower, upper, level`: the joint estimate.
    wounded : callable
        ``(first day, last day)`` to the wounded for one killed, likewise.
    figures : DataFrame
        Cited figures of the room, one a row, with `role` and `family` of the speaker.
    rates : Series
        Roubles, or another currency, for one dollar, by month.
    start, cutoff : Timestamp
        First day of the war, last day known.
    """

    total: pd.Series
    estimate: Callable
    wounded: Callable
    figures: pd.DataFrame
    rates: pd.Series
    start: pd.Timestamp
    cutoff: pd.Timestamp


@dataclass(frozen=True)
class Verdict:
    """What a test found.

    Attributes
    ----------
    probability : float or None
        That the claim is right, 0 to 1; None where nothing here can tell.
    recorded : bool
        Whether it was read off a record, so that the probability is 0 or 1.
    told : dict
        The numbers and days that the verdict rests on, by name.
    rows : tuple of str
        Ids of the cited figures used.
    reason : str
        Why nothing can be told; empty otherwise.
    """

    probability: float | None
    recorded: bool = False
    told: Mapping[str, Any] = field(default_factory=dict)
    rows: tuple[str, ...] = ()
    reason: str = ""


def unknown(reason: str, **told) -> Verdict:
    """A verdict that says why there is none."""
    return Verdict(None, told=told, reason=reason)


def period(basis: Basis, claim: Claim, span: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Days that a span stands for: "to date", "to 2025-12-31", "month 2025-12", "year 2025", "3 months" before it.

    Raises
    ------
    ClaimError
        For any other words.
    """
    words = span.split()
    if words == ["to", "date"]:
        return basis.start, claim.day
    if words[0] in ("month", "year") and len(words) == 2:
        whole = pd.Period(words[1], "M" if words[0] == "month" else "Y")
        return max(whole.start_time.normalize(), basis.start), whole.end_time.normalize()
    if words[1:] == ["months"] and words[0].isdigit():
        last = claim.day.to_period("M").start_time - pd.Timedelta(days=1)
        first = (last.to_period("M") - int(words[0]) + 1).start_time
        return first, last
    if words[:1] == ["to"] and len(words) == 2:
        return basis.start, pd.Timestamp(words[1])
    raise ClaimError(
        f"Expected 'to date', 'month 2025-12', 'year 2025' or '3 months' for claim '{claim.id}', found '{span}': "
        "write one of these."
    )
