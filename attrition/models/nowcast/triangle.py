"""A reporting triangle: what a growing list held on each month at each of its vintages, checked and laid out by age.

The age of a month in a vintage is the number of months from one to the other: deaths of December are of age 0 in a list
as it stood at the end of December. A column is called a vintage, the time between two of them a step, and ages are
grouped by the steps they span: at yearly vintages, by year of age.
"""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

ROUNDING = 1.0  # names: monthly counts made from weekly ones may lose that much without a name being struck off
FEW_NAMES = 10  # growth from fewer names than this says nothing about an age
LABEL = re.compile(r"(?:^|\D)(\d{4})(?:-(\d{2})(?:-\d{2})?)?(?: 00:00:00)?$")


class NowcastError(ValueError):
    """A triangle cannot be read or developed."""


@dataclass(frozen=True)
class Triangle:
    """Known counts by month and vintage.

    Attributes
    ----------
    counts : ndarray, shape (months, vintages)
        Names known of each month; NaN before the month had ended.
    ages : ndarray of int, shape (months, vintages)
        Months from each month to each vintage; negative before it had ended.
    step : int
        Months between two vintages.
    index : Index
        The months as they were given.
    vintages : Index
        The vintages as they were given.
    """

    counts: np.ndarray
    ages: np.ndarray
    step: int
    index: pd.Index
    vintages: pd.Index

    def groups(self, vintage: int) -> np.ndarray:
        """Steps of age completed by each month in a vintage; −1 if it had not ended."""
        return np.maximum(self.ages[:, vintage] // self.step, -1)

    def growth(self, vintage: int) -> np.ndarray:
        """Growth factors by age from a vintage to the next, indexed by age; NaN where not observed.

        An age without additions counts as if half a name had been added, so that no age is taken as closed.
        """
        before, after = self.counts[:, vintage], self.counts[:, vintage + 1]
        seen = (self.ages[:, vintage] >= 0) & (before >= FEW_NAMES)
        factors = np.full(max(int(self.ages.max()), 0) + 1 + self.step, np.nan)
        factors[self.ages[seen, vintage]] = 1 + np.maximum(after - before, 0.5)[seen] / before[seen]
        return factors

    def tail(self, vintage: int) -> float:
        """Growth of the oldest half step of ages seen from a vintage to the next, all their names together."""
        ages = self.ages[:, vintage]
        seen = (ages >= 0) & (self.counts[:, vintage] >= FEW_NAMES)
        oldest = seen & (ages > ages[seen].max() - max(self.step // 2, 1))
        before, after = self.counts[oldest, vintage].sum(), self.counts[oldest, vintage + 1].sum()
        return 1 + max(after - before, 0.5) / before


def read(triangle: pd.DataFrame) -> Triangle:
    """Check a frame of months × vintages and lay it out.

    Parameters
    ----------
    triangle : DataFrame
        Counts of names; the index tells the month (dates, monthly periods, or text as "2024-01"), each column the
        vintage by a date, or by a label that ends with one (`named_end_2024`: a year alone means its last month).

    Raises
    ------
    NowcastError
        If it is no such frame, has fewer than two vintages or months with an age in two of them, columns out of order
        or unevenly spaced, missing, negative or shrinking counts.
    """
    if not isinstance(triangle, pd.DataFrame) or triangle.empty:
        found = f"'{type(triangle).__name__}'" if not isinstance(triangle, pd.DataFrame) else "an empty one"
        raise NowcastError(f"expected a frame of months by vintages, found {found}: give known counts")
    vintages = [_vintage(label) for label in triangle.columns]
    step = _step(vintages, triangle.columns)
    months = _months(triangle.index)
    ages = np.array([[vintage - month for vintage in vintages] for month in months])
    try:
        given = triangle.to_numpy(dtype=float)
    except (TypeError, ValueError):
        raise NowcastError("expected numbers of names, found text: convert the counts first") from None
    if (given < 0).any():
        raise NowcastError(f"expected counts of 0 or more, found {_first(triangle, given < 0)}: correct it")
    counts = np.where(ages >= 0, given, np.nan)
    if (~np.isfinite(counts) & (ages >= 0)).any():
        where = _first(triangle, ~np.isfinite(counts) & (ages >= 0))
        raise NowcastError(f"expected a count for every month that had ended by a vintage, found {where}: fill it in")
    _check_growing(triangle, counts)
    if not (ages[:, 0] >= 0).any():
        raise NowcastError(
            f"expected months that had ended by the first vintage, found none by '{triangle.columns[0]}': leave it out"
        )
    _check_enough(triangle, counts)
    return Triangle(counts, ages, step, triangle.index, triangle.columns)


def _check_enough(triangle, counts):
    for column, before in zip(triangle.columns[:-1], counts.T, strict=False):
        if not (before >= FEW_NAMES).any():
            raise NowcastError(
                f"expected at least {FEW_NAMES} names in a month of every vintage before the last, found none in "
                f"'{column}': leave the vintage out"
            )


def _check_growing(triangle, counts):
    lost = counts[:, :-1] - counts[:, 1:] > ROUNDING
    if lost.any():
        row, column = (int(at) for at in np.argwhere(lost)[0])
        raise NowcastError(
            f"expected counts that never shrink from one vintage to the next, found {counts[row, column]:g} and then "
            f"{counts[row, column + 1]:g} for {_month_name(triangle.index[row])} in '{triangle.columns[column + 1]}': "
            "correct the month or leave the vintage out"
        )


def _vintage(label):
    """Number of a vintage's month, counted from year 0."""
    if isinstance(label, pd.Period):
        label = label.end_time
    if hasattr(label, "year") and hasattr(label, "month"):
        return 12 * label.year + label.month - 1
    found = LABEL.search(str(label))
    month = int(found[2] or 12) if found else 0
    if not 1 <= month <= 12:
        raise NowcastError(
            f"expected columns named by date, such as 'named_end_2024' or '2024-12-31', found '{label}': rename them"
        )
    return 12 * int(found[1]) + month - 1


def _step(vintages, labels):
    if len(vintages) < 2:
        raise NowcastError(f"expected at least two vintages, found {len(vintages)}: wait for the next one")
    steps = np.diff(vintages)
    if (steps <= 0).any():
        at = int(np.argmax(steps <= 0))
        raise NowcastError(
            f"expected vintages in order of time, found '{labels[at + 1]}' after '{labels[at]}': sort the columns"
        )
    if (steps != steps[0]).any():
        raise NowcastError(
            f"expected vintages evenly spaced, found steps of {steps.min()} and {steps.max()} months: leave some out"
        )
    return int(steps[0])


def _months(index):
    try:
        if index.dtype.kind in "iufb":
            raise TypeError
        periods = index if isinstance(index, pd.PeriodIndex) else pd.DatetimeIndex(index).to_period("M")
        months = [12 * one.year + one.month - 1 for one in periods]
    except (TypeError, ValueError, AttributeError):
        raise NowcastError(f"expected rows indexed by month, found {index.dtype}: give dates as '2024-01'") from None
    if len(set(months)) < len(months):
        twice = index[pd.Series(months).duplicated().to_numpy()][0]
        raise NowcastError(f"expected one row for a month, found several for {_month_name(twice)}: add them up")
    return months


def _first(triangle, wrong):
    row, column = (int(at) for at in np.argwhere(wrong)[0])
    value = triangle.iloc[row, column]
    return (
        f"{'none' if pd.isna(value) else value} for {_month_name(triangle.index[row])} in '{triangle.columns[column]}'"
    )


def _month_name(month):
    return f"{month:%Y-%m}" if hasattr(month, "strftime") else f"{month}"
