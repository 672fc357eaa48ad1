"""The synthetic war: its room is what its generator writes, every chapter runs on it, and its truth is recovered."""

import csv
import filecmp
import json
import sys
from pathlib import Path

import chapters
import numpy as np
import pandas as pd
import pytest

from attrition import another_room, parameters
from attrition.models import consensus, mortality, recruitment
from attrition.models.consensus import CASUALTIES, KILLED
from attrition.room.validation import check

ROOT = Path(__file__).parents[1]
EXAMPLES, DEMO = ROOT / "examples", ROOT / "examples" / "demo-war"
BOOK = [path.stem for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
OWN_NAMES = ("Russia", "Ukrain", "India", "Kremlin", "Moscow", "Kyiv")


@pytest.fixture(scope="module")
def demo():
    """The generator, imported from where it lies."""
    sys.path.insert(0, str(EXAMPLES))
    try:
        import demo_war

        yield demo_war
    finally:
        sys.path.remove(str(EXAMPLES))


# ---- the room ----------------------------------------------------------------------------------------------


def test_the_generator_writes_the_committed_room_again(demo, tmp_path):
    demo.make(tmp_path / "demo-war")
    made = {path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()}
    kept = {path.relative_to(EXAMPLES) for path in DEMO.rglob("*") if path.is_file() and path.suffix != ".md"}
    assert made == kept | {Path("demo-war.truth.csv")}
    assert [str(name) for name in made if not filecmp.cmp(tmp_path / name, EXAMPLES / name, shallow=False)] == []
    assert sum((EXAMPLES / name).stat().st_size for name in made) < 800_000


def test_the_room_keeps_its_contract_and_says_it_is_synthetic():
    assert [str(one) for one in check(DEMO)] == []
    package = json.loads((DEMO / "datapackage.json").read_text(encoding="utf-8"))
    assert package["synthetic"] is True and "Synthetic" in package["description"]
    assert all("Synthetic" in one["description"] for one in package["resources"])
    for path in DEMO.glob("evidence/*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            assert all("synthetic" in row["note"] and "synthetic" in row["title"] for row in csv.DictReader(file))


def test_no_file_of_the_room_names_a_party_of_the_own_war():
    for path in DEMO.rglob("*"):
        if path.suffix in (".csv", ".json"):
            text = path.read_text(encoding="utf-8")
            assert not [name for name in OWN_NAMES if name in text], path.name


def test_another_seed_is_another_war_that_keeps_the_contract_too(demo, tmp_path):
    one = demo.make(tmp_path / "seven", seed=7)
    assert [str(problem) for problem in check(tmp_path / "seven")] == []
    truth = pd.read_csv(tmp_path / "seven.truth.csv", index_col="month")
    assert truth["killed"].sum() == pytest.approx(one.total("killed"), rel=1e-4)
    gained = truth["recruits"] + truth["returned"] - truth["casualties"] - truth["other_exits"]
    assert np.diff(truth["force"]) == pytest.approx(gained.iloc[1:], abs=0.5)


# ---- the chapters ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def as_of():
    return json.loads((DEMO / "datapackage.json").read_text(encoding="utf-8"))["war"]["as_of"]


def lost_for_good(demo, truth):
    """Killed and wounded who never come back, of all killed and wounded, from the second year on."""
    killed, casualties = (truth.total(name, "2022-01-01") for name in ("killed", "casualties"))
    return (killed + (1 - sys.modules["simulated.truth"].RETURN_SHARE) * (casualties - killed)) / casualties


def per_thousand_roubles(demo, truth):
    """Four quarterly taxes a year, each on the price of three months."""
    return 1000 * (demo.money.PER_ROUBLE + 3 * demo.money.QUARTERLY * len(demo.money.PAYS) / 12)


TRUE = {
    "who_is_counted": {
        "killed.total": lambda demo, truth: truth.total("killed"),
        "killed.casualties": lambda demo, truth: truth.total("casualties"),
    },
    "oil_sanctions": {"oil.revenue_per_thousand_rub": per_thousand_roubles},
    "manpower_balance": {"balance.irrecoverable_share": lost_for_good},
}


@pytest.mark.parametrize("name", BOOK)
def test_a_chapter_runs_on_the_demo_war_finds_its_truth_and_names_no_other_party(name, as_of, demo):
    takes = parameters.declared(ROOT / "notebooks" / f"{name}.ipynb")
    fewer = {"draws": 1000} if "draws" in takes else {}
    told = chapters.run(name, room=DEMO, cutoff=as_of, **fewer)["recorded"]
    assert told
    for key, true in TRUE.get(name, {}).items():
        assert told[key].lower <= true(demo, demo.happen(demo.SEED)) <= told[key].upper, key
    for value in told.values():
        said = f"{value.text} {value.label} {value.definition}"
        assert not [party for party in OWN_NAMES if party in said], (value.key, said)


# ---- pages -------------------------------------------------------------------------------------------------


def test_prose_takes_the_names_of_the_other_room_and_says_so():
    text = "# Can Russia go on?\n\nRussian oil, `Russia`, [it](https://e.org/Russia), {value}`oil.urals_usd`, India."
    told = another_room.adapt(text, ROOT, DEMO)
    assert told.startswith("# Can Vellmark go on?\n\n:::{admonition} Another data room")
    assert "Vellish oil, `Russia`, [it](https://e.org/Russia), {value}`oil.urals_usd`, Tessara." in told
    assert "Its data are synthetic" in told


def test_a_notebook_says_it_once_under_its_title():
    fenced = "# Ukraine?\n\n```{admonition} So\nMore Russians {value}`a.b` than Ukrainians\n```"
    cells = [("markdown", "(label)="), ("markdown", fenced), ("markdown", "# More"), ("code", "Russia")]
    notebook = {"cells": [{"cell_type": kind, "source": [text]} for kind, text in cells]}
    changed = another_room.adapt_notebook(notebook, ROOT, DEMO)
    texts = ["".join(cell["source"]) for cell in changed["cells"]]
    assert [text.count("Another data room") for text in texts] == [0, 1, 0, 0]
    assert texts[1].startswith("# Corrin?") and texts[3] == "Russia"
    assert "More Vellish people {value}`a.b` than Corrinite people" in texts[1]
    assert notebook["cells"][1]["source"] == [fenced]


def test_another_room_is_an_edition_of_its_own(as_of, tmp_path):
    edition = another_room.edition_of(DEMO)
    assert (edition.name, edition.cutoff.isoformat(), edition.parameters) == ("demo-war", as_of, {})
    assert another_room.edition_of(tmp_path) is None
    assert another_room.is_own(ROOT, ROOT / "notebooks" / ".." / "data") and not another_room.is_own(ROOT, DEMO)


# ---- calibration -------------------------------------------------------------------------------------------

WARS, LAST = 200, "2022-12-31"  # wars of nineteen months
ERROR = (0.9 * 0.1 / WARS) ** 0.5  # of a share found in so many wars, if nine in ten is the truth


@pytest.fixture(scope="module")
def held(demo):
    """Whether the truth lies inside the 90 % intervals, by quantity, in each of two hundred wars."""
    return pd.DataFrame([_hold(demo, seed) for seed in range(WARS)])


def _hold(demo, seed):
    truth = demo.happen(seed, LAST)
    found, flow = _estimate(demo, truth), _recruits(demo, truth)
    rows = {}
    for name, counts in (("killed", KILLED), ("casualties", CASUALTIES)):
        low, high = found.monthly[f"{name}_lower"], found.monthly[f"{name}_upper"]
        rows[f"{name} by month"] = truth.monthly[name].between(low, high).mean()
        whole = found.total(counts)
        rows[f"{name} in all"] = whole.lower <= truth.total(name) <= whole.upper
    first, last = flow.fitted["start"].min(), flow.fitted["end"].max()
    whole = flow.total(first, last)
    months = [truth.total("recruits", day, day + pd.offsets.MonthEnd(0)) for day in flow.estimate.index]
    rows["recruits by month"] = np.mean((flow.estimate["lower"] <= months) & (months <= flow.estimate["upper"]))
    rows["recruits in all"] = whole.lower <= truth.total("recruits", first, last) <= whole.upper
    return rows


def _estimate(demo, truth):
    """The chapters' own steps: speakers put together, then joined."""
    losses, seed = demo.losses, truth.seed
    bias = losses.draw_biases(seed)
    ends = {"assembled_low": "low", "assembled": "central", "assembled_high": "high"}
    deaths = losses.register_deaths(truth, bias["office"], seed)
    deaths = deaths.set_index(pd.to_datetime(deaths.pop("year") + "-12-31")).rename_axis("year")
    told = consensus.gather(
        pd.DataFrame(),
        start=demo.START,
        known=truth.last,
        claims={"staff_xc": losses.claim_daily(truth, bias["staff"], seed)["personnel"].astype(float)},
        lists={"name_list": losses.list_names(truth, seed).iloc[:, -1].dropna()},
        months={"registrar": losses.estimate_by_register(truth, bias["register"], seed).rename(columns=ends)},
        years={"statistics_xv": mortality.excess_male_deaths(deaths)},
    )
    sources = pd.DataFrame(demo.cast.list_speakers()).set_index("id")
    definitions = demo.Told().measures.fillna("")
    return consensus.fit(told, sources, definitions, consensus.Settings(draws=400), end=truth.last, seed=seed)


def _recruits(demo, truth):
    paid = demo.people.paid_quarters(truth, np.random.default_rng([truth.seed, 7]))
    rows = pd.DataFrame(paid, columns=["period_start", "period_end", "central"])
    rows = rows.assign(id=rows.index.astype(str), measure="paid", bound="exact")
    return recruitment.disaggregate(rows, "paid", settings=recruitment.Settings(draws=200), seed=truth.seed)


def test_the_generator_draws_what_the_estimate_assumes(demo):
    """Elsewhere intervals need not hold what they promise: a calmer war makes them too wide, a wilder too narrow."""
    assumed, losses, truth = consensus.Settings(), demo.losses, sys.modules["simulated.truth"]
    assert (assumed.counted_bias_sd, assumed.claimed_bias_sd) == (losses.COUNTED_BIAS_SD, losses.CLAIMED_BIAS_SD)
    assert (assumed.killed_walk_sd, assumed.ratio_walk_sd) == (truth.KILLED_WALK_SD, truth.RATIO_WALK_SD)
    assert assumed.noise_sd == losses.NOISE_SD


def test_intervals_hold_the_truth_of_two_hundred_wars_as_often_as_they_say(held):
    """All quantities together within 88 to 92 %; each alone within twice the error of a share of two hundred."""
    shares = held.mean()
    assert len(held) == WARS
    assert 0.88 <= shares.mean() <= 0.92, shares
    assert shares.between(0.9 - 2 * ERROR, 0.9 + 2 * ERROR).all(), shares
