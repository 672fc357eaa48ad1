"""What other people's scripts rely on: value keys, files and model calls, as the interface names them."""

import inspect
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attrition.editions import lock
from attrition.models import (
    balance,
    consensus,
    exchange,
    forecast,
    mortality,
    nowcast,
    pressure,
    recruitment,
    scores,
    sensitivity,
    trend,
)
from attrition.room import open_room

ROOT = Path(__file__).parents[1]
SITE = ROOT / "_build" / "html"
ELSEWHERE = {
    *("balance.net_monthly", "balance.break_even_return_share", "balance.irrecoverable_share", "balance.p_break_6m"),
    *("balance.p_break_12m", "balance.p_break_24m", "balance.p_never_36m", "balance.top_driver"),
    *("killed.total", "killed.monthly", "killed.floor", "wounded_per_killed", "evidence.independent_families"),
    *("tech.price_premium", "tech.tank_months_left", "pressure.interaction_share"),
    *("exchange.killed", "exchange.casualties", "exchange.required_for_parity", "exchange.casualties_per_km2"),
    *("recruitment.monthly", "recruitment.bonus_mean_rub", "recruitment.bonus_max_usd"),
    *("recruitment.cost_per_recruit_rub", "recruitment.marginal_cost_rub", "recruitment.burden_share_of_oil_gas"),
    *("oil.urals_usd", "oil.india_kbd", "oil.revenue_per_usd", "oil.recruits_per_usd"),
    *("oil.india_stop_cost_month", "oil.india_stop_recruits"),
}
VALUES = ("total", "daily", "monthly", "trend_probability_up", "forecast_4w", "forecast_13w", "forecast_26w")
FIELDS = {"value", "lower", "upper", "level", "unit", "text", "definition", "as_of", "sources", "notebook"}
built = pytest.mark.skipif(not (SITE / "values.json").exists(), reason="no built site: run 'make book'")


@built
def test_promised_values_are_there_with_all_their_fields():
    document = json.loads((SITE / "values.json").read_text(encoding="utf-8"))
    assert {"edition", "cutoff", "generated_from", "values"} <= set(document)
    room = open_room(ROOT / "data", cutoff=document["cutoff"])
    verdicts = {f"claims.{name}.verdict" for name in room.claims().index}
    for key in {*(f"losses.{name}" for name in VALUES), *ELSEWHERE, *verdicts}:
        assert FIELDS | {"inputs_sha256"} <= set(document["values"][key])


@built
def test_values_of_chapters_agree_with_each_other():
    found = json.loads((SITE / "values.json").read_text(encoding="utf-8"))["values"]
    killed, casualties = found["killed.total"], found["killed.casualties"]
    assert found["killed.floor"]["value"] <= killed["lower"] < killed["upper"] < casualties["upper"]
    assert found["evidence.independent_families"]["value"] >= 1


@built
def test_values_agree_with_the_room():
    found = {key: row["value"] for key, row in json.loads((SITE / "values.json").read_text())["values"].items()}
    room = open_room(ROOT / "data", cutoff=json.loads((SITE / "values.json").read_text())["cutoff"])
    claim = room.war.daily_claim
    total = room.readings(claim.measure, side=room.war.side, source=claim.source)["value"]
    assert found["losses.total"] == total.iloc[-1]
    assert found["losses.monthly"] == pytest.approx(found["losses.daily"] * 30.4375)
    sundays = total[total.index.day_of_week == 6]
    assert found["losses.daily"] == pytest.approx((sundays.iloc[-1] - sundays.iloc[-5]) / 28)
    assert 0 <= found["losses.trend_probability_up"] <= 1


@built
def test_promised_files_are_there():
    for name in ("index.html", "notebooks/loss_trends.html", "values.html", "values.json", "datapackage.json"):
        assert (SITE / name).is_file(), name
    for name in ("changes.html", "notebooks/claims_audit.html", "notebooks/scorecard.html"):
        assert (SITE / name).is_file(), name
    figures = {path.name.split(".")[0] for path in (SITE / "figures").iterdir()}
    assert len(figures) >= 6
    for figure in figures:
        assert all((SITE / "figures" / f"{figure}.{end}").is_file() for end in ("svg", "png", "csv"))


@built
def test_published_editions_stand_at_their_addresses_byte_for_byte():
    published = lock.published(ROOT / "editions")
    for known in published:
        here, kept = SITE / "editions" / known["name"], ROOT / "editions" / f"{known['name']}.values.json"
        assert (here / "values.json").read_bytes() == kept.read_bytes()
        pages = [path.name for path in here.glob("*.html") if path.name != "search.html"]
        assert {"index.html", "values.html", "changes.html"} <= set(pages)
        for page in pages:
            text = (here / page).read_text(encoding="utf-8")
            assert known["title"] in text and "edition-older" in text


@built
def test_every_page_says_its_edition_and_cutoff():
    document = json.loads((SITE / "values.json").read_text(encoding="utf-8"))
    for page in [*SITE.glob("*.html"), *(SITE / "notebooks").glob("*.html")]:
        if page.name != "search.html":
            assert f"Edition {document['title']}" in page.read_text(encoding="utf-8"), page.name


@built
def test_claims_have_lasting_addresses():
    text = (SITE / "notebooks" / "claims_audit.html").read_text(encoding="utf-8")
    cutoff = json.loads((SITE / "values.json").read_text(encoding="utf-8"))["cutoff"]
    for name in open_room(ROOT / "data", cutoff=cutoff).claims().index:
        assert f'id="claim-{name}"' in text


@built
def test_the_published_package_validates():
    frictionless = pytest.importorskip("frictionless")
    package = frictionless.Package(str(SITE / "datapackage.json"))
    assert len(package.resources) > 20
    assert all((SITE / resource.path).is_file() for resource in package.resources)


def test_scores():
    levels = {0.8: (0.0, 4.0), 0.5: (1.0, 3.0)}
    assert scores.wis(5.0, 2.0, levels) == pytest.approx(2.16)
    assert np.shape(scores.wis(np.array([5.0, 5.0]), np.array([2.0, 2.0]), {0.8: (np.zeros(2), np.full(2, 4.0))})) == (
        2,
    )
    assert scores.interval_score(5, 0, 4, 0.2) == pytest.approx(4 + 2 / 0.2)
    assert scores.coverage([1, 5], [0, 0], [4, 4]) == 0.5


def test_trend_and_forecast_frames():
    rng = np.random.default_rng(1)
    weeks = pd.date_range("2022-01-02", periods=120, freq="7D")
    weekly = pd.Series(np.exp(8 + 0.1 * rng.standard_normal(120)) * np.repeat([1, 2], 60), index=weeks)
    assert trend.change_points(weekly, penalty=3.0, min_size=6) == [weeks[60]]
    ahead = forecast.predict(weekly, [1, 4], [0.5, 0.9], method="best", seed=0)
    assert list(ahead.columns) == ["horizon", "measure", "level", "lower", "median", "upper"]
    assert set(ahead["measure"]) == {"weekly", "cumulative"}
    table = forecast.backtest(weekly, ["baseline", "best"], [1, 4], last_origins=20)
    assert {"method", "horizon"} <= set(table.columns)
    days = pd.date_range("2024-01-01", periods=120)
    assert {"multiples_of_10", "multiples_of_100", "tens_p_value"} <= set(
        trend.digits(pd.Series(rng.integers(800, 1600, 120), index=days)).columns
    )


def test_a_chapter_run_again_gives_the_same_bytes(tmp_path):
    """Values, figures and their data are outputs of the executed notebook, so equal notebooks mean equal files."""
    from attrition import chapter, parameters
    from attrition.editions import edition

    newest = edition.load(None, ROOT / "editions")
    one = chapter.load(ROOT / "notebooks" / "loss_trends.ipynb")
    given = parameters.validate(one.name, one.defaults, newest.given(one.name, one.defaults))
    built_before = ROOT / "_build" / "steps" / newest.name / "executed" / "loss_trends.ipynb"
    if not built_before.exists():
        pytest.skip("no executed chapter: run 'make book'")
    assert chapter.run(one, given, tmp_path, room=ROOT / "data").read_bytes() == built_before.read_bytes()


def test_exchange_ratio():
    found = exchange.ratio((80, 100, 125), (40, 50, 62.5), correlation=0.0, draws=10_000, seed=0)
    assert found.lower < found.median < found.upper and found.level == 0.9
    assert found.median == pytest.approx(2, rel=0.02)


def test_nowcast_and_mortality_frames():
    months = pd.date_range("2022-01-31", periods=24, freq="ME")
    age = np.arange(24)[::-1]
    triangle = pd.DataFrame({2022: 100.0 * (age > 11), 2023: 100.0 + (age > 11) * 40}, index=months)
    ahead = nowcast.develop(triangle, drift=1.0)
    assert {"next", "lower", "upper"} <= set(ahead.columns)
    assert (ahead["lower"] >= triangle[2023].to_numpy() - 1e-9).all()
    room = open_room(ROOT / "data")
    excess = mortality.excess_male_deaths(room.series("mortality"), baseline=(2015, 2019), remove_hiv=True)
    assert {"year", "excess", "sd"} <= set(excess.columns)
    assert round(excess.set_index("year").loc[2022, "excess"]) == pytest.approx(20_618, abs=1)


def test_consensus_takes_observations_sources_and_definitions():
    assert list(inspect.signature(consensus.fit).parameters)[:3] == ["observations", "sources", "definitions"]


def test_recruitment_calls():
    assert list(inspect.signature(recruitment.disaggregate).parameters)[:3] == ["totals", "family", "freq"]
    days = {
        "period_start": pd.to_datetime(["2030-01-01"] * 2),
        "period_end": pd.to_datetime(["2030-06-30", "2030-12-31"]),
    }
    rows = pd.DataFrame({**days, "central": [60_000.0, 120_000.0], "measure": "contracts"})
    flow = recruitment.disaggregate(rows, "contracts", freq="MS")
    assert list(flow.estimate.columns) == ["value", "lower", "upper", "level"] and len(flow.estimate) == 12
    assert flow.estimate["value"].sum() == pytest.approx(120_000, rel=0.001)
    assert recruitment.marginal_cost(2_000_000, 0.5) == pytest.approx(6_000_000)


def test_balance_calls():
    assert round(balance.break_even_return_share(37_500, 30_000, 2.36, other_exits=0.0), 3) == 0.285
    parameters = balance.Parameters(
        force=700_000, recruits=(25_000, 30_000, 35_000), casualties=35_000, wounded_per_killed=2.5, return_share=0.4
    )
    paths = balance.simulate(parameters, 36, 1_000, 0)
    assert paths.force.shape == (1_000, 37)
    found = balance.first_passage(paths, 600_000)
    assert 0 <= found.p_6m <= found.p_12m <= found.p_24m <= 1 - found.never


def test_sensitivity_calls():
    table = sensitivity.sobol(lambda a, b: a + 3 * b, {"a": (0, 1), "b": (0, 1)}, 512, 0)
    assert table["total"].idxmax() == "b"
    assert sensitivity.shapley(lambda team: float(len(team)), ["x", "y"]) == {"x": 1.0, "y": 1.0}


def test_a_price_becomes_money_and_recruits():
    """What the balance and the what-if page rest on: names of the arguments, and that nothing is passed on unasked."""
    wanted = {"change_usd", "rub_per_usd", "revenue_per_rub", "recruits", "cost_per_recruit_rub", "elasticity"}
    names = inspect.signature(pressure.recruits_from_price).parameters
    assert set(names) == wanted | {"pass_through"}
    assert names["pass_through"].default is inspect.Parameter.empty
