"""What is offered for a signature, made comparable: whole payments by place and date, in wages and in other money.

Some published amounts are the part of one payer, some the whole. Their measure tells them apart; a part becomes
a whole by one rule only, adding the general payment that was in force on the day, and the row says so.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from attrition.models.recruitment.totals import RecruitmentError

STATED, COMPLETED = "stated whole", "part and general payment"
WITHIN_DAYS = 7


def panel(rows: pd.DataFrame, *, part: str, whole: str, general: str) -> pd.DataFrame:
    """Put payments of all places side by side, each as a whole.

    Parameters
    ----------
    rows : DataFrame
        Cited prices: `id, measure, region, as_of, period_start, period_end, low, central, high, bound, source`.
    part, whole, general : str
        Measures: a payment by the place alone, all payments together, and the payment that everybody gets on top of
        the part. The general payment runs from `period_start` to `period_end` (or on).

    Returns
    -------
    DataFrame
        By `region` and `day` (first day of validity, else the day of the report), in order: `until` (last day of
        validity after that, if there is one), `part`, `general`, `whole` (money), `basis`, `bound`, `source`, `id`.
        Where a whole is stated it is taken as stated, and a part of the same day is kept beside it; otherwise the whole
        is the part and the general payment of that day.

    Raises
    ------
    RecruitmentError
        For a part of a day on which no general payment is in force, and an amount without a number.
    """
    prices = _dated(rows[rows["measure"].isin([part, whole]) & (rows["region"] != "")])
    in_force = rows[rows["measure"] == general]
    found = []
    for (region, day), both in prices.groupby(["region", "day"], sort=True):
        of_part, of_whole = (both[both["measure"] == one].head(1) for one in (part, whole))
        found.append(_completed(region, day, of_part, of_whole, in_force))
    columns = ["region", "day", "until", "part", "general", "whole", "basis", "bound", "source", "id"]
    kinds = {**dict.fromkeys(["part", "general", "whole"], float), **dict.fromkeys(["day", "until"], "datetime64[ns]")}
    return pd.DataFrame(found, columns=columns).astype(kinds)


def standing(table: pd.DataFrame, day, *, longest_days: int = 366) -> pd.DataFrame:
    """The last payment known of each place on a day, highest first.

    Payments older than `longest_days` are left out, and so are places whose last payment has run out.

    Examples
    --------
    >>> days = pd.to_datetime(["2030-01-01", "2030-06-01", "2028-01-01"])
    >>> table = pd.DataFrame({"region": ["a", "a", "b"], "day": days, "until": pd.NaT, "whole": [5.0, 3.0, 9.0]})
    >>> standing(table, "2030-12-31")[["region", "whole"]].to_numpy().tolist()
    [['a', 3.0]]
    """
    when = pd.Timestamp(day)
    known = table[(table["day"] <= when) & (table["day"] >= when - pd.Timedelta(days=longest_days))]
    last = known.sort_values("day", kind="stable").groupby("region").tail(1)
    last = last[last["until"].isna() | (last["until"] >= when)]
    return last.sort_values(["whole", "region"], ascending=[False, True]).reset_index(drop=True)


def days_of_months(monthly: pd.Series) -> pd.Series:
    """Let a monthly mean count for each of its days: a daily series from the first month to the end of the last.

    A month that is missing stays missing, so that a quotation is not carried further than it is known.

    Examples
    --------
    >>> means = pd.Series([90.0, 95.0], index=pd.to_datetime(["2030-01-31", "2030-02-28"]))
    >>> days_of_months(means).loc["2030-01-30":"2030-02-02"].tolist()
    [90.0, 90.0, 95.0, 95.0]
    """
    known = monthly.dropna()
    months = known.set_axis(pd.DatetimeIndex(known.index).to_period("M"))
    days = pd.date_range(months.index.min().start_time, months.index.max().end_time.normalize())
    return pd.Series(months.reindex(days.to_period("M")).to_numpy(), index=days, name=monthly.name).dropna()


def rate_on(quotations: pd.Series, day, *, within_days: int = WITHIN_DAYS) -> float:
    """Quotation of a day, or the nearest earlier one, at most `within_days` before.

    Parameters
    ----------
    quotations : Series
        Rates by day, as markets or offices quote them; days without one are absent or missing.

    Raises
    ------
    RecruitmentError
        If there is no quotation on the day or in the days before.

    Examples
    --------
    >>> friday = pd.Series([92.5], index=pd.to_datetime(["2030-03-01"]))
    >>> rate_on(friday, "2030-03-03")
    92.5
    """
    when = pd.Timestamp(day)
    known = quotations.dropna().sort_index().loc[:when]
    if known.empty or (when - known.index[-1]).days > within_days:
        last = f"the last one on {known.index[-1]:%Y-%m-%d}" if len(known) else "none before"
        raise RecruitmentError(
            f"Expected a quotation on {when:%Y-%m-%d} or up to {within_days} days before, found {last}: choose another "
            "day or a longer series."
        )
    return float(known.iloc[-1])


def by_month(quoted: pd.Series, months: pd.DatetimeIndex) -> pd.Series:
    """Price in the middle of each month, on the straight line of logarithms between quotations of days.

    Several quotations of one day count as their geometric mean. Months before the first quotation are missing; after
    the last one its level is kept.

    Examples
    --------
    >>> quoted = pd.Series([1.0, 4.0], index=pd.to_datetime(["2030-01-15", "2030-03-15"]))
    >>> by_month(quoted, pd.date_range("2029-12-01", periods=4, freq="MS")).round(1).tolist()
    [nan, 1.0, 2.1, 4.0]
    """
    logs = np.log(quoted.dropna().astype(float)).groupby(level=0).mean()
    middle = (months + pd.Timedelta(days=14)).to_numpy().astype("datetime64[D]").astype(float)
    at = logs.index.to_numpy().astype("datetime64[D]").astype(float)
    price = np.exp(np.interp(middle, at, logs.to_numpy()))
    return pd.Series(np.where(middle < at[0], np.nan, price), index=months)


def _dated(prices: pd.DataFrame) -> pd.DataFrame:
    amount = prices["central"].fillna(prices["high"]).fillna(prices["low"])
    for row in prices[amount.isna()].itertuples():
        raise RecruitmentError(f"Expected an amount in '{row.id}', found none: fill in central, low or high.")
    return prices.assign(amount=amount, day=prices["period_start"].fillna(prices["as_of"]))


def _completed(region: str, day: pd.Timestamp, part, whole, in_force: pd.DataFrame) -> tuple:
    own = float(part["amount"].iloc[0]) if len(part) else np.nan
    said = whole if len(whole) else part
    general = np.nan
    if not len(whole):
        general = _in_force(in_force, day, str(part["id"].iloc[0]))
    total = float(whole["amount"].iloc[0]) if len(whole) else own + general
    facts = said.iloc[0][["bound", "source", "id"]]
    until = said["period_end"].where(said["period_end"] > said["as_of"]).iloc[0]
    return region, day, until, own, general, total, STATED if len(whole) else COMPLETED, *facts


def _in_force(general: pd.DataFrame, day: pd.Timestamp, who: str) -> float:
    lasts = general["period_end"].isna() | (general["period_end"] >= day)
    valid = general[(general["period_start"] <= day) & lasts]
    if valid.empty:
        raise RecruitmentError(
            f"Expected a general payment in force on {day:%Y-%m-%d} to complete '{who}', found none: add it, or state "
            "the whole payment."
        )
    return float(valid.sort_values("period_start")["central"].iloc[-1])
