"""Chapters at parameters that once broke them: they run, and their sentences stay true and read well."""

import json
import re
from pathlib import Path

import pytest

from attrition import figures, parameters, values
from attrition.chapter import ROLE

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
BROKEN = re.compile(r"\bnan\b|\binf\b|\bNone\b(?! of)|\bNaT\b| [.,;]|(?<!\.)\.\.(?!\.)|\b(?:one|1) (?:months|weeks)\b")


def cells_of(name):
    return json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]


@pytest.fixture
def read(monkeypatch):
    """Run a chapter without a kernel and without rendering its figures; return its words, values and figures."""
    monkeypatch.setenv("ATTRITION_ROOM", str(ROOT / "data"))
    shown, drawn = [], {}
    monkeypatch.setattr("IPython.display.display", lambda data=None, **_: shown.append(data))
    monkeypatch.setattr(figures, "show", lambda fig, *, name, **words: drawn.update({name: words}))

    def run(name, **given):
        chosen = parameters.validate(name, parameters.declared(ROOT / "notebooks" / f"{name}.ipynb"), given)
        space, prose = {}, []
        for cell in cells_of(name):
            source = "".join(cell["source"])
            if cell["cell_type"] == "markdown":
                prose.append(source)
                continue
            exec(source, space)
            if "parameters" in cell["metadata"].get("tags", ()):
                space.update(chosen | {"cutoff": chosen["cutoff"].isoformat()})
        told = [bundle[values.MIME] for bundle in shown if isinstance(bundle, dict) and values.MIME in bundle]
        told = {one["key"]: values.Value(**{**one, "sources": tuple(one["sources"])}) for one in told}
        words = ROLE.sub(lambda match: values.spoken(told[match[1].strip()], match[2] or "text"), "\n".join(prose))
        return words, told, drawn

    return run


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("recruitment_economics", {"cutoff": "2023-09-30"}),  # nobody but officials had named a number
        ("exchange_ratios", {"window": "2025", "least_area_km2": 1000}),  # no month gains as much as that
        ("tech_export_limits", {"import_premium": -0.5, "horizon_months": 1}),
        ("tech_export_limits", {"import_premium": 10, "stock": 0}),
        ("compounding", {"losses_up": 2, "import_premium": 10, "extra_discount_usd": 0, "draws": 1000}),
    ],
    ids=["nobody else", "no gain", "discount", "premium", "losses tripled"],
)
def test_a_chapter_at_the_ends_of_its_parameters_runs_and_reads_well(read, name, given):
    words, _, drawn = read(name, **given)
    assert drawn and all(len(one["alt"].split()) <= figures.ALT_WORDS for one in drawn.values())
    assert BROKEN.findall(words) == []


def test_a_discount_that_narrows_brings_money(read):
    words, told, _ = read("oil_sanctions", breaks="2023-06-01", draws=2000)
    said = told["oil.answer_recruits"].text
    assert "narrowed by" in said and "billion roubles a month more" in said and "more contracts a month" in said
    assert "−" not in said and told["oil.step_recruits_even"].value < 0
    assert told["oil.answer_india"].text.startswith("No single count reaches across 1 June 2023.")
    assert BROKEN.findall(words) == []


def test_an_even_cut_takes_no_more_recruits_than_there_are(read):
    _, told, _ = read("oil_sanctions", urals_usd=300, rub_per_usd=500, extra_discount_usd=100, draws=2000)
    few = told["oil.india_stop_recruits_even"]
    assert few.upper == pytest.approx(few.value) and 30_000 < few.value < 45_000


def test_an_early_cutoff_knows_nothing_of_what_was_announced_later(read):
    words, _, _ = read("oil_sanctions", cutoff="2023-09-30", draws=2000)
    assert not re.search(r"202[4-6]", re.sub(r"since 2023|\[[^\]]*\]\([^)]*\)", "", words))


def test_a_price_that_nobody_can_pay_is_not_written_out(read):
    _, told, drawn = read("recruitment_economics", elasticity=0.01, casualties=200_000)
    said = told["recruitment.break_even_sentence"].text
    assert said.endswith("If all were, no sum that can be paid would bring enough.")
    curve = drawn.get("recruitment_break_even")
    assert curve is None or curve["data"].max().max() <= 1e9


def test_a_balance_that_is_set_even_is_called_even(read):
    rates = {"recruits": 30_000, "casualties": 35_000, "wounded_per_killed": 2.5, "return_share": 0.2}
    words, told, _ = read("manpower_balance", **rates, other_exits=0, new_unit_share=0, draws=1000)
    assert "20 % of the wounded must return" in told["balance.even_sentence"].text
    assert "less than 1 chance in 100 that more than that return" in told["balance.even_sentence"].text
    assert BROKEN.findall(words) == []


def test_accounts_that_cannot_be_closed_are_not_said_to_fit(read):
    _, told, _ = read("manpower_balance", cutoff="2023-09-30", draws=1000)
    assert told["balance.fit_sentence"].text == "There are too few force sizes to test the accounts against."
    assert "at the centre (share needed: " in told["balance.even_sentence"].text


def test_one_earlier_interval_is_spoken_of_as_one(read):
    _, told, _ = read("who_is_counted", cutoff="2024-06-30")
    assert re.match(r"The interval made .* (holds|does not hold) what is estimated", told["killed.then_sentence"].text)
    assert "of 1. " in told["killed.record_sentence"].text


def test_one_week_of_a_forecast_is_spoken_of_as_one(read):
    _, told, _ = read("scorecard", cutoff="2026-02-28", backtest_origins=26)
    assert "Of one weekly total" in told["scorecard.frozen_sentence"].text
    assert "has since come" in told["scorecard.frozen_sentence"].text


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_each_chapter_says_how_sure_it_is_before_what_it_does_not_show(path):
    prose = "\n".join("".join(cell["source"]) for cell in cells_of(path.stem) if cell["cell_type"] == "markdown")
    sure, limits = prose.index("## How sure are we?"), prose.index("## What this does not show")
    assert sure < limits
    sentences = re.findall(r"[.?!](?:\s|$)", prose[sure:limits].split("?", 1)[1])
    assert 2 <= len(sentences) <= 6 and "unknown that matters most" in " ".join(prose[sure:limits].split())
