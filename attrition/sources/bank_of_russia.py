"""Official rates by day in XML, windows-1251, decimal comma, for a nominal amount of the currency."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element, ParseError

import pandas as pd
from defusedxml.ElementTree import fromstring

from attrition.sources import strict
from attrition.sources.manifest import Manifest


def parse(source: Manifest, payloads: Mapping[str, bytes]) -> dict[str, pd.DataFrame]:
    """Read the daily rates and take the mean of the published days of each month that has ended."""
    known = source.settings
    try:
        root = fromstring(payloads["rates"])
    except (ParseError, ValueError, LookupError) as error:
        raise strict.SourceError(
            f"Expected XML in rates, found none ({strict.quote(error)}): look at the file."
        ) from None
    if root.tag != "ValCurs" or root.get("ID") != known["currency"]:
        raise strict.SourceError(f"Expected rates of {known['currency']}, found {strict.quote(root.get('ID'))}.")
    rows = [_rate(one, known["currency"], f"rates, record {number}") for number, one in enumerate(root, 1)]
    daily = strict.table(rows, ["date"], "rates")
    rate, month = daily["rate"].map(float), daily["date"].str[:7]
    ended = month < month.max()  # the month of the newest day is still running
    by_month = rate[ended].groupby(month[ended])
    if (by_month.size() < known["days_min"]).any():
        where = by_month.size().idxmin()
        raise strict.SourceError(f"Expected {known['days_min']} days or more in {where} in rates, found fewer: a gap.")
    means = by_month.mean()
    return {
        source.only: pd.DataFrame({"month": means.index, "rub_per_usd": [f"{one:.2f}" for one in means], "flag": "ok"})
    }


def _rate(element: Element, currency: str, place: str) -> dict[str, str]:
    record = strict.Record({**element.attrib, **{one.tag: one.text for one in element}}, place)
    if record.pop("Id") != currency:
        raise strict.SourceError(f"Expected the currency {currency} in {place}, found another: look at the file.")
    day = strict.day(record.pop("Date"), place, "%d.%m.%Y")
    nominal = strict.number(record.pop("Nominal"), place)
    value = strict.number(record.pop("Value"), place, comma=True)
    unit = strict.number(record.pop_late("VunitRate"), place, comma=True)
    record.done()
    if not nominal or not value or (unit is not None and abs(unit - value / nominal) > unit / 1000):
        raise strict.SourceError(f"Expected a rate for a nominal amount in {place}, found none that fits.")
    return {"date": day, "rate": str(value / nominal)}
