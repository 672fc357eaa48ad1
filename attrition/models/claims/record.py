"""Tests that read a record: what a running total did on a day, which figures were published, which year it was."""

from __future__ import annotations

import pandas as pd

from attrition.models.claims.basis import Basis, Claim, Verdict, unknown
from attrition.models.claims.odds import NEAR


def increment(claim: Claim, basis: Basis, days: str) -> Verdict:
    """Read whether the running total rose by the claimed number on one of these days (joined by |)."""
    steps = basis.total.diff()[basis.total.index.to_series().diff().dt.days == 1]
    asked = {pd.Timestamp(day.strip()): steps.get(pd.Timestamp(day.strip())) for day in days.split("|")}
    known = {day: step for day, step in asked.items() if step is not None and not pd.isna(step)}
    if not known:
        return unknown("the running total has no daily step on the days in question")
    occurs = list(steps.index[steps == claim.low])
    right = any(step == claim.low for step in known.values())
    return Verdict(float(right), True, {"steps": known, "number": claim.low, "occurs": occurs})


def reached(claim: Claim, basis: Basis) -> Verdict:
    """Read whether the running total had reached the claimed mark on the day of the claim."""
    before = basis.total[: claim.day]
    if before.empty:
        return unknown("the running total begins after the claim")
    passed = basis.total[basis.total >= claim.low]
    first = passed.index[0] if len(passed) else None
    told = {"total": before.iloc[-1], "as_of": before.index[-1], "mark": claim.low, "first": first}
    return Verdict(float(before.iloc[-1] >= claim.low), True, told)


def war_year(claim: Claim, basis: Basis, number: str, margin_days: str = "31") -> Verdict:
    """Count whether the war was, within some days of the claim, at the start of the year of the given number."""
    begins = basis.start + pd.DateOffset(years=int(number) - 1)
    year = (claim.day - basis.start).days // 365.25 + 1
    near = abs((begins - claim.day).days) <= int(margin_days)
    return Verdict(float(near), True, {"begins": begins, "number": int(number), "year": int(year), "day": claim.day})


def highest(claim: Claim, basis: Basis, measure: str, side: str) -> Verdict:
    """Look for a published amount that reaches the claimed one, in dollars at the rate of its month."""
    rows = basis.figures[(basis.figures["measure"] == measure) & (basis.figures["side"] == side)]
    rows = rows[(rows["as_of"] <= claim.day) & rows["central"].notna()]
    months = rows["as_of"] + pd.offsets.MonthEnd(0)
    dollars = rows["central"] / months.map(basis.rates).ffill()
    if dollars.dropna().empty:
        return unknown("no amount with a known rate was published by then")
    top = dollars.idxmax()
    told = {"amount": rows.loc[top, "central"], "dollars": dollars[top], "place": rows.loc[top, "region"]}
    told |= {"as_of": rows.loc[top, "as_of"], "count": int((dollars >= claim.low / NEAR).sum()), "of": len(dollars)}
    return Verdict(float(dollars[top] >= claim.low / NEAR), True, told, (rows.loc[top, "id"],))


def some(claim: Claim, basis: Basis, measure: str, side: str) -> Verdict:
    """Look for a published case inside the claimed range; how common such cases are it does not tell."""
    rows = basis.figures[(basis.figures["measure"] == measure) & (basis.figures["side"] == side)]
    rows = rows[rows["as_of"] <= claim.day]
    if rows.empty:
        return unknown("no case was published by then")
    ends = rows["low"].fillna(rows["central"]), rows["high"].fillna(rows["central"])
    hit = rows[(ends[0] <= claim.high) & (ends[1] >= claim.low)]
    parties = int(hit["role"].str.startswith("party").sum())
    told = {"hits": len(hit), "of": len(rows), "parties": parties}
    return Verdict(float(len(hit) > 0), True, told, tuple(hit["id"]))


def still_open(claim: Claim, basis: Basis, until: str) -> Verdict:
    """Wait for a day that the claim speaks of; once it has come a person must choose a test."""
    day = pd.Timestamp(until)
    if basis.cutoff < day:
        return unknown("the time it speaks of is not over", until=day)
    return unknown("its time is over and it awaits a test", until=day)


def not_testable(claim: Claim, basis: Basis, reason: str) -> Verdict:
    """Say that nothing in the room can tell, for the reason given."""
    return unknown(reason)
