"""Tests against published figures: what speakers outside the war said, what polls found, what came after a day."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from attrition.models.claims import odds
from attrition.models.claims.basis import Basis, Claim, Verdict, unknown

DAYS_A_MONTH, DAYS_A_YEAR, MONTHS_A_YEAR = 30.4375, 365.25, 12.0
LEAST_LEVELS = 4


def chosen(
    basis: Basis, claim: Claim, *, measure: str, side: str, parties: str = "no", governments: str = "yes"
) -> pd.DataFrame:
    """Pick figures of measures (joined by |) for a whole side: none of the claim's speaker, no party's unless asked."""
    rows = basis.figures
    rows = rows[rows["measure"].isin([name.strip() for name in measure.split("|")]) & (rows["side"] == side)]
    rows = rows[(rows["region"] == "") & (rows["source"] != claim.speaker)]
    left_out = [role for role, asked in (("party", parties), ("government", governments)) if asked == "no"]
    return rows[~rows["role"].str.startswith(tuple(left_out))] if left_out else rows


def figures(
    claim: Claim,
    basis: Basis,
    measure: str,
    side: str,
    days: str,
    per: str = "whole",
    least_days: str = "0",
    most_days: str = "1000000",
    parties: str = "no",
) -> Verdict:
    """Find how far published figures near the day of the claim bear it out.

    Parameters
    ----------
    days : str
        "before-after": how many days before and after the claim a figure may be of, such as "365-30".
    per : str
        "month" or "year" turns counts of a period into a rate; "whole" takes them as they are.
    least_days, most_days : str
        Shortest and longest period of a count; figures without a period pass.
    """
    before, after = (int(part) for part in days.split("-"))
    rows = chosen(basis, claim, measure=measure, side=side, parties=parties)
    near = claim.day - pd.Timedelta(days=before), claim.day + pd.Timedelta(days=after)
    rows = rows[rows["as_of"].between(*near)]
    lengths = (rows["period_end"] - rows["period_start"]).dt.days + 1
    rows = rows[lengths.isna() | lengths.between(int(least_days), int(most_days))]
    probability, used = odds.pool(rows, [_factor(row, per) for _, row in rows.iterrows()], odds.aim(claim))
    if probability is None:
        return unknown("no figure by anybody else, near that day, decides it")
    told = {"figures": len(used), "families": used["family"].nunique(), "per": per}
    told |= {
        "agree": int((used["probability"] >= 0.5).sum()),
        "least": used["value"].min(),
        "most": used["value"].max(),
    }
    return Verdict(probability, told=told, rows=tuple(used["id"]))


def level_trend(claim: Claim, basis: Basis, measure: str, side: str, days: str = "365") -> Verdict:
    """Find how likely the published levels of the year before the claim fell; parties count, few others give any."""
    rows = chosen(basis, claim, measure=measure, side=side, parties="yes")
    rows = rows[(rows["as_of"] > claim.day - pd.Timedelta(days=int(days))) & (rows["as_of"] <= claim.day)]
    values = rows["central"].fillna(rows["low"]).fillna(rows["high"])
    if len(rows) < LEAST_LEVELS or rows["as_of"].nunique() < LEAST_LEVELS:
        return unknown("too few levels were published in the year before")
    months = (rows["as_of"] - rows["as_of"].min()).dt.days / DAYS_A_MONTH
    line = stats.linregress(months, values)
    falling = stats.t.cdf(-line.slope / line.stderr, len(rows) - 2) if line.stderr > 0 else float(line.slope < 0)
    falling = odds.by_families(rows.assign(probability=falling))  # levels by few speakers are not independent
    told = {"slope": line.slope, "figures": len(rows), "start": rows["as_of"].min(), "end": rows["as_of"].max()}
    return Verdict(float(falling), told=told, rows=tuple(rows["id"]))


def fell(claim: Claim, basis: Basis, measure: str, side: str, at: str, least: str, error: str) -> Verdict:
    """Find how likely shares in polls fell by so many points from the last reading before a day to two after it.

    `error` is the standard error of one reading in points. The measure that fell most decides.
    """
    day, found = pd.Timestamp(at), {}
    for name in measure.split("|"):
        rows = chosen(basis, claim, measure=name.strip(), side=side).sort_values("as_of")
        before, after = rows[rows["as_of"] < day], rows[rows["as_of"] >= day][:2]
        if len(before) and len(after):
            drop = before["central"].iloc[-1] - after["central"].mean()
            found[name.strip()] = drop, len(after), (before["id"].iloc[-1], *after["id"])
    if not found:
        return unknown("no poll was taken before and after that day")
    name = max(found, key=lambda one: found[one][0])
    drop, readings, _ = found[name]
    doubt = float(error) * np.sqrt(1 + 1 / readings)
    told = {"drops": {one: found[one][0] for one in found}, "least": float(least), "at": day}
    rows = tuple(id_ for one in found.values() for id_ in one[2])
    return Verdict(float(stats.norm.sf((float(least) - drop) / doubt)), told=told, rows=rows)


def after(
    claim: Claim, basis: Basis, measure: str, side: str, most: str, months: str = "6", least_months: str = "2"
) -> Verdict:
    """Read whether a monthly count fell, after the claim, to at most a share of what it was in the months before.

    Each speaker is compared with itself; the share of speakers that saw such a fall is the probability.
    """
    rows = chosen(basis, claim, measure=measure, side=side)
    rows = rows[((rows["period_end"] - rows["period_start"]).dt.days < 31) & rows["central"].notna()]
    rows = rows.sort_values(["as_of", "id"]).drop_duplicates(["source", "as_of"], keep="last")
    found, used = {}, []
    for source, own in rows.groupby("source"):
        before, later = _around(own, claim.day, int(months))
        enough = min(len(before), len(later)) >= int(least_months)
        if enough and before["central"].mean() > 0:
            found[source] = before["central"].mean(), later["central"].mean(), len(later)
            used += [*before["id"], *later["id"]]
    if not found:
        return unknown("too few months after it are known", day=claim.day)
    shares = {source: new / old for source, (old, new, _) in found.items()}
    hit = [share <= float(most) for share in shares.values()]
    told = {"least": min(shares.values()), "most": max(shares.values()), "limit": float(most), "speakers": len(found)}
    told |= {"months": max(n for _, _, n in found.values()), "day": claim.day}
    return Verdict(float(np.mean(hit)), True, told, tuple(used))


def _around(own: pd.DataFrame, day: pd.Timestamp, months: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Months that ended before a day, and months that began on it or later."""
    return own[own["period_end"] < day].tail(months), own[own["period_start"] >= day].head(months)


def _factor(row, per: str) -> float:
    if "_per_month" in row["measure"]:
        return MONTHS_A_YEAR if per == "year" else 1.0
    if per == "whole" or pd.isna(row["period_start"]):
        return 1.0
    days = (row["period_end"] - row["period_start"]).days + 1
    return (DAYS_A_MONTH if per == "month" else DAYS_A_YEAR) / days
