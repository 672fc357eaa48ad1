"""The sweep file: what is run, over which parameters, within which limits; read and checked before anything starts."""

from __future__ import annotations

import csv
import itertools
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from attrition import entries
from attrition.parameters import unknown

MOST_RUNS = 100_000
DIGITS = 6  # significant digits of a sampled number
WAYS = ("grid", "sample", "rows")


class SweepError(ValueError):
    """A sweep that cannot start or go on as asked."""


class Steps(BaseModel):
    """Numbers at equal distances, both ends among them."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    lower: float = Field(alias="from", allow_inf_nan=False)
    upper: float = Field(alias="to", allow_inf_nan=False)
    steps: int = Field(ge=2, le=MOST_RUNS)

    def numbers(self) -> list[float]:
        """Write the numbers out."""
        width = (self.upper - self.lower) / (self.steps - 1)
        return [_short(self.lower + width * step) for step in range(self.steps - 1)] + [self.upper]


class Sample(BaseModel):
    """A Latin hypercube: `size` points, so that each range is covered evenly."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    size: int = Field(ge=1, le=MOST_RUNS)
    seed: int = Field(default=0, ge=0, lt=2**32)
    ranges: dict[str, tuple[float, float]] = Field(min_length=1)


class Plan(BaseModel):
    """One sweep, as its file says it.

    Attributes
    ----------
    chapter, function : str or None
        What is run: a chapter of the book, or a model function such as ``attrition.models.balance:rates``.
    fixed : dict
        Parameters that are the same in all runs.
    grid, sample, rows
        How the others vary: every combination, a Latin hypercube, or a CSV file with a row a run. One of the three.
    values : list of str
        Keys that the page of results shows; empty for those that vary most simply: the first numbers.
    limits : dict
        Time and memory that a single run may use, as `attrition.limits.choose` takes them.
    retries : int
        How often a run is given to another worker after its worker was lost.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    chapter: str | None = None
    function: str | None = None
    fixed: dict[str, Any] = {}
    grid: dict[str, list[Any] | Steps] | None = None
    sample: Sample | None = None
    rows: str | None = None
    values: list[str] = []
    limits: dict[Literal["minutes", "memory_gb"], Annotated[float, Field(gt=0, allow_inf_nan=False)]] = {}
    retries: int = Field(default=3, ge=0, le=100)


def read(path: Path) -> Plan:
    """Read a sweep file.

    Raises
    ------
    SweepError
        Naming the file, the entry, and what was expected.
    """
    content = entries.read(
        path, what="a sweep file as in examples/sweeps", example="chapter: manpower_balance", fault=SweepError
    )
    try:
        plan = Plan(**content)
    except (ValidationError, TypeError) as error:
        raise SweepError(f"In {path}: {_fault(error)}") from None
    _check(plan, path)
    return plan


def wishes(plan: Plan, kinds: Mapping[str, type], folder: Path) -> tuple[list[str], Iterator[dict[str, Any] | str]]:
    """List what varies, and yield each run's parameters, or a sentence that says why a row of a table has none.

    Parameters
    ----------
    kinds : mapping
        Types of the parameters, as far as known; whole numbers are sampled whole.
    folder : Path
        Where a table of rows is looked for: beside the sweep file.
    """
    if plan.grid is not None:
        lists = {name: _numbers(one, kinds.get(name)) for name, one in plan.grid.items()}
        count = math.prod(len(one) for one in lists.values())
        if count > MOST_RUNS:
            raise SweepError(f"Expected at most {MOST_RUNS:,} runs, found a grid of {count:,}: take a sample instead.")
        return list(lists), (dict(zip(lists, point, strict=True)) for point in itertools.product(*lists.values()))
    if plan.sample is not None:
        return list(plan.sample.ranges), _sampled(plan.sample, kinds)
    return _table(folder / plan.rows)


def _numbers(one: list | Steps, kind: type | None) -> list:
    if not isinstance(one, Steps):
        return one
    return [_whole(number) if kind is int else number for number in one.numbers()]


def _sampled(sample: Sample, kinds: Mapping[str, type]) -> Iterator[dict[str, Any]]:
    from scipy.stats import qmc

    points = qmc.LatinHypercube(d=len(sample.ranges), rng=sample.seed).random(sample.size)
    for point in points:
        pairs = zip(sample.ranges.items(), point, strict=True)
        yield {name: _between(ends, float(share), kinds.get(name)) for (name, ends), share in pairs}


def _between(ends: tuple[float, float], share: float, kind: type | None) -> float | int:
    lower, upper = ends
    if kind is int:
        return min(int(upper), int(lower) + math.floor(share * (int(upper) - int(lower) + 1)))
    return min(max(_short(lower + share * (upper - lower)), lower), upper)


def _table(path: Path) -> tuple[list[str], Iterator[dict[str, Any] | str]]:
    """Read the rows of a CSV file: a header of parameters, a run a row; an empty cell leaves the default."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = list(csv.reader(file))
    except (OSError, UnicodeDecodeError, ValueError):
        raise SweepError(f"Expected a CSV file with a header at {path}, found none: name one in 'rows'.") from None
    if not rows or len(rows) > MOST_RUNS or len(set(header)) != len(header):
        raise SweepError(
            f"Expected a header of different names and 1 to {MOST_RUNS:,} rows in {path}, found {len(rows):,} rows"
            f" below {', '.join(header)}."
        )
    return header, (_row(header, row) for row in rows)


def _row(header: list[str], row: list[str]) -> dict[str, Any] | str:
    if len(row) != len(header):
        return f"Expected {len(header)} cells, found {len(row)}."
    return {name: cell.strip() for name, cell in zip(header, row, strict=True) if cell.strip()}


def _check(plan: Plan, path: Path) -> None:
    """Refuse a file that does not say one thing to run and one way to vary it."""
    if (plan.chapter is None) == (plan.function is None):
        raise SweepError(f"In {path}: expected one of 'chapter' and 'function', found both or none: name what to run.")
    given = [way for way in WAYS if getattr(plan, way) is not None]
    if len(given) != 1:
        found = " and ".join(given) or "none"
        raise SweepError(f"In {path}: expected one of 'grid', 'sample' and 'rows', found {found}: choose one.")
    names = set(plan.grid or ()) | set(plan.sample.ranges if plan.sample else ())
    if plan.grid is not None and not all(plan.grid.values()):
        raise SweepError(f"In {path}: expected a grid with at least one value for each parameter, found an empty list.")
    for name, ends in plan.sample.ranges.items() if plan.sample else ():
        if not (math.isfinite(ends[0]) and math.isfinite(ends[1]) and ends[0] < ends[1]):
            raise SweepError(f"In {path}: expected a range of '{name}' from low to high, found {list(ends)}.")
    for name in names & set(plan.fixed):
        raise SweepError(f"In {path}: expected '{name}' either fixed or varied, found both: take one away.")


def _fault(error: Exception) -> str:
    """Say the first fault of an entry in words."""
    if not isinstance(error, ValidationError):
        return "expected names as entries, found something else."
    faults = {fault["type"]: fault for fault in reversed(error.errors())}
    fault = faults.get("extra_forbidden", error.errors()[0])
    entry = ".".join(str(part) for part in fault["loc"] if part not in ("list[any]", "Steps"))
    if fault["type"] == "extra_forbidden":
        return unknown("entry", str(fault["loc"][-1]), [*Plan.model_fields, "from", "to", "steps", "size", "ranges"])
    return f"entry '{entry}': {fault['msg'][0].lower() + fault['msg'][1:]}, found '{fault['input']}'."


def _short(number: float) -> float:
    return float(f"{number:.{DIGITS}g}")


def _whole(number: float) -> float | int:
    return int(number) if float(number).is_integer() else number
