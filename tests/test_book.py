"""The book's own extension, on a tiny book with invented numbers that is built once (about five seconds)."""

import doctest
import gzip
import importlib
import json
import re
import sys
from pathlib import Path

import pytest
import yaml
from bs4 import BeautifulSoup

REPOSITORY = Path(__file__).parents[1]
sys.path[:0] = [str(REPOSITORY / "tests" / "site"), str(REPOSITORY / "book" / "_ext")]

import links  # noqa: E402
import synthetic  # noqa: E402
from attrition_book import markup, mathml, messages, results  # noqa: E402
from docutils.utils.math import MathError  # noqa: E402

PAGES = ["index.html", "methods.html", "values.html", "data.html", "notebooks/trial.html"]
ROOMS = ["results", "markup", "messages", "numbers", "figures", "notebooks", "mathml", "pages", "fixed", "scenarios"]
ROOMS += ["notfound", "whatif", "again", "launch"]


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """The tiny book: the finished process and its html folder."""
    folder = tmp_path_factory.mktemp("book")
    return synthetic.build(synthetic.stage(folder / "stage"), folder)


@pytest.fixture(scope="session")
def site(built):
    process, html = built
    assert process.returncode == 0, process.stdout + process.stderr
    return html


@pytest.fixture(scope="session")
def soup(site):
    """The tiny book's pages, parsed, by name."""
    return {name: BeautifulSoup((site / name).read_text(encoding="utf-8"), "html.parser") for name in PAGES}


@pytest.fixture(scope="session")
def broken(tmp_path_factory):
    """What a strict build says of a book with one fault of each kind, and its exit code."""
    folder = tmp_path_factory.mktemp("broken")
    stage = synthetic.stage(folder / "stage")
    page = stage / "data.md"
    faults = [
        "Unknown {value}`losses.montly` here.",
        "Unknown form {value}`losses.monthly|span` here.",
        "Unknown figure {figure}`weekly_trends` here.",
        "```{key-number} losses.totl\n```",
        "```{result-figure} weekly\n```",
        r"Formula $\nosuchcommand{x}$ here.",
    ]
    page.write_text(page.read_text(encoding="utf-8") + "\n" + "\n\n".join(faults) + "\n", encoding="utf-8")
    cells = synthetic.chapter()["cells"]
    cells.insert(1, synthetic.text_cell("First line.\n\nUnknown {value}`loses.weekly` in a cell."))
    cells.append(synthetic.code_cell("say()", {"text/markdown": "Unknown {value}`wounded.shar` computed."}))
    cells.append(synthetic.code_cell("again()", synthetic.figure_output("weekly_trend")))
    stderr = {"output_type": "stream", "name": "stderr", "text": "SomeWarning: mind this"}
    cells.append({**synthetic.code_cell("warn()"), "outputs": [stderr]})
    (stage / "notebooks" / "trial.ipynb").write_text(json.dumps(synthetic.notebook(cells)), encoding="utf-8")
    (stage / "extra" / "figures" / "hostile.png").unlink()
    (stage / "extra" / "figures" / "hostile.dark.svg").unlink()
    toc = stage / "_toc.yml"
    toc.write_text(toc.read_text(encoding="utf-8").replace("      - file: values\n", ""), encoding="utf-8")
    process, _ = synthetic.build(stage, folder)
    return process.returncode, re.sub(r"\x1b\[[0-9;]*m", "", process.stdout + process.stderr)


# ---- the build --------------------------------------------------------------------------------------------------


def test_builds_without_a_warning(built):
    process, _ = built
    said = process.stdout + process.stderr
    assert process.returncode == 0, said
    assert "WARNING" not in said
    assert "ERROR" not in said


def test_every_link_of_the_site_leads_somewhere(site):
    assert links.broken(site) == []


@pytest.mark.parametrize("room", ROOMS)
def test_examples_in_docstrings(room):
    assert doctest.testmod(importlib.import_module(f"attrition_book.{room}")).failed == 0


def test_no_page_refers_to_another_host(site):
    assert links.foreign(site) == []


def test_first_load_stays_within_budget(site):
    """Page, styles and scripts leave 200 kB of the 1.0 MB (400 kB compressed) to the figures of a page."""
    for name in PAGES:
        contents = [path.read_bytes() for path in [site / name, *links.assets(site, name)]]
        assert sum(map(len, contents)) < 800_000, name
        assert sum(len(gzip.compress(content)) for content in contents) < 200_000, name


def test_icon_font_and_widget_scripts_are_left_out(site):
    for name in PAGES:
        text = (site / name).read_text(encoding="utf-8")
        assert not re.search(r"fontawesome|bootstrap\.js|thebe|mathjax@|require\.js", text), name


def test_ids_are_unique_on_every_page(soup):
    for name, page in soup.items():
        ids = [tag["id"] for tag in page.find_all(id=True)]
        assert sorted(ids) == sorted(set(ids)), name


# ---- numbers ----------------------------------------------------------------------------------------------------


def values_of(page, key):
    """Every place where a page shows a value."""
    return [tag.parent for tag in page.select(f'a.value-link[href$="values.html#{key}"]')]


def test_role_shows_the_recorded_text_in_each_form(soup):
    shown = {span.a.get_text() for span in values_of(soup["index.html"], "wounded.share")}
    assert shown == {"72 %", "68 to 77 %", "Wounded among the lost"}
    monthly = {span.a.get_text() for span in values_of(soup["index.html"], "losses.monthly")}
    assert monthly >= {"31,200", "31,200 (90 % interval 29,100 to 33,400)"}


def test_note_of_a_value_says_interval_definition_day_and_source(soup):
    for name in ("index.html", "notebooks/trial.html"):
        for span in values_of(soup[name], "losses.monthly"):
            note = soup[name].find(id=span.a["aria-describedby"])
            assert note["role"] == "tooltip"
            assert note.has_attr("hidden")
            words = note.get_text(" ", strip=True)
            for part in ("Claimed losses a month", "90 % interval 29,100 to 33,400", "31 May 2026", "general staff"):
                assert part in words
            assert synthetic.VALUES["losses.monthly"]["definition"] in words


def test_value_links_to_its_row(soup):
    hrefs = {a["href"] for a in soup["notebooks/trial.html"].select("a.value-link")}
    assert "../values.html#losses.weekly" in hrefs
    assert soup["values.html"].find(id="losses.weekly")


def test_value_in_a_heading_is_plain_text(soup):
    page = soup["index.html"]
    heading = page.find(id="why-the-trend-is-lower").h2
    assert heading.get_text().startswith("Why the trend is lower")
    assert not heading.select(".value")
    assert [a.get_text() for a in page.select('nav.page-toc a[href="#why-the-trend-is-lower"]')] == [
        "Why the trend is lower"
    ]


def test_value_works_in_a_computed_sentence(soup):
    sentences = [
        p for p in soup["notebooks/trial.html"].find_all("p") if p.get_text().startswith("A computed sentence")
    ]
    assert len(sentences) == 1
    assert sentences[0].select_one("a.value-link").get_text() == "7,180"


def test_cards_show_label_number_interval_day_and_chapter(soup):
    grid = soup["index.html"].select_one(".key-numbers")
    cards = grid.select(".key-number")
    assert len(cards) == 6
    first, second = (card.get_text(" ", strip=True) for card in cards[:2])
    for part in ("Claimed losses a month", "31,200", "90 % interval", "29,100 to 33,400", "Data to 31 May 2026"):
        assert part in first
    link = cards[0].select_one(".key-number-meta a")
    assert (link["href"], link["aria-label"]) == ("notebooks/trial.html", "chapter: Is the invented count rising?")
    assert second.startswith("Claimed in total 1,364,060")
    assert "4 % more than an edition ago" in second


def test_answer_box_says_what_changed_since_the_edition_before(soup):
    box = soup["index.html"].select_one(".admonition.answer .what-changed")
    assert "Since the edition of February <2026> (data to 19 February 2026)" in box.get_text()
    (moved,) = box.select("li")
    assert " ".join(moved.select_one("a.value-link").get_text().split()) == "31,200 (29,100 to 33,400)"
    then = moved.select_one("a.then")
    assert then["href"] == "editions/2026-02/values.html#losses.monthly"
    assert then.get_text() == "30,100 (28,000 to 32,200)"
    assert "Unchanged: Claimed losses since the start." in box.get_text()
    assert "One number of the chapter behind this reads differently." in box.get_text()
    still = soup["notebooks/trial.html"].select_one(".what-changed")
    assert not still.select("li") and "Unchanged: Claimed losses a week." in still.get_text()


def test_card_says_how_its_number_read_before(soup):
    card = soup["index.html"].select_one(".key-number:has([href$='#losses.monthly'])")
    assert card.select_one(".key-number-was").get_text() == "February <2026>: 30,100"


def test_every_page_says_how_many_series_are_overdue(soup):
    bar = soup["notebooks/trial.html"].select_one(".edition a.edition-late")
    assert bar.get_text() == "1 of 2 regular series overdue" and not bar.has_attr("hidden")
    assert bar["href"] == "../data.html#how-old-the-data-are"
    assert bar["data-ages"] == "2026-05-24/1 2026-05-31/366"


def test_value_without_a_values_page_is_focusable_text():
    html = markup.value_html(synthetic.VALUES["losses.monthly"], "31,200", "", "note-1")
    link = BeautifulSoup(html, "html.parser").select_one(".value-link")
    assert (link.name, link["tabindex"], link["aria-describedby"]) == ("span", "0", "note-1")


@pytest.mark.parametrize("name", PAGES)
def test_texts_from_data_are_escaped(site, name):
    assert "<script>alert" not in (site / name).read_text(encoding="utf-8")


def test_hostile_texts_are_shown_as_they_are(soup):
    assert synthetic.SCRIPT in soup["index.html"].get_text()
    chapter = soup["notebooks/trial.html"]
    assert chapter.find(id="figure-hostile").img["alt"] == synthetic.FIGURES["hostile"]["alt"]
    assert synthetic.SCRIPT in chapter.find(id="figure-hostile").get_text()


# ---- figures and notebooks --------------------------------------------------------------------------------------


def test_figure_in_its_chapter(soup):
    figure = soup["notebooks/trial.html"].find(id="figure-weekly_trend")
    light, dark = figure.select("img")
    assert (light["src"], dark["src"]) == ("../figures/weekly_trend.svg", "../figures/weekly_trend.dark.svg")
    assert (light["class"], dark["class"]) == (["only-light"], ["only-dark"])
    for image in (light, dark):
        assert image["alt"] == synthetic.FIGURES["weekly_trend"]["alt"]
        assert (image["width"], image["height"], image["loading"]) == ("720", "380", "lazy")
    assert figure.select_one(".figure-caption").get_text() == f"Figure 1. {synthetic.CAPTION}"
    assert figure.select_one(".figure-source").get_text() == "Invented series, data to 31 May 2026"
    names = {a["href"]: a["aria-label"] for a in figure.select(".figure-files a")}
    assert names["../figures/weekly_trend.csv"] == "Data of figure 1 as CSV"
    assert names["../figures/weekly_trend.svg"] == "Image of figure 1 as SVG"
    assert names["../figures/weekly_trend.png"] == "Image of figure 1 as PNG"


def test_numbers_of_a_figure_are_a_real_table(soup):
    table = soup["notebooks/trial.html"].select_one(".figure-table table")
    assert [th.get_text() for th in table.select("thead th[scope=col]")] == ["week", "reported", "trend"]
    rows = table.select("tbody tr")
    assert len(rows) == markup.MAX_ROWS
    assert all(row.th["scope"] == "row" for row in rows)
    assert table.caption.get_text() == "The first 40 of 160 rows; the CSV file has them all."
    second = soup["notebooks/trial.html"].select(".figure-table table")[1]
    assert second.caption.get_text() == "All 2 rows."


def test_numbers_by_day_show_the_newest_days():
    days = [[f"2026-{month:02d}-{day:02d}", "1"] for month in (1, 2) for day in range(1, 29)]
    html = markup.figure_html("n", synthetic.FIGURES["hostile"], (["week_end", "count"], days), root="")
    table = BeautifulSoup(html, "html.parser").table
    assert table.caption.get_text() == "The last 40 of 56 rows; the CSV file has them all."
    assert table.select("tbody th")[-1].get_text() == "2026-02-28"
    assert table.select("thead th")[0].get_text() == "week end"


def test_figure_on_another_page(soup):
    figure = soup["index.html"].find(id="figure-weekly_trend")
    assert figure.img["src"] == "figures/weekly_trend.svg"
    assert figure.select_one(".figure-caption").get_text() == synthetic.CAPTION
    link = figure.select_one(".figure-source a")
    assert (link["href"], link.get_text()) == (
        "notebooks/trial.html#figure-weekly_trend",
        "Is the invented count rising?",
    )


def test_figure_is_named_by_its_number(soup):
    link = soup["index.html"].select_one("a.figure-link")
    assert (link.get_text(), link["href"]) == ("Figure 1", "notebooks/trial.html#figure-weekly_trend")


def test_given_table_takes_the_place_of_the_data_file(soup):
    table = soup["notebooks/trial.html"].select(".figure-table table")[1]
    assert [th.get_text() for th in table.select("thead th")] == ["kind", synthetic.SCRIPT]
    assert [cell.get_text() for cell in table.select("tbody tr *")] == ["a", "1", synthetic.SCRIPT, "2"]


def test_figure_without_numbers_has_no_table():
    assert "<table" not in markup.figure_html("n", synthetic.FIGURES["hostile"], ([], []), root="")


def test_records_and_injected_cells_are_not_shown(site):
    text = (site / "notebooks" / "trial.html").read_text(encoding="utf-8")
    assert "RECORDED VALUE LINE" not in text
    assert "cutoff = " not in re.sub(r"<[^>]*>", "", text)
    assert "application/vnd" not in text


def test_chapter_says_how_it_is_run_again(soup):
    page = soup["notebooks/trial.html"]
    block = page.find(id="run-this-chapter-again")
    assert block.pre.get_text().strip() == ".venv/bin/python -m attrition run trial -p cutoff=INJECTED"
    assert block.find("a", download=True)["href"] == "../_sources/notebooks/trial.ipynb"


def test_code_is_folded_unless_it_is_the_point(soup):
    page = soup["notebooks/trial.html"]
    cells = page.select("div.cell")
    folded = [cell for cell in cells if cell.select_one("details .cell_input")]
    shown = [cell for cell in cells if cell.select_one(".cell_input") and not cell.select_one("details .cell_input")]
    assert len(folded) == 8
    assert ["point = 'of the cell'" in cell.get_text() for cell in shown] == [True]
    summary = page.select_one(".tag_parameters summary")
    assert "Show the parameters" in summary.get_text()
    assert not summary.has_attr("aria-label")


def test_receipt_links_to_the_data(soup):
    link = soup["notebooks/trial.html"].find("a", string="series/weekly.csv")
    assert link["href"] == "../data/series/weekly.csv"


# ---- formulas and frame -----------------------------------------------------------------------------------------


def test_formulas_are_mathml(soup):
    page = soup["methods.html"]
    assert len(page.select("div.math-block > math[display=block]")) == 2
    assert len(page.select("p > math")) == 3
    assert page.select_one("div.math-block .eqno").get_text().startswith("(1)")
    assert "$" not in page.article.get_text()


@pytest.mark.parametrize("letter", [r"\hat{y}", r"\hat y", r"\bar{x}", r"\widehat{\mathrm{AB}}", r"\hat\theta"])
def test_an_index_after_an_accent_stays_an_index(letter):
    plain = mathml.convert(letter, block=True)
    indexed = mathml.convert(f"{letter}_{{t+1}}", block=True)
    assert "<msub>" in indexed
    assert "munder" not in indexed
    assert plain.count("<mover") == indexed.count("<mover") == 1


def test_outer_environments_of_latex_are_known():
    two = mathml.convert(r"\begin{align*} a &= b \\ c &= d \end{align*}", block=True)
    assert two.count("<mtr>") == 2
    assert mathml.convert(r"\begin{equation} x \end{equation}", block=True) == mathml.convert("x", block=True)
    with pytest.raises(MathError, match="nosuchcommand"):
        mathml.convert(r"\nosuchcommand", block=False)


def test_bars_stretch_only_where_they_are_asked_to():
    assert 'stretchy="false" lspace="0"' in mathml.convert("|x|", block=False)
    tall = mathml.convert(r"\left| x \right|", block=False)
    assert "stretchy" not in tall
    assert tall.count('lspace="0"') == 2


@pytest.mark.parametrize("name", PAGES)
def test_every_page_says_its_edition(soup, name):
    line = " ".join(soup[name].select_one("p.edition").get_text(" ", strip=True).split())
    assert line.startswith("Edition May 2026 data to 31 May 2026")
    assert soup[name].html["lang"] == "en"
    assert soup[name].html["data-theme"] == "light"
    assert soup[name].title.get_text().endswith("Attrition Ledger")


def test_chapter_offers_the_notebook_it_was_made_from(site, soup):
    link = soup["notebooks/trial.html"].select_one("a.edition-notebook")
    assert json.loads((site / "notebooks" / link["href"]).read_text(encoding="utf-8"))["nbformat"] == 4
    assert not soup["index.html"].select("a.edition-notebook")


# ---- fixed numbers ------------------------------------------------------------------------------------------------


def test_fixed_numbers_are_marked(soup):
    page = soup["methods.html"]
    assert page.select_one("[data-fixed]")["data-fixed"] == "an <invented> method"
    assert page.select_one("span.fixed").get_text() == "ICD 203"
    assert page.select_one("div.fixed p").get_text() == "A scale of 5 steps."
    assert soup["index.html"].select_one("[data-fixed]") is None


# ---- faults -----------------------------------------------------------------------------------------------------


FAULTS = [
    r"data.md:6: WARNING: expected a recorded value, found 'losses.montly', which no chapter records; nearest: "
    r"'losses.monthly'",
    r"data.md:8: WARNING: expected text, interval, range, label after '\|', found 'span' in",
    r"data.md:10: WARNING: expected a recorded figure, found 'weekly_trends'; nearest: 'weekly_trend'",
    r"data.md:12: WARNING: expected a recorded value, found 'losses.totl'",
    r"data.md:15: WARNING: expected a recorded figure, found 'weekly'; nearest: 'weekly_trend'",
    r"data.md:18: WARNING: expected a formula that converts to MathML, found '.nosuchcommand{x}' .*: write it",
    r"trial.ipynb:cell 2, line 3: WARNING: expected a recorded value, found 'loses.weekly', .* 'losses.weekly'",
    r"trial.ipynb:cell 16, line \d: WARNING: expected a recorded value, found 'wounded.shar', .* 'wounded.share'",
    r"trial.ipynb: WARNING: expected each figure once, found 'weekly_trend' here and in notebooks/trial: rename one",
    r"WARNING: expected the files of figure 'hostile' in extra/figures, found no hostile.dark.svg, hostile.png",
    r"WARNING: expected a page 'values' in _toc.yml, where the numbers of all pages lead, found none: add it",
    r"WARNING: stderr was found in the cell outputs of cell 18",
]


@pytest.mark.parametrize("message", FAULTS)
def test_fault_fails_the_build_and_is_named(broken, message):
    code, said = broken
    assert code != 0
    assert re.search(message, said), said


def test_missing_results_are_one_clear_error(tmp_path):
    stage = synthetic.stage(tmp_path / "stage")
    (stage / "results" / "values.json").unlink()
    process, html = synthetic.build(stage, tmp_path)
    assert process.returncode != 0
    assert process.stderr.strip().startswith(
        "ERROR: Expected the results of an edition in results/values.json, found no"
    )
    assert len(process.stderr.strip().splitlines()) == 1
    assert not (html / "index.html").exists()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("values.json", "{", r"Expected JSON in results/values\.json, found something else"),
        ("figures.json", "[]", r"Expected an object in results/figures\.json, found a list"),
        ("values.json", '{"title": "x"}', r"Expected 'cutoff' in results/values\.json, found \['title'\]"),
        (
            "values.json",
            '{"title": "x", "cutoff": "2026-05-31", "values": {"a.b": {"text": "1"}}}',
            r"Expected text, interval, .* in every value of results/values\.json, found no interval, .* in 'a\.b'",
        ),
        ("figures.json", '{"f": {}}', r"in every figure of results/figures\.json, found no caption, .* in 'f'"),
        ("figures.json", None, r"Expected the results of an edition in results/figures\.json, found no such file"),
    ],
)
def test_faulty_results_are_refused(tmp_path, name, content, message):
    folder = tmp_path / "results"
    folder.mkdir()
    (folder / "values.json").write_text(json.dumps({**synthetic.HEAD, "values": synthetic.VALUES}), encoding="utf-8")
    (folder / "figures.json").write_text(json.dumps(synthetic.FIGURES), encoding="utf-8")
    assert results.load(tmp_path).title == "May 2026"
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_text(content, encoding="utf-8")
    with pytest.raises(results.ResultsError, match=message):
        results.load(tmp_path)


def test_places_without_a_notebook_stay_as_they_are():
    assert messages.place("notebooks/trial.ipynb:3") == "notebooks/trial.ipynb:3"
    assert messages.place(None) is None


# ---- the book's own files ---------------------------------------------------------------------------------------


def test_table_of_contents_names_each_page_once():
    toc = yaml.safe_load((REPOSITORY / "_toc.yml").read_text(encoding="utf-8"))
    files = [toc["root"], *(entry["file"] for part in toc["parts"] for entry in part["chapters"])]
    assert toc["format"] == "jb-book"
    assert toc["root"] == "book/index"
    assert len(files) == len(set(files))
    assert {"sources", "definitions", "values", "data"} <= set(files)


def test_configuration_runs_nothing_and_calls_nobody():
    text = (REPOSITORY / "_config.yml").read_text(encoding="utf-8")
    config = yaml.safe_load(text)
    assert config["execute"]["execute_notebooks"] == "off"
    assert config["execute"]["stderr_output"] == "remove-warn"
    assert "://" not in text


def test_style_and_script_load_nothing():
    for name in ("book.css", "noscript.css", "book.js"):
        text = (
            (REPOSITORY / "book" / "_static" / name)
            .read_text(encoding="utf-8")
            .replace("http://www.w3.org/2000/svg", "")
        )
        assert not re.search(r"https?:|@import|@font-face|fetch\(|XMLHttpRequest|eval\(", text), name
