"""What speakers tell of the dead and the wounded: each with a lasting bias, noise and a delay of its own.

Biases and noise are drawn as the book's estimate of the dead assumes them (`consensus.Settings`): counts of the dead
within about ten percent, claims within about thirty. A test holds the estimate to that over two hundred wars.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from simulated.tables import Told
from simulated.truth import AS_OF, DAY, START, Truth

COUNTED_BIAS_SD, CLAIMED_BIAS_SD, NOISE_SD = 0.10, 0.30, 0.10  # of logarithms
REGISTER_SD = 0.06  # stated error of the register's months
NAMED_FIRST_YEAR, NAMED_IN_THE_END = 0.30, 0.55  # share of the dead on the list: soon, and after years
BANDS = ("15-19", "20-24", "25-29", "30-34", "35-39", "40-44", "45-49")
DEATHS = {"m": (400, 900, 1500, 2300, 3200, 4100, 5200), "f": (180, 260, 420, 700, 1050, 1500, 2100)}  # a year
BY_AGE = (0.05, 0.18, 0.20, 0.19, 0.17, 0.13, 0.08)  # ages of the dead soldiers
EQUIPMENT = {"tanks": 3.0, "armoured_vehicles": 5.0, "artillery": 9.0}  # claimed for a hundred claimed casualties


def draw_biases(seed: int) -> dict[str, float]:
    """Lasting factors of every family, drawn from what the estimate believes before it sees a figure."""
    rng = np.random.default_rng([seed, 1])
    counted = {name: np.exp(rng.normal(0, COUNTED_BIAS_SD)) for name in ("register", "office")}
    return counted | {name: np.exp(rng.normal(0, CLAIMED_BIAS_SD)) for name in ("staff", "bureau", "bureau_other")}


def claim_daily(truth: Truth, bias: float, seed: int) -> pd.DataFrame:
    """The other side's daily running totals: personnel (killed and wounded) in tens, and equipment."""
    rng = np.random.default_rng([seed, 2])
    days = pd.date_range(START, truth.last)
    month = truth.monthly.index.get_indexer(days + pd.offsets.MonthEnd(0))
    said = truth.monthly["casualties"].to_numpy() * bias * np.exp(rng.normal(0, NOISE_SD, len(truth.monthly)))
    daily = (said / truth.monthly["days"].to_numpy())[month] * np.exp(rng.normal(0, 0.12, len(days)))
    sums = np.bincount(month, daily)
    personnel = np.cumsum(np.round(daily * (said / sums)[month] / 10) * 10)
    table = {"personnel": personnel}
    for name, rate in EQUIPMENT.items():
        table[name] = np.cumsum(rng.poisson(daily * rate / 100))
    return pd.DataFrame(table, index=days.rename("date")).astype(int)


def transcribe(claim: pd.DataFrame, seed: int) -> list[dict[str, str]]:
    """Days on which one of three public transcriptions slips; the value that two of them read is used."""
    rng = np.random.default_rng([seed, 10])
    rows = []
    for at in sorted(rng.choice(np.arange(30, len(claim)), 5, replace=False)):
        right, wrong = claim["personnel"].iloc[at], int(rng.integers(3))
        for reader, name in enumerate(("first_reader", "second_reader", "third_reader")):
            read = right + (100 if reader == wrong else 0)
            row = {"date": f"{claim.index[at]:%Y-%m-%d}", "field": "personnel", "transcription": name}
            row |= {"value": str(read), "majority": str(right), "decided": str(right)}
            rows.append(row | {"verdict": f"{right:,}, read by 2 of 3"})
    return rows


def list_names(truth: Truth, seed: int) -> pd.DataFrame:
    """Names by month of death as the list stood at each end of a year: a floor that fills with delay."""
    rng = np.random.default_rng([seed, 3])
    ends = pd.date_range(START, truth.last, freq="YE")
    killed = truth.monthly["killed"]
    pace = 0.6 * np.exp(rng.normal(0, 0.05, len(killed)))  # of what is still missing, found in a year
    table = {}
    for end in ends:
        age = np.clip((end - killed.index).days / 365.25, 0, None)
        late = (NAMED_IN_THE_END - NAMED_FIRST_YEAR) * (1 - (1 - pace) ** age)
        soon = NAMED_FIRST_YEAR * np.clip((age + 0.02) / 0.12, 0, 1)
        table[f"named_end_{end.year}"] = np.where(killed.index <= end, killed * (soon + late), np.nan)
    return pd.DataFrame(table, index=killed.index)


def estimate_by_register(truth: Truth, bias: float, seed: int) -> pd.DataFrame:
    """The register's estimate by month with its 95 % range: a bias of its own, and noise partly unstated."""
    rng = np.random.default_rng([seed, 4])
    killed = truth.monthly["killed"].to_numpy()
    centre = killed * bias * np.exp(rng.normal(0, np.hypot(REGISTER_SD, NOISE_SD), len(killed)))
    reach = np.exp(1.959964 * REGISTER_SD)
    table = {"assembled": centre, "assembled_low": centre / reach, "assembled_high": centre * reach}
    return pd.DataFrame(table, index=truth.monthly.index)


def register_deaths(truth: Truth, bias: float, seed: int) -> pd.DataFrame:
    """Deaths by year, age and sex as an office registers them, soldiers among the men."""
    rng = np.random.default_rng([seed, 5])
    soldiers = truth.monthly["killed"].groupby(truth.monthly.index.year).sum()
    rows = []
    for year in range(2010, (truth.last + DAY).year):
        for at, band in enumerate(BANDS):
            level = 0.985 ** (year - 2010) * np.exp(rng.normal(0, 0.004))
            extra = bias * soldiers.get(year, 0.0) * BY_AGE[at]
            for sex, added in (("f", 0.0), ("m", extra)):
                hiv = int(rng.poisson(20))
                deaths = int(rng.poisson(DEATHS[sex][at] * level + added)) + hiv
                rows.append((str(year), band, sex, deaths, hiv))
    return pd.DataFrame(rows, columns=["year", "age_band", "sex", "deaths", "hiv_deaths"])


def tell(told: Told, truth: Truth, bias: dict[str, float], claim: pd.DataFrame, named: pd.DataFrame) -> None:
    """Let all others speak of losses of both sides, with what each leaves out or repeats."""
    rng = np.random.default_rng([truth.seed, 6])
    total = {"side": "XV", "period_start": START}
    for end in pd.date_range("2021-12-31", AS_OF, freq="6ME"):
        days = {"period_start": START, "period_end": end, "published": min(end + 20 * DAY, AS_OF)}
        for side, column, own in (("XV", "casualties", "bureau"), ("XC", "casualties_other", "bureau_other")):
            size = truth.total(column, last=end) * bias[own] * np.exp(rng.normal(0, NOISE_SD))
            kind = {"kind": "government_estimate", "side": side, **days}
            told.say("killed_wounded_cumulative", "bureau", end, low=0.9 * size, high=size / 0.9, **kind)
        repeated = round(claim["personnel"].get(end, claim["personnel"].iloc[-1]), -3)
        told.say("killed_wounded_cumulative", "ministry_xt", end, repeated, kind="government_estimate", **days)
        names = named.filter(regex=f"{end.year if end.month == 12 else end.year - 1}$").sum().sum()
        if names:
            told.say("killed_cumulative", "name_list", end, low=round(names), kind="independent_count", **days)
    for end in pd.date_range("2022-12-31", AS_OF, freq="YE"):
        year = {"period_start": end.replace(month=1, day=1), "period_end": end}
        fallen = truth.total("killed_other", year["period_start"], end)
        for measure, share in (("killed", 0.6), ("missing_listed", 0.3)):
            told.say(measure, "volunteers", end, low=round(fallen * share), side="XC", kind="independent_count", **year)
        boast = truth.total("casualties_other", year["period_start"], end) * 1.6
        told.say("killed_wounded", "ministry_xv", end, low=round(boast, -3), side="XC", kind="party_claim", **year)
        told.say("deserted", "institute", end, low=round(truth.total("other_exits", *year.values()) * 0.6), **year)
        sum_ = truth.total("killed", last=end) * bias["register"]
        told.say("killed_cumulative", "registrar", end, low=0.93 * sum_, central=sum_, high=sum_ / 0.93,
                 kind="independent_count", **total, period_end=end)  # fmt: skip
    end = AS_OF - 31 * DAY
    dead = truth.total("killed_other", last=end)
    others = {"side": "XC", "period_start": START, "period_end": end}
    told.say("killed_cumulative", "review", end, low=round(0.8 * dead), high=round(1.25 * dead), kind="media_estimate",
             **others)  # fmt: skip
    told.say("killed_cumulative", "bureau", end, low=round(0.8 * dead), high=round(1.25 * dead), side="XC",
             kind="government_estimate", period_start=START, period_end=end)  # fmt: skip
    told.say("killed_cumulative", "president_xc", end, round(0.6 * dead), side="XC", kind="party_claim",
             period_start=START, period_end=end)  # fmt: skip
    captured = truth.total("other_exits", last=end) * 0.3
    told.say("captured_cumulative", "officials_xc", end, low=round(captured), kind="party_claim", **total)
    lost = truth.total("casualties", last=end) - truth.total("returned", last=end)
    told.say("irrecoverable_losses_cumulative", "bureau", end, low=0.85 * lost, high=lost / 0.85,
             kind="government_estimate", **total, period_end=end)  # fmt: skip
    told.say("return_to_duty_share", "ministry_xv", end, 92, kind="party_claim")
    half = {"period_start": AS_OF - 89 * DAY, "period_end": AS_OF}
    serious = truth.total("killed", *half.values()) + 0.6 * (
        truth.total("casualties", *half.values()) - truth.total("killed", *half.values())
    )
    told.say(
        "killed_seriously_wounded", "staff_xc", AS_OF, round(serious * bias["staff"], -2), kind="party_claim", **half
    )
    model = truth.total("killed", last="2024-06-30")
    told.say("killed_cumulative", "review", "2024-06-30", low=0.8 * model, central=model, high=1.25 * model,
             kind="model_estimate", **total, period_end="2024-06-30")  # fmt: skip
    told.say("killed_cumulative", "scholars", "2023-12-31", 1.3 * truth.total("killed", last="2023-12-31"),
             kind="model_estimate", **total, period_end="2023-12-31")  # fmt: skip
