"""What is told of recruits, what they are paid, and how large forces are.

Officials announce running totals with a lasting bias upwards; what the budget paid for is told without bias, rounded;
a model from regional spending stands between. Forces are published now and then by speakers who differ.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from simulated.tables import Told
from simulated.truth import AS_OF, DAY, START, Truth

ANNOUNCED, MODELLED = 1.12, 1.05  # of the recruits there are
PAID_SPREAD = 0.01  # half the range that the book reads into a plain number, which holds nine tenths of them
FIRST_BONUS, GENERAL = 300_000, ((START, 150_000), (pd.Timestamp("2023-11-01"), 300_000))
REGIONS = ("Alder Coast", "Birchfold", "Cinder Plain", "Dunmere", "Eastwold", "Fennmark")


def tell(told: Told, truth: Truth) -> None:
    """Let speakers tell of recruits, payments, wages and forces."""
    rng = np.random.default_rng([truth.seed, 7])
    _recruits(told, truth, rng)
    _payments(told, truth, rng)
    _forces(told, truth, rng)
    told.say("mobilised_target", "government_xv", "2022-05-01", 150_000, kind="policy")
    for side, low, high, men in (("XV", 3_000_000, 9_000_000, 21e6), ("XC", 1_500_000, 4_000_000, 10e6)):
        told.say("mobilisation_resource", "demographers", "2024-02-28", low=low, high=high, side=side)
        told.say("male_population_18_60", "population_office", "2022-12-31", men, side=side, kind="official_statistic")


def paid_quarters(truth: Truth, rng) -> list[tuple[pd.Timestamp, pd.Timestamp, float]]:
    """Recruits that the budget paid for, by quarter: first day, last day, number; off by as much as a plain number."""
    quarters = []
    for last in pd.date_range("2021-12-31", truth.last, freq="QE"):
        first = last.to_period("Q").start_time
        off = np.exp(rng.normal(0, np.log((1 + PAID_SPREAD) ** 2) / 2 / 1.645))
        quarters.append((first, last, truth.total("recruits", first, last) * off))
    return quarters


def _recruits(told: Told, truth: Truth, rng) -> None:
    for first, last, number in paid_quarters(truth, rng):
        days = {"period_start": first, "period_end": last, "published": min(last + 30 * DAY, AS_OF)}
        told.say("contracts_signed_federal_budget", "accountants", last, number, kind="independent_count", **days)
        if last.month in (6, 12):
            begin = max(last.replace(month=1, day=1), START)
            size = ANNOUNCED * truth.total("recruits", begin, last)
            days |= {"period_start": begin, "published": last}
            told.say("contracts_signed", "council_xv", last, round(size, -2), kind="party_claim", **days)
            if last.year > 2022:
                modelled = MODELLED * truth.total("recruits", begin, last)
                days |= {"published": min(last + 20 * DAY, AS_OF)}
                told.say("contracts_signed_regional_budget", "economist_w", last, round(modelled, -2),
                         kind="model_estimate", **days)  # fmt: skip
    year = {"period_start": pd.Timestamp("2025-01-01"), "period_end": AS_OF}
    size = ANNOUNCED * truth.total("recruits", *year.values())
    told.say("contracts_signed", "council_xv", AS_OF, round(size, -2), kind="party_claim", **year)
    for year_ in (2022, 2023, 2024):
        days = {"period_start": f"{year_}-01-01", "period_end": f"{year_}-12-31"}
        joined = 0.08 * truth.total("recruits", *days.values())
        told.say("volunteer_formations_joined", "council_xv", days["period_end"], round(joined, -2), kind="party_claim",
                 **days)  # fmt: skip
        seen = truth.total("recruits", *days.values())
        told.say("recruited", "intelligence_xc", days["period_end"], round(0.95 * seen, -3), kind="party_claim", **days)
    late = truth.total("recruits", "2024-10-01", "2024-12-31") / 3
    told.say("recruited_per_month", "bureau", "2024-12-31", low=0.85 * late, high=1.1 * late,
             kind="government_estimate", period_start="2024-10-01", period_end="2024-12-31")  # fmt: skip


def bonuses(truth: Truth) -> pd.Series:
    """Mean whole payment at signing by quarter: it has to rise where more are to come."""
    months = truth.monthly
    pace = (months["recruits"] / months["days"]).resample("QE").mean()
    grown = FIRST_BONUS * (pace / pace.iloc[0]) ** 1.5 * 1.03 ** np.arange(len(pace))
    return grown[grown.index <= AS_OF].round(-3)


def _payments(told: Told, truth: Truth, rng) -> None:
    for at, (day, amount) in enumerate(GENERAL):
        last = GENERAL[at + 1][0] - DAY if at + 1 < len(GENERAL) else None
        told.say(
            "signing_bonus_federal", "government_xv", day, amount, kind="policy", period_start=day, period_end=last
        )
    mean = bonuses(truth)
    for day, amount in mean.items():
        told.say("signing_bonus_total_mean", "economist_w", day, max(amount, 320_000), kind="model_estimate")
    for number, region in enumerate(REGIONS):
        for day in ("2024-07-01", f"2025-0{1 + number % 3}-10"):
            own = {"region": region, "period_start": day}
            amount = round(float(mean.iloc[-1]) * rng.uniform(0.5, 1.6), -4)
            whole = number % 2 == 0
            told.say("signing_bonus_total" if whole else "signing_bonus_regional", "regions_xv", day,
                     max(amount, 350_000 if whole else 50_000), kind="policy", **own)  # fmt: skip
    for amount in (20_000, 60_000):
        told.say("recruiter_commission", "press_xv", "2024-09-01", amount, kind="media_estimate")
    told.say("monthly_pay", "ministry_xv", "2024-06-30", 190_000, kind="party_claim")
    for month in pd.date_range("2021-06-30", AS_OF - 31 * DAY, freq="ME"):
        years = (month - START).days / 365.25
        wage = 60_000 * 1.13**years * np.exp(rng.normal(0, 0.01))
        told.say("wage_mean", "statistics_xv", month, round(wage), kind="official_statistic",
                 period_start=month.replace(day=1), period_end=month)  # fmt: skip
    first, last = "2024-01-01", "2024-12-31"
    days = {"period_start": first, "period_end": last, "published": "2025-02-10"}
    signing = truth.total("recruits", first, last) * float(mean[:last].iloc[-1]) / 1e9
    service = truth.monthly.loc[last, "force"] * 190_000 * 12 / 1e9
    losses = truth.total("killed", first, last) * 8e6 / 1e9
    for measure, size in (("_signing_bonuses", signing), ("_service_pay", service), ("_casualty_compensation", losses)):
        told.say(f"personnel_cost{measure}", "cost_institute", last, size, **days)
    told.say("personnel_cost", "cost_institute", last, low=round(signing + service + losses, 1), **days)


def _forces(told: Told, truth: Truth, rng) -> None:
    for source, kind, bias, dates in (
        ("staff_xc", "party_claim", 1.05, pd.date_range("2022-03-31", AS_OF, freq="4ME")),
        ("bureau", "government_estimate", 0.98, pd.date_range("2022-06-30", AS_OF, freq="6ME")),
        ("president_xv", "party_claim", 1.02, pd.date_range("2022-12-31", AS_OF, freq="7ME")),
    ):
        for day in dates:
            size = truth.monthly.loc[day, "force"] * bias * np.exp(rng.normal(0, 0.02))
            told.say("troops_in_theatre", source, day, round(size, -3), kind=kind)
    told.say("recruits_to_new_units_share", "institute", "2024-06-30", 10, kind="think_tank_estimate")
    told.say("force_total", "officials_xc", "2024-12-31", 380_000, side="XC", kind="party_claim")
