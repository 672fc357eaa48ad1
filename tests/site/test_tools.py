"""What readers can do on a page: put in their own numbers, share them, filter values, copy a citation."""

import json
import math
import re
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(Path(__file__).parent), str(ROOT / "book" / "_ext")]

import links  # noqa: E402
import numpy as np  # noqa: E402
from attrition_book import scenarios  # noqa: E402
from browser import NAMES, SITE, until  # noqa: E402

from attrition.models.balance import BalanceError, arithmetic  # noqa: E402

PAGE = "what-if.html"
RESULTS = (
    "killed",
    "wounded",
    "irrecoverable",
    "irrecoverable_share",
    "net_monthly",
    "break_even_return_share",
    "months_to_threshold",
)
SENTENCE = ".what-if-sentence"


def vectors(count=400, seed=11):
    """Inputs across all that a form takes, edges included, and what Python makes of them; infinite as null."""
    rng = np.random.default_rng(seed)
    edges = [
        {"casualties": 30_000, "wounded_per_killed": 2, "return_share": share, "recruits": recruits}
        for share in (0, 1)
        for recruits in (0, 10_000, 200_000)
    ]
    found = []
    for given in [*edges, *({} for _ in range(count))]:
        force = float(rng.uniform(1e4, 4e6))
        given = {
            "casualties": float(rng.uniform(1, 2e5)),
            "wounded_per_killed": float(rng.uniform(0.01, 20)),
            "return_share": float(rng.uniform()),
            "recruits": float(rng.uniform(0, 2e5)),
            "new_unit_share": float(rng.uniform()),
            "other_exits": float(rng.uniform(0, 1e5)),
            "force": force,
            "threshold": float(force * rng.uniform(0, 0.999)),
            **given,
        }
        told = arithmetic(**given)
        answers = {name: float(getattr(told, name)) for name in RESULTS}
        found.append({"given": given, "answers": {k: v if math.isfinite(v) else None for k, v in answers.items()}})
    return found


@pytest.fixture
def form(visit):
    """The what-if page, its first sentence said."""
    if PAGE not in NAMES:
        pytest.fail(f"Expected {PAGE} in the site, found none: add book/what-if to _toc.yml.")
    page = visit(PAGE, by="http")
    until(page, f"document.querySelector('{SENTENCE}').textContent !== ''")
    return page


def field(page, name):
    return page.locator(f"form.what-if input[name={name}]")


def said(page):
    """The sentence of results, once it has settled."""
    page.wait_for_timeout(400)
    return page.locator(SENTENCE).inner_text()


def test_browser_and_python_reckon_alike(form, tmp_path):
    """Within 1e-9 of each other, relative to the number or, near nought, to a person."""
    shared = tmp_path / "vectors.json"
    shared.write_text(json.dumps(vectors()), encoding="utf-8")
    rows = json.loads(shared.read_text(encoding="utf-8"))
    there = form.evaluate("rows => rows.map(row => AttritionBalance.arithmetic(row.given))", rows)
    assert len(there) == len(rows) > 400
    for row, found in zip(rows, there, strict=True):
        for name, answer in row["answers"].items():
            if answer is None:
                assert found[name] == math.inf, (name, row)
            else:
                assert found[name] == pytest.approx(answer, rel=1e-9, abs=1e-9), (name, row)


def test_browser_and_python_follow_the_oil_price_alike(form):
    rng = np.random.default_rng(5)
    rows = [[float(x) for x in rng.uniform(0, (2e5, 5e3, 300, 300))] for _ in range(100)]
    there = form.evaluate("rows => rows.map(row => AttritionBalance.withOilPrice(...row))", rows)
    assert there == pytest.approx([scenarios.with_oil_price(*row) for row in rows], rel=1e-9, abs=1e-9)
    assert min(there) == 0 < max(there)


@pytest.mark.parametrize(
    "wrong",
    [
        {"casualties": 0.0},
        {"casualties": -1.0},
        {"return_share": 1.1},
        {"new_unit_share": -0.1},
        {"wounded_per_killed": 0.0},
        {"threshold": 9e5, "force": 8e5},
        {"recruits": -1.0},
    ],
)
def test_browser_and_python_refuse_alike(form, wrong):
    given = {**vectors(1)[-1]["given"], **wrong}
    with pytest.raises(BalanceError):
        arithmetic(**given)
    asked = "given => { try { AttritionBalance.arithmetic(given); return 'no'; } catch (e) { return e.name; } }"
    assert form.evaluate(asked, given) == "RangeError"


def test_form_starts_from_the_recorded_values(form):
    rows = json.loads((SITE / "values.json").read_text(encoding="utf-8"))["values"]
    for control in scenarios.controls(rows):
        number, key = scenarios.start(control, rows)
        scale = 100 if control.kind == "share" else 1
        shown = float(field(form, control.name).input_value())
        assert shown == pytest.approx(scenarios.starts(rows)[control.name] * scale)
        if key and control.name != "threshold":
            assert number == pytest.approx(rows[key]["value"], rel=0.01, abs=10)
            assert form.locator(f"#what-if-{control.name}-from a[href='values.html#{key}']").count() == 1


def test_first_scenario_is_what_the_form_shows(form):
    row = links.parsed(SITE / PAGE).select_one("table.scenarios tbody tr")
    change = row.select_one("td[data-label='Change of the force a month']").get_text()
    assert form.locator("[data-result=net_monthly]").inner_text().removeprefix("+") == change


def test_a_scenario_lives_in_the_address_and_comes_back(form, visit):
    field(form, "casualties").fill("40000")
    field(form, "return_share").fill("25")
    field(form, "recruits").fill("10000")
    sentence = said(form)
    assert "would shrink" in sentence
    query = parse_qs(urlsplit(form.url).query)
    assert query["casualties"] == ["40000"] and query["return_share"] == ["0.25"]
    again = visit(f"{PAGE}?{urlsplit(form.url).query}", by="http")
    assert field(again, "return_share").input_value() == "25"
    assert said(again) == sentence
    again.locator(".start-again").click()
    assert said(again) != sentence
    assert urlsplit(again.url).query == ""
    assert again.faults == []


def test_a_shared_address_works_from_a_folder_too(visit):
    page = visit(f"{PAGE}?casualties=40000&recruits=0&return_share=0", by="file")
    assert "would shrink" in said(page)
    field(page, "recruits").fill("90000")
    assert "would grow" in said(page)
    assert page.faults == []


def test_form_is_worked_with_the_keyboard(form):
    slider = form.locator("input[type=range][data-for=recruits]")
    slider.focus()
    shown = "document.querySelector('form.what-if input[name=recruits]').value"
    before = float(field(form, "recruits").input_value())
    form.keyboard.press("ArrowRight")
    until(form, f"0 < {shown} - {before} && {shown} - {before} <= 200")
    form.keyboard.press("Home")
    until(form, f"{shown} === '0'")
    assert "would shrink" in said(form)
    assert form.locator(SENTENCE).get_attribute("aria-live") == "polite"


@pytest.mark.parametrize("text", ["", "-5", "1e9"])
def test_what_is_no_number_of_people_is_refused_in_words(form, text):
    field(form, "casualties").fill(text)
    assert said(form).startswith("Killed and wounded: a number from 100 to 200,000 is needed.")
    assert field(form, "casualties").get_attribute("aria-invalid") == "true"
    assert form.locator("[data-result=net_monthly]").inner_text() == "–"


def test_an_address_with_nonsense_changes_nothing(visit, form):
    page = visit(f"{PAGE}?casualties=<b>&recruits=&return_share=NaN&nobody=5", by="http")
    assert said(page) == form.locator(SENTENCE).inner_text()
    assert page.faults == []


def test_a_scenario_of_the_table_fills_the_form(form):
    form.locator("a.what-if-scenario", has_text="None of the wounded return").click()
    assert field(form, "return_share").input_value() == "0"
    assert parse_qs(urlsplit(form.url).query)["return_share"] == ["0"]


def test_link_is_copied(form):
    form.context.grant_permissions(["clipboard-read", "clipboard-write"])
    field(form, "recruits").fill("12345")
    form.locator(".copy-link").click()
    until(form, "document.querySelector('.copy-link').textContent === 'Copied'")
    assert "recruits=12345" in form.evaluate("navigator.clipboard.readText()")


def test_command_runs_the_chapter_with_the_same_numbers(form):
    field(form, "casualties").fill("41000")
    command = form.locator(".what-if-command code").text_content()
    assert re.match(r"python -m attrition run \w+ -p casualties=41000 -p wounded_per_killed=", command)


def test_without_javascript_the_table_stands_alone(visit):
    page = visit(PAGE, java_script_enabled=False)
    assert page.locator("table.scenarios tbody tr").first.is_visible()
    assert page.locator("form.what-if:visible").count() == 0
    assert page.locator(".what-if-result:visible").count() == 0


def test_strip_of_the_chapter_opens_the_page_with_its_numbers(visit):
    name = next((name for name in NAMES if links.parsed(SITE / name).select_one("form.own-assumptions")), None)
    if name is None:
        pytest.skip("no chapter of this edition records a balance")
    page = visit(name, by="http")
    page.locator(".own-assumptions input[name=casualties]").fill("44000")
    page.locator(".see-what-follows").click()
    page.wait_for_load_state()
    assert urlsplit(page.url).path.endswith(PAGE)
    assert field(page, "casualties").input_value() == "44000"
    assert page.faults == []


def test_filter_keeps_the_rows_with_all_words(visit):
    page = visit("values.html", by="http")
    box, rows = page.locator(".table-filter input"), page.locator("table.room tbody tr")
    everything, key = rows.count(), "losses.total"
    box.fill(f"LOSSES  {key}")
    shown = [row for row in rows.all() if row.is_visible()]
    assert 1 <= len(shown) < everything
    assert all("losses" in row.inner_text().lower() for row in shown)
    assert page.locator(".table-filter [role=status]").inner_text() == f"{len(shown)} of {everything} rows"
    box.fill("no such words anywhere")
    assert not page.locator("table.room:visible").count()
    page.evaluate(f"location.hash = '{key}'")
    until(page, f"document.getElementById('{key}').checkVisibility()")
    assert page.faults == []


def test_citation_of_a_value_names_number_edition_and_address(visit):
    page = visit("values.html", by="http")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    row = json.loads((SITE / "values.json").read_text(encoding="utf-8"))["values"]["losses.total"]
    page.locator("[id='losses.total'] .copy-citation").click()
    until(page, "[...document.querySelectorAll('.copy-citation')].some(e => e.textContent === 'Copied')")
    text = page.evaluate("navigator.clipboard.readText()")
    assert text.startswith(f"{row['label']}: {row['text']}; data to ")
    assert "Attrition Ledger, Edition " in text and "values.html#losses.total (read " in text


def test_tables_are_whole_without_javascript(visit):
    page = visit("values.html", java_script_enabled=False)
    assert page.locator("table.room tbody tr").last.is_visible()
    assert page.locator(".copy-citation, .table-filter").count() == 0


def test_page_says_how_old_its_data_are(visit):
    page = visit("index.html")
    cutoff = json.loads((SITE / "values.json").read_text(encoding="utf-8"))["cutoff"]
    assert page.locator("meta[name=data-cutoff]").get_attribute("content") == cutoff
    assert re.search(r"data to .*, \d+ (days|weeks|months) ago", page.locator(".edition").inner_text())


@pytest.mark.parametrize(("cadence", "overdue"), [(1, True), (100_000, False)])
def test_a_series_older_than_two_of_its_turns_is_marked(visit, cadence, overdue):
    """As reckoned for the reader's own day, whatever held at the cutoff."""
    page = visit("index.html")
    script = (SITE / "_static" / "book.js").read_text(encoding="utf-8")
    page.evaluate(
        f"""() => {{ const bar = document.querySelector('.edition-late'); bar.dataset.ages = '2020-01-01/{cadence}';
        document.querySelectorAll('.age').forEach(age => {{ age.dataset.last = '2020-01-01';
        age.dataset.cadence = '{cadence}'; }}); }}"""
    )
    page.evaluate(f"() => {{ {script} }}")
    assert page.locator(".edition-late.overdue").is_visible() is overdue
    assert (page.locator(".age.overdue").count() > 0) is overdue
    assert not overdue or page.locator(".edition-late").inner_text() == "1 of 1 regular series overdue"


def test_age_of_the_data_leads_to_their_table(visit):
    page = visit("notebooks/" + next(name for name in NAMES if name.startswith("notebooks/")).split("/")[1])
    page.locator("a.edition-late").click()
    page.wait_for_load_state()
    assert page.url.endswith("data.html#how-old-the-data-are")
    assert page.locator("#how-old-the-data-are td .age").count() > 0


def test_command_of_a_chapter_is_copied(visit):
    name = next(name for name in NAMES if links.parsed(SITE / name).find(id="run-this-chapter-again"))
    page = visit(name, by="http")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    block = page.locator("#run-this-chapter-again")
    command = block.locator("pre").inner_text().strip()
    assert command.startswith(".venv/bin/python -m attrition run ")
    block.locator(".highlight").hover()
    block.locator("button.copybtn").click()
    page.wait_for_timeout(100)
    assert page.evaluate("navigator.clipboard.readText()").strip() == command
    assert (SITE / name).parent.joinpath(block.locator("a[download]").get_attribute("href")).resolve().is_file()
