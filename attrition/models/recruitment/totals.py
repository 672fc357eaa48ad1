"""From cited totals of a period to numbers with a spread: what each row states, over which days, how sure.

Rows come in as a data room holds them. A range is read as stated; a plain number has a small spread, so that "exact"
means stated without qualification and not precise; a floor ("more than") and a ceiling ("almost") are read as the last
round number passed or not yet reached, and turn into mere limits where the other rows say so (`screening`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from attrition.definitions import DAYS_PER_MONTH

FLOOR, CEILING, ABOUT = "at_least", "at_most", "about"
NUMBERS = ["low", "central", "high"]
NEEDED = ["period_start", "period_end"]
DAYS_A_UNIT = {"per_day": 1.0, "per_month": DAYS_PER_MONTH}


class RecruitmentError(ValueError):
    """Totals, prices or settings from which nothing about recruits can be said."""


@dataclass(frozen=True)
class Spread:
    """How far from its number a row may lie and still be right, as a share, where the row itself gives no range.

    Attributes
    ----------
    exact, about : float
        Half the width of the range of a plain number.
    bound : float
        Width of the range above a floor, or below a ceiling.
    level : float
        Share of cases that any such range, and any stated one, is read to hold.
    """

    exact: float = 0.01
    about: float = 0.05
    bound: float = 0.05
    level: float = 0.9


def from_rates(rows: pd.DataFrame) -> pd.DataFrame:
    """Turn rates over a period (units that end in per_day or per_month) into totals of it; totals stay as they are.

    A plain rate becomes a total stated as "about": means by day or month are rounded to be said.

    Parameters
    ----------
    rows : DataFrame
        Cited figures with `unit`, `period_start`, `period_end`, `low`, `central`, `high`.

    Raises
    ------
    RecruitmentError
        For a rate without a period.

    Examples
    --------
    >>> rate = {"id": "a", "unit": "persons_per_day", "low": None, "central": 1000.0, "high": None}
    >>> days = {"period_start": pd.Timestamp("2030-01-01"), "period_end": pd.Timestamp("2030-01-31")}
    >>> from_rates(pd.DataFrame([{**rate, **days}]))[["central", "unit"]].to_numpy().tolist()
    [[31000.0, 'persons']]
    """
    unit = rows["unit"].astype(str)
    per = unit.str.extract(f"_({'|'.join(DAYS_A_UNIT)})$")[0].map(DAYS_A_UNIT)
    _check_period(rows[per.notna()])
    days = (rows["period_end"] - rows["period_start"]).dt.days + 1
    factor = (days / per).where(per.notna(), 1.0)
    numbers = rows[NUMBERS].astype(float).mul(factor, axis=0)
    parts = {name: numbers[name] for name in NUMBERS} | {"unit": unit.str.replace(r"_per_\w+$", "", regex=True)}
    if "bound" in rows:
        parts["bound"] = rows["bound"].mask(per.notna() & (rows["bound"] == "exact"), ABOUT)
    return rows.assign(**parts)


def read(totals: pd.DataFrame, family, spread: Spread) -> pd.DataFrame:
    """Choose the rows of a family and read each as a range on the logarithmic scale.

    Returns
    -------
    DataFrame
        `id, family, start, end, bound, low, centre, high, sd`: the ends in persons, and the standard deviation of the
        logarithm that puts the ends at the quantiles of `spread.level`.

    Raises
    ------
    RecruitmentError
        For missing columns, no rows, a period without its first or last day or that runs backwards, a row without a
        number, and a number that is not above zero.
    """
    _check_columns(totals)
    rows = _chosen(totals, family)
    _check_period(rows)
    known = rows.reindex(columns=[*NUMBERS, "bound"])
    bound = known["bound"].where(known["bound"].isin([FLOOR, CEILING, ABOUT]), "exact")
    low, centre, high = _ends(known[NUMBERS].astype(float), bound, spread)
    reach = 2 * stats.norm.ppf((1 + spread.level) / 2)
    frame = pd.DataFrame(
        {"id": _names(rows), "family": rows["family"],
         "start": pd.to_datetime(rows["period_start"]), "end": pd.to_datetime(rows["period_end"]), "bound": bound,
         "low": low, "centre": centre, "high": high}
    )  # fmt: skip
    _check_numbers(frame)
    return frame.assign(sd=np.log(frame["high"] / frame["low"]) / reach).reset_index(drop=True)


def _chosen(totals: pd.DataFrame, family) -> pd.DataFrame:
    """Rows of the family with a column `family`: one measure, several measures as one, or a label a row."""
    if isinstance(family, (pd.Series, np.ndarray)):
        if len(family) != len(totals):
            raise RecruitmentError(
                f"Expected a label of a family for each of {len(totals)} totals, found {len(family)}: give one a row."
            )
        return totals.assign(family=np.asarray(family, dtype=object))
    names = [family] if isinstance(family, str) else list(family)
    column = next((one for one in ("measure", "family") if one in totals), None)
    rows = totals if column is None else totals[totals[column].isin(names)]
    if rows.empty:
        known = ", ".join(sorted(set(totals[column].astype(str)))) if column and len(totals) else "nothing"
        raise RecruitmentError(
            f"Expected totals of {' or '.join(map(repr, names))}, found rows of {known}: choose among these."
        )
    return rows.assign(family=names[0])


def _ends(numbers: pd.DataFrame, bound: pd.Series, spread: Spread) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Ends and centre of each row, with the rule for rows that do not state a range."""
    low, central, high = (numbers[name] for name in NUMBERS)
    floor, ceiling = bound == FLOOR, bound == CEILING
    base_low, base_high = low.fillna(central), high.fillna(central)
    low, high = low.where(~ceiling, base_high / (1 + spread.bound)), high.where(~floor, base_low * (1 + spread.bound))
    low, high = low.where(~floor, base_low), high.where(~ceiling, base_high)
    central = central.where(~(floor | ceiling)).fillna(np.sqrt(low.where(low > 0) * high.where(high > 0)))
    share = bound.map({ABOUT: spread.about}).fillna(spread.exact)
    plain = ~(low < high)
    return low.where(~plain, central / (1 + share)), central, high.where(~plain, central * (1 + share))


def _check_columns(totals: pd.DataFrame) -> None:
    missing = [name for name in [*NEEDED, "central"] if name not in totals]
    if missing:
        raise RecruitmentError(
            f"Expected totals with the columns {', '.join([*NEEDED, *NUMBERS])}, found no {missing[0]!r}: add it."
        )


def _check_period(rows: pd.DataFrame) -> None:
    for which, name in (("first", "period_start"), ("last", "period_end")):
        for row in rows[rows[name].isna()].itertuples():
            raise RecruitmentError(
                f"Expected the {which} day of the period that '{_name(row)}' counts, found none: fill in {name}, or "
                "leave the row out."
            )
    for row in rows[pd.to_datetime(rows["period_end"]) < pd.to_datetime(rows["period_start"])].itertuples():
        raise RecruitmentError(
            f"Expected a period that runs forward in '{_name(row)}', found {row.period_start:%Y-%m-%d} to "
            f"{row.period_end:%Y-%m-%d}: swap the days."
        )


def _check_numbers(frame: pd.DataFrame) -> None:
    for row in frame[frame["centre"].isna()].itertuples():
        raise RecruitmentError(f"Expected a number in '{row.id}', found none: fill in central, low or high.")
    good = (frame["low"] > 0) & (frame["low"] <= frame["centre"]) & (frame["centre"] <= frame["high"])
    for row in frame[~good].itertuples():
        raise RecruitmentError(
            f"Expected numbers above zero, low not above central not above high in '{row.id}', found {row.low:g}, "
            f"{row.centre:g}, {row.high:g}: correct them or leave the row out."
        )


def _names(rows: pd.DataFrame) -> pd.Series:
    return rows["id"] if "id" in rows else pd.Series(rows.index.astype(str), rows.index)


def _name(row) -> str:
    return str(getattr(row, "id", row.Index))
