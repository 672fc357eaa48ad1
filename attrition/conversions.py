"""The named conversions from one measure to another: the only way across the definitions.

A conversion checks that what comes out is defined as what goes in allows, so that a total of casualties
never turns into a number of dead by a slip. Each is found by its name and says what it takes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from attrition.definitions import (
    DAYS_PER_MONTH,
    Definition,
    DefinitionError,
    Figure,
    Range,
    difference,
)

__all__ = ["Conversion", "convert", "names"]


@dataclass(frozen=True)
class Conversion:
    """A named conversion: what it takes, in a sentence, and the function that does it."""

    name: str
    takes: str
    count: int
    function: Callable[..., Figure]


_REGISTRY: dict[str, Conversion] = {}


def names() -> dict[str, str]:
    """List every conversion by name with what it takes."""
    return {name: _REGISTRY[name].takes for name in sorted(_REGISTRY)}


def convert(name: str, *figures: Figure, to: Definition) -> Figure:
    """Turn figures into a figure of the measure `to` by the conversion of this name.

    Parameters
    ----------
    name
        One of `names()`.
    figures
        As many as the conversion takes, in its order.
    to
        Definition of the result; it must count what the conversion yields.

    Raises
    ------
    DefinitionError
        If the name is unknown, the number of figures is wrong, or the definitions do not fit.

    Examples
    --------
    >>> from datetime import date
    >>> dead = Definition("killed", "Dead in the period.", "persons", "flow", "killed")
    >>> rate = Definition("killed_per_day", "Dead per day.", "persons_per_day", "rate", "killed")
    >>> january = Figure("x1", dead, "A", date(2024, 1, 31), central=310.0,
    ...                  start=date(2024, 1, 1), end=date(2024, 1, 31))
    >>> convert("per_day", january, to=rate).central
    10.0
    """
    if name not in _REGISTRY:
        raise DefinitionError(f"There is no conversion '{name}'; choose one of {', '.join(sorted(_REGISTRY))}.")
    conversion = _REGISTRY[name]
    if len(figures) != conversion.count:
        raise DefinitionError(
            f"The conversion '{name}' takes {conversion.takes}, in this order, found {len(figures)} rows: give it "
            f"{conversion.count}."
        )
    return conversion.function(*figures, to)


def _conversion(name: str, takes: str, count: int) -> Callable:
    def keep(function: Callable[..., Figure]) -> Callable[..., Figure]:
        _REGISTRY[name] = Conversion(name, takes, count, function)
        return function

    return keep


def _demand(fits: bool, name: str, figures: tuple[Figure, ...], to: Definition, reason: str) -> None:
    if not fits:
        rows = " and ".join(str(figure) for figure in figures)
        raise DefinitionError(f"Cannot convert {rows} to '{to.measure}' by '{name}': {reason}.")


def _result(id_: str, base: Figure, to: Definition, number: Range, **changes) -> Figure:
    low, central, high = number
    if low == central == high:
        low = high = None
    return replace(base, id=id_, definition=to, low=low, central=central, high=high, **changes)


@_conversion("period_from_cumulative", "the later and the earlier running total of one source", 2)
def _period_from_cumulative(later: Figure, earlier: Figure, to: Definition) -> Figure:
    name, rows = "period_from_cumulative", (later, earlier)
    total = later.definition
    alike = total == earlier.definition and total.cumulative
    _demand(alike, name, rows, to, "both must be running totals of one measure")
    fits = to.per_period and (to.unit, to.counts) == (total.unit, total.counts)
    fits = fits and f"{to.measure}_cumulative" == total.measure
    _demand(fits, name, rows, to, f"the result must be the flow that belongs to '{total.measure}'")
    one = (later.source, later.side, later.region) == (earlier.source, earlier.side, earlier.region)
    _demand(one, name, rows, to, "both must be of one source, side and place")
    _demand(later.as_of > earlier.as_of, name, rows, to, "the first must be of a later day than the second")
    number = difference(later.range, earlier.range)
    _demand(any(x is not None for x in number), name, rows, to, "two floors have no difference")
    first = earlier.as_of + timedelta(days=1)
    return _result(f"{later.id}-{earlier.id}", later, to, number, start=first, end=later.as_of)


def _per(name: str, days: float, flow: Figure, to: Definition) -> Figure:
    fits = flow.definition.per_period and flow.days is not None
    _demand(fits, name, (flow,), to, "it must be a flow with a first and a last day")
    rate = (to.nature, to.counts, to.unit) == ("rate", flow.definition.counts, f"{flow.definition.unit}_{name}")
    _demand(rate, name, (flow,), to, f"the result must be a rate in {flow.definition.unit}_{name}")
    number = Range(*(None if x is None else x * days / flow.days for x in flow.range))
    return _result(f"{flow.id}.{name}", flow, to, number)


@_conversion("per_day", "one flow with its period", 1)
def _per_day(flow: Figure, to: Definition) -> Figure:
    return _per("per_day", 1.0, flow, to)


@_conversion("per_month", "one flow with its period; a month has 30.4375 days", 1)
def _per_month(flow: Figure, to: Definition) -> Figure:
    return _per("per_month", DAYS_PER_MONTH, flow, to)


@_conversion("sum_of_parts", "two parts of one whole, as dead and wounded, of one side and time", 2)
def _sum_of_parts(a: Figure, b: Figure, to: Definition) -> Figure:
    name, one, other = "sum_of_parts", a.definition, b.definition
    parts = to.counts == f"{one.counts}_{other.counts}" and one.counts != other.counts
    _demand(parts, name, (a, b), to, f"the result counts '{to.counts}', not the two parts in this order")
    kinds = {(x.nature, x.cumulative, x.unit) for x in (one, other, to)}
    _demand(len(kinds) == 1, name, (a, b), to, "nature, unit and time base must be the same in all three")
    times = {(x.side, x.region, x.as_of, x.start, x.end) for x in (a, b)}
    _demand(len(times) == 1, name, (a, b), to, "side, place, day and period must be the same in both")
    sums = (None if x is None or y is None else x + y for x, y in zip(a.range, b.range, strict=True))
    return _result(f"{a.id}+{b.id}", a, to, Range(*sums))


@_conversion("killed_from_casualties", "a count of dead and wounded, and the wounded for one dead", 2)
def _killed_from_casualties(casualties: Figure, wounded_per_killed: Figure, to: Definition) -> Figure:
    name, rows = "killed_from_casualties", (casualties, wounded_per_killed)
    whole, share = casualties.definition, wounded_per_killed.definition
    fits = whole.counts == "killed_wounded" and share.measure == "wounded_per_killed"
    _demand(fits, name, rows, to, "it takes a count of killed_wounded and a figure of wounded_per_killed")
    alike = (to.counts, to.unit, to.nature, to.cumulative) == (
        "killed",
        whole.unit,
        whole.nature,
        whole.cumulative,
    )
    _demand(alike, name, rows, to, "the result must count killed, else be defined as the first row")
    _demand(casualties.side == wounded_per_killed.side, name, rows, to, "both must be of one side")
    low, central, high = wounded_per_killed.range
    shares = zip(casualties.range, (high, central, low), strict=True)
    number = Range(*(None if c is None or w is None else c / (1 + w) for c, w in shares))
    return _result(f"{casualties.id}/{wounded_per_killed.id}", casualties, to, number)
