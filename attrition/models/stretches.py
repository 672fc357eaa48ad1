"""Stretches of days in an estimate by month: how many days of each month they hold, and what a sum over them is."""

from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Total:
    """An estimate over a stretch of days: `value` and its interval."""

    value: float
    lower: float
    upper: float
    level: float


def days_held(starts, ends, days: pd.Series) -> np.ndarray:
    """Count the days that each stretch has in each month: stretches × months.

    Parameters
    ----------
    starts, ends : sequence of dates
        First and last days of the stretches, both included.
    days : Series
        Days of each month, indexed by the first of them.

    Examples
    --------
    >>> months = pd.Series([31, 28], index=pd.to_datetime(["2023-01-01", "2023-02-01"]))
    >>> days_held(["2023-01-30"], ["2023-02-03"], months)
    array([[2., 3.]])
    """
    one = np.timedelta64(1, "D")
    first = days.index.to_numpy()[None, :]
    last = (days.index + pd.to_timedelta(days.to_numpy() - 1, unit="D")).to_numpy()[None, :]
    begin, stop = (pd.DatetimeIndex(given).to_numpy()[:, None] for given in (starts, ends))
    return np.maximum((np.minimum(last, stop) - np.maximum(first, begin)) / one + 1, 0.0)


def days_of(start, end, days: pd.Series, fault: type[ValueError]) -> np.ndarray:
    """Count the days of one stretch in each month; without a start or an end it runs as far as the months do.

    Raises
    ------
    fault
        If it leaves the months, or ends before it starts.
    """
    first, last = days.index[0], days.index[-1] + pd.Timedelta(days=int(days.iloc[-1]) - 1)
    begin, stop = (pd.Timestamp(day) if day is not None else other for day, other in ((start, first), (end, last)))
    if begin < first or stop > last or stop < begin:
        raise fault(
            f"Expected days from {first:%Y-%m-%d} to {last:%Y-%m-%d}, found {begin:%Y-%m-%d} to {stop:%Y-%m-%d}: "
            "stay inside what the estimate covers."
        )
    return days_held([begin], [stop], days)[0]
