"""What a figure counts, and which figures may be put together.

A number of dead and a number of casualties look alike and are not; neither are a total since the first
day of a war and a month of it. Each figure therefore carries its definition, and figures of different
measures are never added, compared or divided without a conversion that has a name. This module reads no
files and knows no measure by heart: definitions come from the data room.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

DAYS_PER_MONTH = 365.25 / 12
ALIKE_LENGTH_SHARE = 0.15  # February and a month of 31 days are alike, a month and a quarter are not
ALIKE_DAY_DAYS = 31  # levels of two sides or two speakers are put side by side up to a month apart


class DefinitionError(ValueError):
    """Figures were put together that do not count the same thing."""


class Range(NamedTuple):
    """Lower end, centre and upper end of a number; an end that nobody stated is None."""

    low: float | None
    central: float | None
    high: float | None


@dataclass(frozen=True)
class Definition:
    """One measure: what is counted, in which unit, over which time.

    `nature` is flow, stock, price, rate, share, ratio or event; `counts` names the fate or group of
    people; `cumulative` says that the count runs from the first day of the war.
    """

    measure: str
    what: str
    unit: str
    nature: str
    counts: str = ""
    cumulative: bool = False

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Definition:
        """Take the definition from a row of the table of definitions."""
        texts = {name: str(row[name]) for name in ("measure", "what", "unit", "nature", "counts")}
        return cls(**texts, cumulative=row["cumulative"] == "yes")

    @property
    def per_period(self) -> bool:
        """Whether a figure means nothing without its period: a flow that is not a running total."""
        return self.nature == "flow" and not self.cumulative


@dataclass(frozen=True)
class Figure:
    """One cited figure with its definition: number, side, day and period.

    Examples
    --------
    >>> dead = Definition("killed", "Dead in the period.", "persons", "flow", "killed")
    >>> Figure("x1", dead, "A", date(2024, 1, 31), central=90.0).range
    Range(low=90.0, central=90.0, high=90.0)
    >>> Figure("x2", dead, "A", date(2024, 1, 31), low=70.0).range
    Range(low=70.0, central=None, high=None)
    """

    id: str
    definition: Definition
    side: str
    as_of: date
    low: float | None = None
    central: float | None = None
    high: float | None = None
    start: date | None = None
    end: date | None = None
    source: str = ""
    region: str = ""
    partner: str = ""

    @classmethod
    def from_row(cls, row: Mapping[str, Any], definition: Definition) -> Figure:
        """Take the figure from a typed row of evidence; empty cells (NaN, NaT) become None."""
        if row["measure"] != definition.measure:
            raise DefinitionError(
                f"Row '{row['id']}' has the measure '{row['measure']}', but the definition given is of "
                f"'{definition.measure}': look up the definition of the row's own measure."
            )
        numbers = {name: _given(row[name], float) for name in ("low", "central", "high")}
        days = {"start": _given(row["period_start"], _day), "end": _given(row["period_end"], _day)}
        texts = {name: row[name] for name in ("source", "region", "partner")}
        return cls(row["id"], definition, row["side"], _day(row["as_of"]), **numbers, **days, **texts)

    @property
    def range(self) -> Range:
        """The number with its ends: a plain figure is its own range, a floor has no upper end."""
        plain = self.low is None and self.high is None
        return Range(self.central, self.central, self.central) if plain else self._stated

    @property
    def _stated(self) -> Range:
        return Range(self.low, self.central, self.high)

    @property
    def days(self) -> int | None:
        """Length of the period in days, or None for a level on a day."""
        return None if self.start is None or self.end is None else (self.end - self.start).days + 1

    def __str__(self) -> str:
        """Name the row and what it counts, for messages."""
        return f"'{self.id}' ({self.definition.measure}: {self.definition.what.rstrip('.')})"


def _given(cell: Any, read: Callable) -> Any:
    return None if cell is None or cell != cell else read(cell)


def _day(cell: Any) -> date:
    return date(cell.year, cell.month, cell.day)


def comparable(a: Figure, b: Figure) -> bool:
    """Whether two figures count the same thing over alike periods.

    Flows must have periods whose lengths differ by at most 15 percent. Levels and running totals of
    two sides or two sources must be of days at most a month apart; one source's own levels of any two
    days are comparable.
    """
    return not _unlike(a, b)


def _unlike(a: Figure, b: Figure) -> str:
    if a.definition.measure != b.definition.measure or a.definition.unit != b.definition.unit:
        return "they have different measures; use a named conversion first"
    if a.definition.per_period:
        if a.days is None or b.days is None:
            return "a flow needs its period; give both rows a first and a last day"
        if abs(a.days - b.days) > ALIKE_LENGTH_SHARE * max(a.days, b.days):
            return f"their periods have {a.days} and {b.days} days; convert both to a rate first"
    elif (a.side, a.source) != (b.side, b.source) and abs((a.as_of - b.as_of).days) > ALIKE_DAY_DAYS:
        return f"they are of {a.as_of} and {b.as_of}; take rows at most {ALIKE_DAY_DAYS} days apart"
    return ""


def _refuse(verb: str, a: Figure, b: Figure, reason: str) -> DefinitionError:
    return DefinitionError(f"Cannot {verb} {a} and {b}: {reason}.")


def add(a: Figure, b: Figure, *, across_sides: bool = False) -> Figure:
    """Add two flows: neighbouring periods of one side, or one period of two sides.

    Raises
    ------
    DefinitionError
        If measures differ, a level or running total is added, places differ, sides differ without
        `across_sides`, or the periods overlap or leave a gap.
    """
    reason = _not_addable(a, b, across_sides)
    if reason:
        raise _refuse("add", a, b, reason)
    first, last = sorted((a, b), key=lambda figure: figure.start)
    low, central, high = (_sum(x, y) for x, y in zip(a.range, b.range, strict=True))
    side = a.side if a.side == b.side else f"{a.side}+{b.side}"
    source = a.source if a.source == b.source else f"{a.source}+{b.source}"
    days = {"start": first.start, "end": last.end, "source": source, "region": a.region, "partner": a.partner}
    return Figure(f"{a.id}+{b.id}", a.definition, side, max(a.as_of, b.as_of), low, central, high, **days)


def _not_addable(a: Figure, b: Figure, across_sides: bool) -> str:
    if a.definition.measure != b.definition.measure:
        return "they have different measures; use a named conversion first"
    if not a.definition.per_period:
        kind = "a running total" if a.definition.cumulative else f"a {a.definition.nature}"
        return f"{kind} cannot be added; only flows of a period can"
    if a.days is None or b.days is None:
        return "a flow needs its period; give both rows a first and a last day"
    if (a.region, a.partner) != (b.region, b.partner):
        return "they are of different places, and one may hold the other; add rows of one place"
    if a.side != b.side:
        return _not_across(a, b, across_sides)
    return _not_neighbours(*sorted((a, b), key=lambda figure: figure.start))


def _not_across(a: Figure, b: Figure, across_sides: bool) -> str:
    if not across_sides:
        return f"they are of the sides '{a.side}' and '{b.side}'; say across_sides=True if that is meant"
    alike = (a.start, a.end) == (b.start, b.end)
    return "" if alike else "sides are added over one and the same period only; take rows of one period"


def _not_neighbours(first: Figure, last: Figure) -> str:
    if last.start <= first.end:
        return f"their periods overlap from {last.start} to {min(first.end, last.end)}; choose one of them"
    if last.start > first.end + timedelta(days=1):
        return f"their periods leave a gap from {first.end} to {last.start}; fill it with a row first"
    return ""


def _sum(x: float | None, y: float | None) -> float | None:
    return None if x is None or y is None else x + y


def compare(a: Figure, b: Figure) -> int:
    """Say whether `a` lies wholly below (-1) or above (1) `b`; 0 means that the ranges meet.

    Raises
    ------
    DefinitionError
        If the figures are not `comparable`.
    """
    _require_comparable("compare", a, b)
    if _below(a.range, b.range):
        return -1
    return 1 if _below(b.range, a.range) else 0


def _below(x: Range, y: Range) -> bool:
    return x.high is not None and y.low is not None and x.high < y.low


def _require_comparable(verb: str, a: Figure, b: Figure) -> None:
    reason = _unlike(a, b)
    if reason:
        raise _refuse(verb, a, b, reason)


def subtract(a: Figure, b: Figure) -> Range:
    """Take `b` from `a`, both of one side and alike; the ends of the range are the widest possible.

    Raises
    ------
    DefinitionError
        If the figures are not `comparable`, are of different sides, or are running totals, whose
        difference is another measure.
    """
    if a.definition.cumulative and a.definition == b.definition:
        reason = "the difference of running totals is another measure; use convert('period_from_cumulative')"
        raise _refuse("subtract", a, b, reason)
    _require_comparable("subtract", a, b)
    if a.side != b.side:
        raise _refuse("subtract", a, b, f"they are of the sides '{a.side}' and '{b.side}'; use ratio")
    return difference(a.range, b.range)


def difference(x: Range, y: Range) -> Range:
    """Subtract ranges end against opposite end."""
    return Range(_less(x.low, y.high), _less(x.central, y.central), _less(x.high, y.low))


def _less(x: float | None, y: float | None) -> float | None:
    return None if x is None or y is None else x - y


def ratio(a: Figure, b: Figure) -> Range:
    """Divide `a` by `b`, alike figures of any two sides; the ends are the widest possible.

    Raises
    ------
    DefinitionError
        If the figures are not `comparable`, or `b` may be zero or negative.
    """
    _require_comparable("divide", a, b)
    if any(end is not None and end <= 0 for end in b.range):
        raise _refuse("divide", a, b, "the divisor may be zero or negative, so the ratio is not defined")
    low, central, high = b.range
    return Range(_over(a.range.low, high), _over(a.range.central, central), _over(a.range.high, low))


def _over(x: float | None, y: float | None) -> float | None:
    return None if x is None or y is None else x / y
