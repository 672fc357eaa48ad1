"""Who speaks in the synthetic war, and what the contract says of it: sides, parts, short names, marked days."""

from __future__ import annotations

from simulated.tables import ADDRESS, SYNTHETIC
from simulated.truth import AS_OF, START

SIDES = {
    "XV": ("Vellmark", "Vellish"), "XC": ("Corrin", "Corrinite"), "both": ("both sides", "of both sides"),
    "XL": ("the League", "League"), "XT": ("Tessara", "Tessaran"), "WORLD": ("the world", "world"),
}  # fmt: skip
SPEAKERS = [  # id, name, role, side, whom it repeats
    ("staff_xc", "General Headquarters of Corrin", "party_xc", "XC", ""),
    ("president_xc", "President of Corrin", "party_xc", "XC", "staff_xc"),
    ("officials_xc", "Other officials of Corrin", "party_xc", "XC", "staff_xc"),
    ("intelligence_xc", "Intelligence service of Corrin", "party_xc", "XC", ""),
    ("agency_xc", "Trade agency of Corrin", "party_xc", "XC", ""),
    ("ministry_xv", "Ministry of Defence of Vellmark", "party_xv", "XV", ""),
    ("president_xv", "President of Vellmark", "party_xv", "XV", "ministry_xv"),
    ("council_xv", "Security council of Vellmark", "party_xv", "XV", ""),
    ("government_xv", "Government of Vellmark", "party_xv", "XV", ""),
    ("regions_xv", "Regions of Vellmark", "party_xv", "XV", ""),
    ("finance_xv", "Ministry of Finance of Vellmark", "statistical_office", "XV", ""),
    ("economy_xv", "Ministry of Economy of Vellmark", "statistical_office", "XV", ""),
    ("bank_xv", "Bank of Vellmark", "statistical_office", "XV", ""),
    ("statistics_xv", "Statistics office of Vellmark", "statistical_office", "XV", ""),
    ("customs_xt", "Customs of Tessara", "statistical_office", "XT", ""),
    ("bank_xt", "Bank of Tessara", "statistical_office", "XT", ""),
    ("population_office", "World population office", "international_body", "", ""),
    ("league", "The League", "international_body", "XL", ""),
    ("bureau", "Bureau of a third state", "government", "", ""),
    ("ministry_xt", "Ministry of Defence of Tessara", "government", "XT", "staff_xc"),
    ("name_list", "List of names", "independent_count", "", ""),
    ("registrar", "Register estimate", "independent_count", "", "name_list"),
    ("volunteers", "Volunteers' list", "independent_count", "", ""),
    ("accountants", "Readers of the budget", "independent_count", "", "finance_xv"),
    ("photo_archive", "Photo archive", "independent_count", "", ""),
    ("archivist", "A contributor to the photo archive", "think_tank", "", "photo_archive"),
    ("image_counters", "Counters of satellite images", "independent_count", "", ""),
    ("map_room", "Map Room", "think_tank", "", ""),
    ("map_office", "Map Office", "independent_count", "", ""),
    ("institute", "Institute of Studies", "think_tank", "", ""),
    ("yearbook", "Yearbook of Forces", "think_tank", "", ""),
    ("economist_w", "An economist of regional budgets", "think_tank", "", ""),
    ("cost_institute", "Institute of Costs", "think_tank", "", ""),
    ("trade_study", "Study of trade prices", "think_tank", "", ""),
    ("customs_study", "Study of customs records", "think_tank", "", ""),
    ("demographers", "Demographers", "think_tank", "", ""),
    ("scholars", "Scholars", "think_tank", "", "staff_xc;ministry_xv"),
    ("review", "The Review", "media", "", "name_list;bureau"),
    ("press_xv", "Press of Vellmark", "media", "XV", ""),
    ("oil_press", "Oil trade press", "media", "", ""),
    ("traders_xt", "Trade sources in Tessara", "media", "XT", ""),
    ("article", "An article", "media", "", "staff_xc"),
    ("market_office", "Market office", "market_data", "", ""),
    ("tracker_one", "Tracker One", "market_data", "", ""),
    ("trackers", "Tanker trackers, unnamed", "market_data", "", ""),
    ("witnesses", "Single witnesses", "commentary", "", ""),
    ("own_calculation", "Own calculation from rows of several publishers", "own_calculation", "", ""),
]
PARTS = {
    "list_of_names": "name_list", "announced_stop": "president_xc",
    "register": "registrar", "statistics_office": "statistics_xv", "article": "article",
    "blended_model": "review", "academic_paper": "scholars", "copy_of_the_claim": "ministry_xt",
    "photographs": "photo_archive", "photographs_contributor": "archivist", "maps": "map_room",
    "other_maps": "map_office", "own_ministry_of_defence": "ministry_xv", "other_intelligence": "intelligence_xc",
    "parts_found": "agency_xc", "think_tank": "institute", "yearbook": "yearbook", "ministry_of_finance": "finance_xv",
    "ministry_of_economy": "economy_xv", "central_bank": "bank_xv", "government": "government_xv",
    "regions": "regions_xv", "cost_of_soldiers": "cost_institute", "oil_market": "market_office",
    "oil_press": "oil_press", "customs": "customs_xt", "tankers": "tracker_one", "unnamed_trackers": "trackers",
    "trade_sources": "traders_xt", "sanctions": "league", "cap_of_another": "bureau", "trade_prices": "trade_study",
    "trade_volumes": "customs_study", "population": "population_office", "mobilisation_press": "demographers",
    "stored_tanks": "image_counters", "stored_vehicles": "image_counters",
}  # fmt: skip
MARKS = {
    "2021-06-07": "war begins", "2022-03-07": "embargo, price cap", "2023-11-13": "League lists ships",
    "2024-06-10": "Tessara said to stop", "2024-09-02": "cap waived",
}  # fmt: skip


def describe_war() -> dict:
    """What the contract says of the war."""
    return {
        "name": "the synthetic war of Vellmark and Corrin",
        "start": f"{START:%Y-%m-%d}", "first_cutoff": "2024-12-31", "as_of": f"{AS_OF:%Y-%m-%d}",
        "side": "XV", "opponent": "XC", "buyer": "XT",
        "daily_claim": {"measure": "killed_wounded_cumulative", "source": "staff_xc"},
        "sides": {code: {"name": name, "adjective": adjective} for code, (name, adjective) in SIDES.items()},
        "speakers": PARTS,
        "short_names": {"staff_xc": "Headquarters of Corrin", "trackers": "unnamed trackers"},
        "marks": MARKS,
        "cuts": {"discount": list(MARKS)[:4], "imports": list(MARKS)[2:]},
    }  # fmt: skip


def list_speakers() -> list[dict[str, str]]:
    """Rows of the table of speakers."""
    names = ("id", "name", "role", "country", "copies")
    more = {"url": ADDRESS, "note": SYNTHETIC}
    return [dict(zip(names, row, strict=True)) | more for row in SPEAKERS]
