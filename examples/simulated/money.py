"""What oil brings, what the state spends, and who buys: the economy of the synthetic war, which sells crude.

Prices wander, the discount steps at days that the contract names, revenue follows the price of the month before, and
imports of the largest buyer are counted in three ways that differ.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from simulated.tables import SYNTHETIC, Told
from simulated.truth import AS_OF, DAY, Truth

FIRST = "2018-01-31"
STEPS = (("2021-06-07", 6.0), ("2022-03-07", 9.0), ("2023-11-13", 4.0), ("2024-06-10", 5.0))  # dollars a barrel
LASTS = 14  # months after which a step of the discount has faded to a third
PAYS = (3, 4, 7, 10)  # months in which the quarterly tax is paid
PER_ROUBLE, QUARTERLY = 0.105, 0.055  # billion roubles of revenue a month for one rouble a barrel, and in pay months
BOUGHT = ((FIRST, 250.0), ("2021-09-30", 900.0), ("2022-06-30", 1600.0), ("2024-07-31", 1150.0), ("2024-12-31", 1400.0))


def tell(told: Told, truth: Truth) -> list[dict[str, str]]:
    """Let offices, traders and trackers tell of prices, revenue and trade; returns the rows of exchange rates."""
    rng = np.random.default_rng([truth.seed, 8])
    months = pd.date_range(FIRST, AS_OF, freq="ME")
    market = 70 * np.exp(_returning(rng, len(months), 0.9, 0.06))
    rate = 65 * 1.004 ** np.arange(len(months)) * np.exp(_returning(rng, len(months), 0.9, 0.02))
    discount = 1.0 + sum(
        size * np.where(months >= day, np.exp(-np.clip((months - pd.Timestamp(day)).days / 30.4, 0, None) / LASTS), 0)
        for day, size in STEPS
    )
    discount = np.round(np.maximum(discount + rng.normal(0, 0.7, len(months)), 0.0), 2)
    market, rate = np.round(market, 2), np.round(rate, 2)
    price = pd.Series(np.round(market - discount, 2), index=months)
    for at, month in enumerate(months):
        days = {"period_start": month.replace(day=1), "period_end": month}
        told.say("brent_price", "market_office", month, market[at], side="WORLD", kind="market_price", **days)
        told.say("urals_price_tax", "economy_xv", month, price.iloc[at], kind="official_statistic", **days)
        told.say("urals_discount_tax", "economy_xv", month, discount[at], kind="own_calculation", **days)
    _budget(told, pd.Series(price.to_numpy() * rate, index=months), rng)
    _trade(told, rng)
    for day, size in (("2022-03-07", 60.0), ("2023-11-13", 55.0)):
        told.say("price_cap", "league", day, size, side="XL", kind="policy", period_start=day)
    for day in ("2024-08-31", "2025-02-28"):
        size = float(np.interp(pd.Timestamp(day).value, months.asi8, discount))
        told.say("urals_discount_market", "oil_press", day, low=size + 1, high=size + 3, partner="Tessara",
                 kind="media_estimate", period_start=pd.Timestamp(day) - 27 * DAY, period_end=day)  # fmt: skip
    told.say("gdp_plan", "government_xv", "2023-11-30", 190_000, kind="policy", period_start="2024-01-01",
             period_end="2024-12-31", published="2023-11-30")  # fmt: skip
    checks = rate[:, None] * (1 + rng.normal(0, 0.002, (len(rate), 2)))
    return [
        {"month": f"{month:%Y-%m}", "rub_per_usd": f"{rate[at]:.2f}", "check_nbp": f"{checks[at, 0]:.2f}",
         "check_nbp_fixings": "20", "check_hmrc": f"{checks[at, 1]:.2f}", "flag": "ok"}
        for at, month in enumerate(months)
    ]  # fmt: skip


def _returning(rng, n: int, keep: float, sd: float) -> np.ndarray:
    """A walk that returns to nought."""
    steps, path = rng.normal(0, sd, n), np.zeros(n)
    for at in range(1, n):
        path[at] = keep * path[at - 1] + steps[at]
    return path


def _budget(told: Told, price: pd.Series, rng) -> None:
    before = price.shift(1)
    mean = price.rolling(3).mean().shift(1)
    for month in price.index[4:]:
        days = {"period_start": month.replace(day=1), "period_end": month, "kind": "official_statistic"}
        revenue = PER_ROUBLE * before[month] + 3 * QUARTERLY * mean[month] * (month.month in PAYS) + rng.normal(0, 25)
        published = min(month + 25 * DAY, AS_OF)
        told.say("oil_gas_revenue", "finance_xv", month, round(revenue, 1), published=published, **days)
        spent = 1500 * 1.009 ** ((month - price.index[0]).days / 30.4) * np.exp(rng.normal(0, 0.05))
        told.say("expenditure", "finance_xv", month, round(spent, 1), published=published, **days)
        if month.year == 2024:
            first = round(revenue + rng.normal(0, 6), 1)
            told.say("oil_gas_revenue_first_published", "finance_xv", month, first, published=published, **days)


def _trade(told: Told, rng) -> None:
    days, levels = zip(*BOUGHT, strict=True)
    at = pd.DatetimeIndex(days).asi8
    whole = {"side": "XT", "partner": "Vellmark"}
    for month in pd.date_range("2021-01-31", AS_OF - 31 * DAY, freq="ME"):
        span = {"period_start": month.replace(day=1), "period_end": month}
        bought = float(np.interp(month.value, at, levels)) * np.exp(rng.normal(0, 0.03))
        if month <= AS_OF - 60 * DAY:
            told.say("crude_imports_customs", "customs_xt", month, round(bought, 1), kind="official_statistic", **whole,
                     **span)  # fmt: skip
        seen = bought * 1.04 * np.exp(rng.normal(0, 0.05))
        told.say("crude_imports_tanker", "tracker_one", month, round(seen), kind="market_price", **whole, **span)
        if month.year >= 2024:
            early = seen * np.exp(rng.normal(0, 0.06))
            told.say("crude_imports_tanker_provisional", "trackers", month, round(early), kind="media_estimate",
                     **whole, **span)  # fmt: skip
            if month.month % 3 == 0:
                rumour = bought * np.exp(rng.normal(0, 0.1))
                told.say("crude_imports_press", "traders_xt", month, round(rumour, -1), kind="media_estimate", **whole,
                         **span)  # fmt: skip
        shipped = 4300 * np.exp(rng.normal(0, 0.03))
        told.say("crude_exports_tanker", "tracker_one", month, round(shipped), kind="market_price", **span)
    for year in (2021, 2022, 2023, 2024):
        told.say("crude_production", "government_xv", f"{year}-12-31", 9000 - 60 * (year - 2021), kind="party_claim",
                 period_start=f"{year}-01-01", period_end=f"{year}-12-31")  # fmt: skip


def events() -> list[dict[str, str]]:
    """Days that the chapters mark: the contract gives the short labels."""
    rows = [
        ("2021-06-07", "military", "The war begins", "losses"),
        ("2022-03-07", "sanction", "The League stops buying crude and caps its price", "oil"),
        ("2022-04-04", "sanction", "The League extends its common list of goods", "tech"),
        ("2023-11-01", "decree", "Federal one-time payment doubled", "bonus"),
        ("2023-11-13", "sanction", "The League lists ships", "oil"),
        ("2024-06-10", "statement", "Tessara is said to stop buying crude", "oil"),
        ("2024-09-02", "policy", "The League waives its cap for a time", "oil"),
        ("2024-10-15", "policy", "Several regions cut one-time payments", "bonus"),
    ]
    url = "https://example.org/demo-war/events"
    names = ("date", "kind", "title", "topic")
    return [dict(zip(names, row, strict=True)) | {"url": url, "note": SYNTHETIC} for row in rows]
