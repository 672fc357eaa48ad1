"""What is told of vehicles, controlled goods, ground and ratios of losses; and the claims that a reader may test."""

from __future__ import annotations

import numpy as np
import pandas as pd

from simulated.tables import Told
from simulated.truth import AS_OF, DAY, START, Truth

DOCUMENTED = {"tanks": 0.60, "ifv": 0.55, "afv": 0.12, "spg": 0.18}  # with a photograph, for a claimed tank or the like
OTHER_SIDE_DOCUMENTED = 0.4  # tanks of the other side for one of this


def tell(told: Told, truth: Truth, claim: pd.DataFrame) -> None:
    """Let counters, institutes and maps tell of things and ground."""
    rng = np.random.default_rng([truth.seed, 9])
    _lost(told, claim, rng)
    _stored(told)
    _goods(told)
    _ground(told, truth, rng)
    _ratios(told, truth)


def _lost(told: Told, claim: pd.DataFrame, rng) -> None:
    for day in pd.date_range("2021-06-30", AS_OF - 31 * DAY, freq="ME"):
        tanks = claim.loc[:day, "tanks"].iloc[-1]
        seen = {"kind": "independent_count", "period_start": START, "period_end": day}
        for name, share in DOCUMENTED.items():
            told.say(f"{name}_lost_documented_cumulative", "photo_archive", day, low=round(tanks * share), **seen)
        other = round(tanks * DOCUMENTED["tanks"] * OTHER_SIDE_DOCUMENTED)
        told.say("tanks_lost_documented_cumulative", "photo_archive", day, low=other, side="XC", **seen)
    year = {"period_start": "2024-01-01", "period_end": "2024-12-31"}
    told.say("ifv_apc_lost_estimate", "archivist", "2024-12-31", 1400, **year)


def _stored(told: Told) -> None:
    for day, tanks in (("2021-12-31", 4200), ("2023-06-30", 3100), ("2024-10-31", 2300), ("2025-01-31", 2150)):
        told.say("tanks_in_storage", "image_counters", day, tanks, kind="independent_count")
    told.say("tanks_in_storage_good", "image_counters", "2025-01-31", 600, kind="independent_count")
    told.say("tanks_in_storage_usable_share", "image_counters", "2025-01-31", 30, kind="independent_count")
    told.say("tanks_withdrawn_from_storage", "image_counters", "2024-10-31", 480, kind="independent_count",
             period_start="2023-11-01", period_end="2024-10-31")  # fmt: skip
    told.say("tanks_reactivated_per_month", "yearbook", "2024-06-30", 45)
    year = {"period_start": "2024-01-01", "period_end": "2024-12-31"}
    told.say("tanks_produced", "yearbook", "2024-12-31", 700, **year)
    told.say("refurbished_share", "yearbook", "2024-12-31", 75)
    told.say("t90m_produced", "yearbook", "2024-12-31", low=120, high=200, **year)
    told.say("t90m_produced", "institute", "2024-12-31", 180, **year)
    told.say("tanks_active", "yearbook", "2024-12-31", 2200)
    told.say("tanks_in_theatre", "staff_xc", "2024-12-31", 1800, kind="party_claim")
    told.say("armoured_vehicles_in_storage", "image_counters", "2024-12-31", 6500, kind="independent_count")
    told.say("ifv_in_storage_good", "image_counters", "2024-12-31", 1300, kind="independent_count")
    told.say("apc_in_storage_good", "image_counters", "2024-12-31", 1100, kind="independent_count")
    told.say("ifv_apc_new_built", "archivist", "2024-12-31", 420, **year)
    told.say("bmp3_produced_quarter", "yearbook", "2024-09-30", 100, period_start="2024-07-01", period_end="2024-09-30")


def _goods(told: Told) -> None:
    change = {"period_start": "2020-01-01", "period_end": "2023-12-31", "partner": "Orlaine"}
    told.say("controlled_goods_price_change", "trade_study", "2023-12-31", 70, **change)
    told.say("controlled_goods_price_change_other_buyers", "trade_study", "2023-12-31", 12, **change)
    told.say(
        "controlled_goods_price_premium", "trade_study", "2023-12-31", low=20, high=60, **change | {"partner": "Pell"}
    )
    told.say("controlled_goods_price_over_other_goods", "trade_study", "2023-12-31", 35, **change)
    told.say("ball_bearing_import_value_change", "trade_study", "2023-12-31", 10, **change)
    told.say("ball_bearing_import_volume_change", "trade_study", "2023-12-31", -35, **change)
    told.say("component_cost_change", "institute", "2023-12-31", 30)
    year = {"period_start": "2023-01-01", "period_end": "2023-12-31"}
    told.say("battlefield_goods_imports_change", "customs_study", "2023-12-31", -12, **year)
    told.say("high_priority_goods_imports_change", "customs_study", "2023-12-31", -25, **year)
    told.say("critical_component_imports_change", "customs_study", "2023-12-31", -28, **year)
    told.say("battlefield_goods_imports_per_month", "customs_study", "2023-12-31", 640, **year)
    for partner, share in (("Orlaine", 55), ("Pell", 22), ("Quessa", 9)):
        told.say("dual_use_import_share", "customs_study", "2023-12-31", share, partner=partner, **year)
    for partner, share in (("Rhune", 48), ("Sarrow", 17), ("Orlaine", 14)):
        told.say("component_origin_share", "agency_xc", "2024-01-31", share, partner=partner, kind="party_claim")
    for day, share in (("2022-12-31", 46), ("2023-12-31", 41)):
        told.say("dual_use_coalition_share", "customs_study", day, share)
    for day, count in (
        ("2022-04-04", 120),
        ("2022-12-12", 90),
        ("2023-06-26", 60),
        ("2024-02-26", 75),
        ("2025-02-24", 50),
    ):
        told.say("export_control_entities_added", "league", day, count, side="XL", kind="official_statistic",
                 period_start=day, period_end=day)  # fmt: skip


def _ground(told: Told, truth: Truth, rng) -> None:
    gained = 150 + 180 * np.sin(np.arange(len(truth.monthly)) / 5.0) + rng.normal(0, 60, len(truth.monthly))
    for month, area in zip(truth.monthly.index, gained, strict=True):
        days = {"period_start": max(START, month.replace(day=1)), "period_end": month, "kind": "own_calculation"}
        told.say("area_gained", "map_room", month, round(area, 1), **days)
        if month >= pd.Timestamp("2023-01-31"):
            told.say("area_gained", "map_office", month, round(area + rng.normal(0, 25), 1), **days)


def _ratios(told: Told, truth: Truth) -> None:
    ratio = truth.total("killed") / truth.total("killed_other")
    whole = {"period_start": START, "period_end": "2024-12-31"}
    for source, measure, size, kind in (
        ("president_xc", "exchange_ratio_killed", 3.0 * ratio, "party_claim"),
        ("president_xv", "exchange_ratio_irrecoverable", 0.3 * ratio, "party_claim"),
        ("bureau", "exchange_ratio_casualties", 1.1 * ratio, "government_estimate"),
        ("institute", "exchange_ratio_killed", 0.9 * ratio, "think_tank_estimate"),
    ):
        told.say(measure, source, "2024-12-31", round(size, 1), kind=kind, **whole)
    told.say("exchange_ratio_casualties", "staff_xc", "2024-05-31", round(4 * ratio, 1), region="Cinder Plain",
             kind="party_claim", period_start="2024-05-01", period_end="2024-05-31")  # fmt: skip
    told.say("assault_unit_loss_share", "witnesses", "2024-05-31", low=50, high=70, kind="commentary")
    told.say("assault_unit_loss_share", "staff_xc", "2024-08-31", 65, kind="party_claim")


def claims(truth: Truth) -> list[dict[str, str]]:
    """Checkable claims of several speakers, each with its test."""
    dead = truth.total("killed", last="2024-12-31")
    rows = [
        ("ar_total", "article", "losses", "killed_wounded_cumulative", "persons", f"{round(3 * dead, -4):.0f}", "",
         "Casualties passed a round number.", "reached", ""),
        ("ar_rising", "article", "losses", "killed", "persons", "", "", "Deaths are rising.", "rising",
         "counts=killed; months=6"),
        ("ar_buyer", "article", "oil", "crude_imports_customs", "kb_per_day", "", "", "The largest buyer stopped.",
         "after", "measure=crude_imports_customs|crude_imports_tanker; side=XT; most=0.1"),
        ("ar_open", "article", "force_size", "troops_in_theatre", "persons", "", "", "The army cannot go on for ever.",
         "none", "reason=no number says below which force an army can no longer go on"),
        ("xc_dead", "president_xc", "losses", "killed_cumulative", "persons", f"{round(1.6 * dead, -3):.0f}", "",
         "Far more have died than are counted.", "estimate", "counts=killed; span=to date"),
        ("xv_dead", "ministry_xv", "losses", "killed_cumulative", "persons", f"{round(0.3 * dead, -3):.0f}",
         f"{round(0.3 * dead, -3):.0f}", "Few have died.", "estimate", "counts=killed; span=to date"),
        ("xv_recruits", "council_xv", "recruitment", "contracts_signed", "persons", "100000", "",
         "More than a hundred thousand signed in a year.", "figures",
         "measure=contracts_signed|contracts_signed_federal_budget; side=XV; days=380-60; per=year; least_days=80"),
        ("in_ratio", "institute", "exchange", "exchange_ratio_killed", "ratio", "1", "", "More of one side died.",
         "ratio", "counts=killed; measure=killed_cumulative; side=XC; governments=no"),
    ]  # fmt: skip
    names = ("id", "speaker", "topic", "measure", "unit", "value_low", "value_high", "claim", "test", "test_with")
    rest = {"date": "2025-01-20", "how_tested": "As the named test says; the claim is synthetic.", "url": ""}
    return [dict(zip(names, row, strict=True)) | rest for row in rows]
