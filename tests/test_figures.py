"""Figures: the same bytes everywhere, readable on both papers, labels that keep apart, rules held with a sentence."""

import base64
import calendar
import hashlib
import io
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from itertools import combinations, pairwise
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.text import Text
from PIL import Image

from attrition import figures, wording
from attrition.figures import axes, narrow, palette, render
from attrition.figures.palette import COLOURS, MEANINGS, FigureError

ROOT = Path(__file__).parents[1]
NARROW = {"svg_narrow", "svg_narrow_dark", "narrow"}
WORDS = {"caption": "What is shown.", "source": "Who says it.", "alt": "A chart of made-up numbers."}


def weekly(weeks=220, seed=1):
    rng = np.random.default_rng(seed)
    days = pd.date_range("2022-03-06", periods=weeks, freq="7D", name="week_end")
    level = np.where(np.arange(weeks) < weeks // 2, 3800, 8600)
    return pd.Series((level * np.exp(rng.normal(0, 0.15, weeks))).round(), days, name="losses")


def series_figure():
    data = weekly()
    fig, ax = figures.canvas()
    figures.line(ax, data.index, data, meaning="claimed", label="weekly sum", thin=True)
    figures.steps(ax, data.index, data.rolling(30, min_periods=1).mean(), meaning="estimated", label="level")
    figures.mark_days(
        ax, {"2023-10-15": "a new level", "2024-05-05": "another", "2024-08-06": "a raid", "2031-01-01": "x"}
    )
    figures.name_axes(ax, y="losses (soldiers a week)")
    figures.from_zero(ax)
    figures.thousands(ax)
    return fig, data.to_frame()


def fan_figure():
    data = weekly(52)
    days = pd.date_range(data.index[-1], periods=27, freq="7D")
    middle, spread = np.full(27, 8100.0), 0.05 * np.sqrt(np.arange(27))
    fig, ax = figures.canvas()
    figures.line(ax, data.index, data, meaning="claimed", label="claimed, weekly", peak=True)
    for level, z in ((0.9, 1.645), (0.5, 0.674)):
        low, high = middle * np.exp(-z * spread), middle * np.exp(z * spread)
        figures.band(ax, days, low, high, meaning="estimated", level=level)
    figures.line(ax, days, middle, meaning="estimated", dashed=True, label="projected, median")
    figures.level_line(ax, 8000, "mean of the year")
    figures.name_axes(ax, y="losses (soldiers a week)")
    return fig, data.to_frame()


def weekday_figure():
    data = pd.DataFrame({"day": ["Mon", "Tue", "Wed"], "losses": [1122.0, np.nan, 1067.0]})
    fig, ax = figures.canvas(height=340)
    figures.bars(ax, data["day"], data["losses"], meaning="claimed", values=wording.number)
    figures.name_axes(ax, y="mean losses (soldiers a day)")
    return fig, data


def sideways_figure():
    data = pd.DataFrame({"who": ["the named dead", "a party's own count"], "killed": [120_000, 350_000]})
    fig, ax = figures.canvas(height=300)
    figures.bars(ax, data["who"], data["killed"], meaning=["documented", "claimed"], horizontal=True)
    figures.name_axes(ax, x="killed (soldiers)")
    figures.thousands(ax, "x")
    return fig, data


def panels_figure():
    data = weekly()
    fig, panels = figures.canvas(2, 3)
    for number, ax in enumerate(panels):
        figures.line(ax, data.index, data * (number + 1) / 3, meaning="inflow")
        figures.head(ax, f"region {number + 1}")
    figures.name_axes(panels[0], y="soldiers a week")
    return fig, data.to_frame()


def table_figure():
    data = pd.DataFrame([[0.81, 1.07], [0.95, np.nan]], ["random walk", "ensemble"], [1, 26])
    fig, ax = figures.canvas(height=260)
    figures.heatmap(ax, data, meaning="claimed", below="documented", centre=1.0)
    figures.name_axes(ax, x="horizon (weeks)")
    return fig, data.rename_axis("method")


def dots_figure():
    data = pd.DataFrame({"c": ["c = 2", "c = 3"], "points": [4, 3], "lower": [3, 1], "upper": [6, 5]})
    fig, ax = figures.canvas(height=300)
    limits = {"lower": data["lower"], "upper": data["upper"]}
    figures.dots(ax, data["c"], data["points"], **limits, meaning="estimated", horizontal=True)
    figures.level_line(ax, 4, "chosen", axis="x")
    figures.name_axes(ax, x="change points (count)")
    return fig, data


def log_figure():
    data = weekly().cumsum()
    fig, ax = figures.canvas()
    for share, meaning in enumerate(MEANINGS, start=4):
        figures.line(ax, data.index, data * share / 10, meaning=meaning, label=f"{meaning}, a long label for it")
    figures.name_axes(ax, y="losses since the start (soldiers)")
    figures.log_axis(ax)
    return fig, data.to_frame()


SAMPLES = {
    draw.__name__.removesuffix("_figure"): draw
    for draw in (
        series_figure,
        fan_figure,
        weekday_figure,
        sideways_figure,
        panels_figure,
        table_figure,
        dots_figure,
        log_figure,
    )
}
every_sample = pytest.mark.parametrize("name", SAMPLES)


def made(sample, **changes):
    fig, data = SAMPLES[sample]()
    return figures.payload(fig, **{"name": sample, "data": data, **WORDS, **changes})


@pytest.fixture(scope="module")
def payloads():
    return {name: made(name) for name in SAMPLES}


# ---- the same bytes --------------------------------------------------------


def digest(found):
    return hashlib.sha256(repr(sorted(found.items())).encode()).hexdigest()


@every_sample
def test_the_same_figure_has_the_same_bytes(name, payloads):
    assert digest(made(name)) == digest(payloads[name])


def test_another_process_with_another_hash_seed_makes_the_same_bytes(payloads):
    code = (
        "import sys; sys.path[:0] = ['tests', '.']\n"
        "import test_figures as t\n"
        "print(*[t.digest(t.made(name)) for name in ('series', 'panels')])"
    )
    wanted = [digest(payloads["series"]), digest(payloads["panels"])]
    for seed in ("0", "4711"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "MPLBACKEND": "svg"}
        done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
        assert done.stdout.split() == wanted, done.stderr


def test_settings_of_the_reader_do_not_change_a_figure(payloads):
    import matplotlib

    with matplotlib.rc_context(
        {"font.size": 30, "axes.facecolor": "red", "svg.fonttype": "path", "path.simplify": False}
    ):
        assert digest(made("series")) == digest(payloads["series"])


def test_drawing_one_figure_twice_gives_the_same():
    fig, _ = fan_figure()
    once, twice = (render.render(fig, "fan", "Words.") for _ in range(2))
    assert once == twice


# ---- what a payload holds --------------------------------------------------


@every_sample
def test_payload_is_complete(name, payloads):
    found = payloads[name]
    assert set(found) - NARROW == {*WORDS, *("name", "svg", "svg_dark", "csv", "png", "width", "height", "rows")}
    assert set(found) & NARROW in (set(), NARROW)
    assert found["width"] == 720 and found["height"] in (260, 300, 340, 400, 500)
    assert found["rows"] == found["csv"].count("\n") - 1
    image = Image.open(io.BytesIO(base64.b64decode(found["png"])))
    assert image.format == "PNG" and image.width == 1152 and "Software" not in image.info


@every_sample
def test_svg_is_a_clean_document_with_real_text(name, payloads):
    svg = payloads[name]["svg"]
    root = ET.fromstring(svg)
    assert (root.get("width"), root.get("height")) == ("720", str(payloads[name]["height"]))
    texts = root.findall(".//{http://www.w3.org/2000/svg}text")
    assert texts and all(len(text.text) and "sans-serif" in text.get("style") for text in texts)
    assert root.findtext("{http://www.w3.org/2000/svg}title") == WORDS["alt"]
    assert not re.search(r"atplotlib\.org|DOCTYPE|metadata|\d{4}-\d\d-\d\dT", svg)
    assert not re.search(r'\b(?:d|x|y)="[^"]*\.\d{3}', svg)


def test_texts_are_anchored_where_a_narrower_face_keeps_its_place(payloads):
    texts = re.findall(r'<text style="[^"]*text-anchor: (\w+)[^>]*>([^<]*)</text>', payloads["series"]["svg"])
    anchors = {text: anchor for anchor, text in texts}
    assert anchors["8,000"] == "end" and anchors["2024"] == "middle" and anchors["weekly sum"] == "start"


def test_a_dollar_is_a_dollar():
    fig, data = series_figure()
    fig.axes[0].set_xlabel("price ($ a barrel) and cost ($ a month)")
    assert "price ($ a barrel) and cost ($ a month)" in figures.payload(fig, name="price", data=data, **WORDS)["svg"]


def test_missing_is_said_or_left_open_never_drawn():
    gap = weekly(12)
    gap.iloc[5] = np.nan
    fig, ax = figures.canvas()
    figures.line(ax, gap.index, gap, meaning="claimed")
    figures.name_axes(ax, y="losses (soldiers)")
    svg = figures.payload(fig, name="gap", data=gap.to_frame(), **WORDS)["svg"]
    path = re.search(r'<path d="([^"]*)"[^>]*stroke: #c04a00', svg)[1]
    assert path.count("M") == 2 and path.count("L") == 9
    assert "not known" in made("weekday")["svg"] and "not known" in made("table")["svg"]


# ---- dark paper ------------------------------------------------------------


@every_sample
def test_dark_edition_replaces_every_colour(name, payloads):
    light, dark = payloads[name]["svg"], payloads[name]["svg_dark"]
    tables = [{getattr(pair, paper) for pair in COLOURS.values()} for paper in ("light", "dark")]
    used = [set(re.findall(r"#[0-9a-f]{6}\b", text)) for text in (light, dark)]
    assert used[0] <= tables[0] and used[1] <= tables[1] and len(used[0]) == len(used[1])
    assert not used[1] & tables[0]
    without = [re.sub(r"#[0-9a-f]{6}\b", "", text) for text in (light, dark)]
    assert without[0] == without[1]


def test_light_and_dark_colours_are_all_different():
    hexes = [code for pair in COLOURS.values() for code in pair]
    assert len(set(hexes)) == len(hexes)


def test_text_that_looks_like_a_colour_is_left_alone():
    svg = '<text style="fill: #c04a00" x="1">painted #ffffff</text>'
    assert palette.darken(svg) == '<text style="fill: #ec8144" x="1">painted #ffffff</text>'


def test_a_stranger_among_the_colours_is_refused():
    for colour, shown in (("#123456", "#123456"), ("black", "#000000")):
        fig, data = series_figure()
        fig.axes[0].text(data.index[3], 4000, "a label", color=colour)
        with pytest.raises(
            FigureError, match=f"the colours of palette.COLOURS only, but {shown} was found: pass color="
        ):
            figures.payload(fig, name="stranger", data=data, **WORDS)
    fig, data = weekday_figure()
    fig.axes[0].patches[0].set_facecolor("black")
    with pytest.raises(FigureError, match="but #000000 was found"):
        figures.payload(fig, name="stranger", data=data, **WORDS)


# ---- colours that everyone can tell apart ----------------------------------

# Machado, Oliveira and Fernandes (2009), doi 10.1109/TVCG.2009.113: full deficiency, on linear RGB.
VISION = {
    "common": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)


def linear(code):
    rgb = np.array([int(code[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    """WCAG 2.2, relative luminance."""
    low, high = sorted(float(TO_XYZ[1] @ rgb) for rgb in (one, other))
    return (high + 0.05) / (low + 0.05)


def lab(rgb):
    xyz = TO_XYZ @ rgb / np.array([0.95047, 1.0, 1.08883])
    x, y, z = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("paper", ["light", "dark"])
@pytest.mark.parametrize("name", [*MEANINGS, "ink", "muted"])
def test_every_colour_is_readable_as_text(name, paper):
    here = {key: linear(getattr(pair, paper)) for key, pair in COLOURS.items()}
    assert contrast(here[name], here["paper"]) >= 4.5


@pytest.mark.parametrize("paper", ["light", "dark"])
@pytest.mark.parametrize("vision", VISION)
def test_colours_are_apart_for_every_kind_of_eye(vision, paper):
    seen = {name: lab(np.clip(VISION[vision] @ linear(getattr(MEANINGS[name], paper)), 0, 1)) for name in MEANINGS}
    near = {pair: np.linalg.norm(seen[pair[0]] - seen[pair[1]]) for pair in combinations(MEANINGS, 2)}
    assert min(near.values()) >= 18, min(near, key=near.get)


@pytest.mark.parametrize("paper", ["light", "dark"])
@pytest.mark.parametrize("meaning", MEANINGS)
def test_numbers_stay_readable_on_the_strongest_tint(meaning, paper):
    def screen(code):
        return np.array([int(code[at : at + 2], 16) for at in (1, 3, 5)])

    here = {key: getattr(pair, paper) for key, pair in COLOURS.items()}
    mixed = palette.CELL_OPACITY * screen(here[meaning]) + (1 - palette.CELL_OPACITY) * screen(here["paper"])
    cell = linear("#" + "".join(f"{round(part):02x}" for part in mixed))
    assert contrast(linear(here["ink"]), cell) >= 4.5


def test_at_most_five_colours_and_a_name_for_each():
    assert len(MEANINGS) == 5
    with pytest.raises(FigureError, match=r"named by what it means, but 'claim' was found: use 'claimed'\."):
        figures.colour("claim")
    with pytest.raises(FigureError, match="but 'zzz' was found: use 'claimed' or 'documented'"):
        figures.colour("zzz")


# ---- labels keep apart -----------------------------------------------------


def boxes_of(fig):
    """Return the boxes of all texts that are shown."""
    axes.settle(fig)
    ticks = [tick.label1 for ax in fig.axes for axis in (ax.xaxis, ax.yaxis) for tick in axis._update_ticks()]
    texts = [text for ax in fig.axes for text in (*ax.texts, ax.xaxis.label)] + ticks
    titles = [ax._left_title for ax in fig.axes]
    shown = [text for text in (*texts, *titles) if text.get_text() and text.get_visible()]
    return {text: Text.get_window_extent(text) for text in shown}


def clashes(fig):
    edge = fig.bbox
    found = boxes_of(fig)
    outside = [
        t.get_text()
        for t, b in found.items()
        if not (b.x0 >= -1 and b.x1 <= edge.x1 + 1 and b.y0 >= -1 and b.y1 <= edge.y1 + 1)
    ]
    over = [
        (one.get_text(), other.get_text())
        for (one, a), (other, b) in combinations(found.items(), 2)
        if a.x0 < b.x1 - 1 and b.x0 < a.x1 - 1 and a.y0 < b.y1 - 2 and b.y0 < a.y1 - 2
    ]
    return outside, over


@every_sample
def test_no_text_overlaps_another_or_leaves_the_image(name):
    assert clashes(SAMPLES[name]()[0]) == ([], [])


@pytest.mark.parametrize("seed", range(12))
def test_marked_days_never_overlap_or_cross(seed):
    rng = np.random.default_rng(seed)
    data = weekly(100)
    fig, ax = figures.canvas()
    figures.line(ax, data.index, data, meaning="claimed")
    figures.name_axes(ax, y="losses (soldiers a week)")
    chosen = rng.choice(100, rng.integers(2, 11), replace=False)
    figures.mark_days(ax, {data.index[at]: "event " * rng.integers(1, 4) + str(at) for at in chosen})
    outside, over = clashes(fig)
    assert over == [] and (outside == [] or len(chosen) > axes.MOST_TRIED)
    labels = {text: box for text, box in boxes_of(fig).items() if text.get_label() == axes.DAY_LABEL}
    assert len(labels) == len(chosen)
    for text, box in labels.items():
        line = ax.transData.transform((text.xy[0], 0))[0]
        crossed = [
            other
            for other, b in labels.items()
            if other is not text and b.y1 < box.y0 + 2 and b.x0 + 1 < line < b.x1 - 1
        ]
        assert crossed == []


@settings(max_examples=60)
@given(st.lists(st.tuples(st.floats(0, 400), st.floats(8, 40)), max_size=12).map(sorted))
def test_labels_at_ends_move_apart_as_little_as_they_must(wanted):
    found = axes._apart(wanted)
    for (low, (_, height)), after in pairwise([*zip(found, wanted, strict=True), (np.inf, (0, 0))]):
        assert low + height <= after[0] + 1e-6
    free = all(low + height <= after[0] for (low, height), after in pairwise(wanted))
    if free:
        assert found == pytest.approx([low for low, _ in wanted])
    misses = sum(low - wish for low, (wish, _) in zip(found, wanted, strict=True))
    assert misses == pytest.approx(0, abs=1e-6)


def test_heads_of_a_row_of_panels_stand_at_one_height():
    fig, _ = panels_figure()
    axes.settle(fig)
    heights = [round(ax._left_title.get_window_extent().y0, 3) for ax in fig.axes]
    assert len(set(heights[:3])) == len(set(heights[3:])) == 1


def test_events_outside_the_days_shown_are_left_out(payloads):
    assert ">a raid<" in payloads["series"]["svg"] and ">x<" not in payloads["series"]["svg"]


# ---- axes ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "days", "labels"),
    [
        ("2022-03-06", 1540, ["2023", "2024", "2025", "2026"]),
        ("2025-06-01", 500, ["Jul 2025", "Oct", "Jan 2026", "Apr", "Jul", "Oct"]),
        ("2026-03-01", 70, ["1 Mar 2026", "15 Mar", "1 Apr", "15 Apr", "1 May"]),
    ],
)
def test_dates_say_the_year_once(start, days, labels):
    shown = pd.date_range(start, periods=days)
    fig, ax = figures.canvas()
    figures.line(ax, shown, np.arange(days), meaning="claimed")
    fig.draw_without_rendering()
    assert [tick.label1.get_text() for tick in ax.xaxis._update_ticks()] == labels
    assert ax.xaxis.get_major_formatter()(ax.get_xlim()[1]).count(" ") == 2


def test_periods_and_python_dates_are_days_too():
    months = pd.period_range("2026-01", periods=3, freq="M")
    for x in (months, [stamp.date() for stamp in months.to_timestamp()]):
        fig, ax = figures.canvas()
        figures.line(ax, x, [1, 2, 3], meaning="inflow")
        fig.draw_without_rendering()
        assert ax.get_xticklabels()[0].get_text() == "1 Jan 2026"


def test_axes_write_numbers_as_the_book_does():
    fig, ax = figures.canvas()
    figures.line(ax, [1, 2], [-4000, 12_000], meaning="gap")
    figures.thousands(ax)
    figures.percents(ax, "x")
    write = ax.yaxis.get_major_formatter(), ax.xaxis.get_major_formatter()
    assert (write[0](12_000, 0), write[0](-4000, 0), write[1](0.30000000000000004, 0)) == ("12,000", "−4,000", "30 %")
    assert fig.get_size_inches()[0] == pytest.approx(7.2)


def test_bars_and_from_zero_begin_at_zero_and_find_room():
    _, ax = figures.canvas()
    figures.line(ax, [1, 2], [50, 60], meaning="claimed")
    figures.from_zero(ax)
    figures.line(ax, [1, 2], [500, 600], meaning="claimed")
    assert ax.get_ylim()[0] == 0 and ax.get_ylim()[1] > 600
    _, ax = figures.canvas()
    figures.bars(ax, ["a", "b"], [-4, 7], meaning="gap")
    assert ax.get_ylim()[0] < -4 and ax.get_ylim()[1] > 7
    _, ax = figures.canvas()
    months = pd.period_range("2026-01", periods=3, freq="M")
    figures.bars(ax, months, [4, 5, 7], meaning="inflow")
    assert ax.get_ylim()[0] == 0 and ax.patches[0].get_width() == pytest.approx(0.8 * 28)


def test_log_axes_say_so_whatever_comes_first():
    for steps in ((figures.log_axis, figures.name_axes), (figures.name_axes, figures.log_axis)):
        _, ax = figures.canvas()
        figures.line(ax, [1, 2], [10, 1000], meaning="claimed")
        for step in steps:
            step(ax, **({"y": "losses (soldiers)"} if step is figures.name_axes else {}))
        assert ax.get_ylabel() == "losses (soldiers), log scale"


def test_seaborn_draws_on_our_axes_in_our_colours():
    import seaborn

    data = weekly(60).rename_axis("week_end").reset_index()
    fig, ax = figures.canvas()
    seaborn.lineplot(data, x="week_end", y="losses", ax=ax, color=figures.colour("claimed"))
    figures.dates(ax)
    figures.name_axes(ax, x="week", y="losses (soldiers)")
    assert "#ec8144" in figures.payload(fig, name="seaborn", data=data, **WORDS)["svg_dark"]


# ---- files -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (pd.DataFrame({"n": [1, 2]}), "n\n1\n2\n"),
        (pd.DataFrame({"n": [1.0, np.nan]}), 'n\n1\n""\n'),
        (pd.DataFrame({"n": pd.array([3, None], "Int64"), "s": ["a,b", None]}), 'n,s\n3,"a,b"\n,\n'),
        (pd.DataFrame({"x": [1 / 3, 1234567.8, 1.0000001e-7]}), "x\n0.333333\n1234568\n0.0000001\n"),
        (pd.DataFrame({"x": [12345.678, -0.5, 1364065.0]}), "x\n12345.7\n-0.5\n1364065\n"),
        (pd.DataFrame({"x": [127500.02, 250780.3]}), "x\n127500\n250780\n"),
        (pd.DataFrame({"d": pd.to_datetime(["2026-05-01", None])}), 'd\n2026-05-01\n""\n'),
        (pd.DataFrame({"d": pd.to_datetime(["2026-05-01 06:30"])}), "d\n2026-05-01 06:30:00\n"),
        (pd.DataFrame({"v": [1]}, pd.Index(["a"], name="who")), "who,v\na,1\n"),
        (pd.DataFrame({"v": [True]}, pd.period_range("2026-05", periods=1, freq="M", name="m")), "m,v\n2026-05,True\n"),
        (pd.DataFrame({"v": [1]}, pd.MultiIndex.from_tuples([("a", 4)], names=["m", "h"])), "m,h,v\na,4,1\n"),
    ],
)
def test_csv(data, text):
    assert figures.csv_text(data) == text


def test_csv_reads_back_as_what_was_drawn():
    data = weekly()
    back = pd.read_csv(io.StringIO(figures.csv_text(data.to_frame())), parse_dates=["week_end"], index_col="week_end")
    assert (back["losses"] == data).all() and list(back.index) == list(data.index)


def test_files_of_a_figure(payloads):
    found = figures.files(payloads["series"])
    assert list(found) == [".svg", ".dark.svg", ".narrow.svg", ".narrow.dark.svg", ".png", ".csv"]
    without = {part: content for part, content in payloads["series"].items() if part not in NARROW}
    assert list(figures.files(without)) == [".svg", ".dark.svg", ".png", ".csv"]
    assert found[".png"].startswith(b"\x89PNG") and found[".csv"].startswith("week_end,losses\n2022-03-06,")


# ---- narrow screens ----------------------------------------------------------


def type_sizes(svg):
    """Smallest and largest type of an SVG, in pixels of a page on which it is as wide as its file says."""
    root = ET.fromstring(svg)
    pixels = float(root.get("width")) / float(root.get("viewBox").split()[2])
    sizes = [float(size) * pixels for size in re.findall(r"font(?:-size)?:[^;]*?([\d.]+)px", svg)]
    return min(sizes), max(sizes)


@pytest.mark.parametrize("name", ["series", "fan", "sideways", "dots", "log", "panels"])
def test_narrow_edition_is_narrow_with_type_of_the_same_size(name, payloads):
    found = payloads[name]
    assert found["narrow"][0] == narrow.NARROW < found["width"]
    root = ET.fromstring(found["svg_narrow"])
    assert [float(root.get("width")), float(root.get("height"))] == pytest.approx(found["narrow"], abs=1)
    assert type_sizes(found["svg_narrow"]) == pytest.approx(type_sizes(found["svg"]), rel=0.01)


@pytest.mark.parametrize("name", ["series", "fan", "dots"])
def test_narrow_edition_shows_the_same_words(name, payloads):
    def words(svg):
        texts = ET.fromstring(svg).findall(".//{http://www.w3.org/2000/svg}text")
        return " ".join(sorted(" ".join(text.text for text in texts).split()))

    wide, small = words(payloads[name]["svg"]), words(payloads[name]["svg_narrow"])
    letters = [word for word in wide.split() if not re.match(r"[\d−]", word)]
    assert set(letters) - set(small.split()) <= set(calendar.month_abbr)


def test_narrow_edition_has_no_text_outside(payloads):
    fig, _ = SAMPLES["series"]()
    assert render.render_narrow(fig, "n", "A.")
    inside = fig.bbox.padded(2)
    for ax in fig.axes:
        boxes = [text.get_window_extent() for text in ax.texts if text.get_visible() and text.get_text()]
        assert all(inside.x0 <= box.x0 and box.x1 <= inside.x1 for box in boxes)


def test_panels_beside_each_other_come_below_each_other():
    fig, panels = figures.canvas(columns=2, height=300)
    for ax in panels:
        ax.plot([0, 1], [0, 1])
        figures.name_axes(ax, x="time (weeks)", y="losses (persons)")
    narrow.narrow(fig)
    fig.draw_without_rendering()
    top, bottom = (ax.get_position() for ax in panels)
    assert top.y0 > bottom.y1 and top.x0 == pytest.approx(bottom.x0, abs=0.01)
    assert fig.get_size_inches()[1] * 72 / palette.POINT == pytest.approx(300 * 2 * narrow.TALLER)


def test_long_names_of_rows_are_broken_and_get_room():
    fig, ax = figures.canvas(height=200)
    rows = [f"a publisher with a very long name, number {number}" for number in range(8)]
    figures.bars(ax, rows, range(8), meaning="claimed", horizontal=True)
    figures.name_axes(ax, x="losses (persons)")
    _, height = render.render_narrow(fig, "rows", "Words.")
    assert height > 300
    assert all("\n" in label.get_text() for label in ax.get_yticklabels())
    boxes = sorted((label.get_window_extent() for label in ax.get_yticklabels()), key=lambda box: box.y0)
    assert all(low.y1 <= high.y0 for low, high in pairwise(boxes))


def test_a_figure_too_full_for_a_narrow_screen_has_no_narrow_edition():
    fig, ax = figures.canvas()
    ax.plot([0, 1], [0, 1])
    ax.set_xticks([0, 0.5, 1], ["anamethatisverylongandcannotbebroken"] * 3)
    figures.name_axes(ax, y="losses (persons)")
    with mock.patch.object(narrow, "squeeze"):  # textwrap would break even this
        assert render.render_narrow(fig, "full", "Words.") is None


def test_names_of_columns_and_panels_and_remarks_are_broken_before_a_figure_is_given_up():
    fig, ax = figures.canvas(height=300)
    ax.plot([0, 1, 2], [0, 1, 2])
    ax.set_xticks([0, 1, 2], ["a name that is very long"] * 3)
    figures.head(ax, "the head of a panel that is much longer than a telephone is wide")
    ax.text(0.8, 0.2, "a remark that is longer than what is left of the panel", in_layout=False)
    figures.name_axes(ax, x="columns", y="losses (persons)")
    _, height = render.render_narrow(fig, "squeezed", "Words.")
    assert narrow.fits(fig) and height > 300
    assert ax.get_xticklabels()[0].get_text().count("\n") >= 1 and "\n" in ax.get_title(loc="left")
    assert "\n" in next(text.get_text() for text in ax.texts if "remark" in text.get_text())


def test_text_beyond_the_canvas_means_no_narrow_edition():
    fig, ax = figures.canvas()
    ax.plot([0, 1], [0, 1])
    ax.text(0.9, 0.5, "a long remark that leaves the canvas", clip_on=True)
    figures.name_axes(ax, y="losses (persons)")
    assert render.render_narrow(fig, "outside", "Words.") is None


# ---- from the notebook to the book -----------------------------------------


def shown(monkeypatch, name="series", **changes):
    caught = []
    monkeypatch.setattr("IPython.display.display", lambda bundle, **options: caught.append((bundle, options)))
    fig, data = SAMPLES[name]()
    assert figures.show(fig, **{"name": name, "data": data, **WORDS, **changes}) is None
    ((bundle, options),) = caught
    assert options == {"raw": True}
    return bundle


def as_notebook(*bundles):
    cells = [{"cell_type": "code", "outputs": [{"output_type": "display_data", "data": b}]} for b in bundles]
    text = {"cell_type": "markdown", "source": "words"}
    stream = {"cell_type": "code", "outputs": [{"output_type": "stream", "text": "x"}, {"data": {"text/plain": "1"}}]}
    return {"cells": [text, stream, *cells]}


def test_what_is_shown_is_what_the_book_collects(monkeypatch, payloads):
    bundle = shown(monkeypatch)
    assert bundle["text/plain"] == WORDS["alt"] and set(bundle) == {"image/png", figures.MIME, "text/plain"}
    assert "png" not in bundle[figures.MIME]
    assert figures.collect(as_notebook(bundle)) == {"series": payloads["series"]}
    split = {**bundle, "image/png": [part + "\n" for part in re.findall(".{1,76}", bundle["image/png"])]}
    assert figures.collect(as_notebook(split)) == {"series": payloads["series"]}


def test_one_name_twice_is_refused(monkeypatch):
    bundle = shown(monkeypatch)
    with pytest.raises(FigureError, match=r"a name of its own, but 'series' is shown twice: rename one\."):
        figures.collect(as_notebook(bundle, bundle))


def test_a_kernel_makes_the_same_figure(payloads):
    nbformat, client = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    code = (
        "import sys; sys.path[:0] = ['tests', '.']\n"
        "import test_figures as t\n"
        "from attrition import figures\n"
        "fig, data = t.series_figure()\n"
        "figures.show(fig, name='series', data=data, **t.WORDS)"
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    client.NotebookClient(notebook, resources={"metadata": {"path": str(ROOT)}}, kernel_name="python3").execute()
    assert figures.collect(notebook) == {"series": payloads["series"]}
    assert len(notebook.cells[0].outputs) == 1


def test_collecting_needs_no_drawing_library():
    code = (
        "import sys; from attrition import figures; figures.collect({'cells': []}); print('matplotlib' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


# ---- words for those who do not see it -------------------------------------

DAYS = pd.to_datetime(["2026-05-03", "2026-05-10", "2026-05-17"])


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (
            pd.Series([2000, 2400, np.nan], DAYS),
            "Line chart of losses (soldiers), 3 to 17 May 2026. Lowest 2,000 (3 May 2026), highest 2,400 (10 May "
            "2026). One value not known. It rises.",
        ),
        (
            pd.Series([5, 5], pd.period_range("2026-01", periods=2, freq="M")),
            "Line chart of losses (soldiers), January to February 2026. Always 5 (January 2026). It rises.",
        ),
        (
            pd.DataFrame({"claimed": [3.0, 1.0], "note": ["x", "y"], "estimated": [7.5, 2.0]}, ["a", "b"]),
            "Line chart of losses (soldiers), for two categories. Lowest 1 (claimed, b), highest 7.5 (estimated, a). "
            "It rises.",
        ),
        (
            pd.Series([0.9, 1.1], pd.Index([1, 26], name="horizon in weeks")),
            "Line chart of losses (soldiers), horizon in weeks 1 to 26. Lowest 0.9 (1), highest 1.1 (26). It rises.",
        ),
    ],
)
def test_alt_says_kind_axes_range_extremes_and_what_to_notice(data, text):
    assert figures.alt("Line chart", data, what="losses", unit="soldiers", note="It rises.") == text
    assert len(text.split()) <= 60


def test_alt_refuses_what_it_cannot_say():
    with pytest.raises(FigureError, match="need a known number, but the data hold none: say so in the text"):
        figures.alt("Line chart", pd.Series([np.nan], DAYS[:1]), what="losses", unit="soldiers")
    with pytest.raises(FigureError, match="Words for 'losses' are at most 60, but 78 were found: shorten the note"):
        figures.alt("Line chart", pd.Series([1], DAYS[:1]), what="losses", unit="soldiers", note="word " * 65)


# ---- rules, each with its sentence -----------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "My Figure"}, "lower-case words joined by - or _, but found 'My Figure': rename it"),
        ({"name": "a--b"}, "but found 'a--b'"),
        ({"caption": " "}, "Figure 'series' needs words for its caption, but found ' ': write them"),
        ({"source": ""}, "needs words for its source, but found ''"),
        ({"alt": None}, "needs words for its alt, but found None"),
        ({"alt": "series.svg"}, "words for those who do not see it, but found 'series.svg': describe it"),
        ({"alt": "a picture of series.png"}, "but found 'a picture of series.png'"),
        ({"alt": "series"}, "but found 'series'"),
        ({"alt": "word " * 61}, "at most 60, but 61 were found"),
        ({"data": pd.DataFrame()}, "needs the numbers behind it, but data is no filled DataFrame: pass one"),
        ({"data": None}, "needs the numbers behind it"),
    ],
)
def test_words_and_data_are_required(changes, message):
    with pytest.raises(FigureError, match=message) as caught:
        made("series", **changes)
    assert str(caught.value).endswith(".")


def spoil(name, change):
    fig, data = SAMPLES[name]()
    change(fig, fig.axes[0])
    return figures.payload(fig, name=name, data=data, **WORDS)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("series", lambda fig, ax: fig.suptitle("Losses"), "has a title inside the image: say it in the caption"),
        ("series", lambda fig, ax: ax.set_title("Losses"), "has a title inside the image"),
        ("series", lambda fig, ax: ax.set_title("Losses", loc="right"), "has a title inside the image"),
        ("series", lambda fig, ax: ax.set_ylabel(""), r"has axes without a name: call figures\.name_axes\(\)"),
        (
            "series",
            lambda fig, ax: ax.set_yscale("log"),
            r"a log axis that is not named as one: call figures\.log_axis",
        ),
        ("weekday", lambda fig, ax: ax.set_ylim(900, 1200), "bars that do not start at zero: leave zero inside"),
        ("sideways", lambda fig, ax: ax.set_xlim(9e4, 4e5), "bars that do not start at zero"),
        ("panels", lambda fig, ax: ax.lines[0].remove(), "has an empty panel: draw the data on it"),
        ("series", lambda fig, ax: fig.clear(), r"needs a panel, but it has none: open it with figures\.canvas\(\)"),
    ],
)
def test_rules_of_the_house(name, change, message):
    with pytest.raises(FigureError, match=message) as caught:
        spoil(name, change)
    assert str(caught.value).startswith(f"Figure '{name}' ") and str(caught.value).endswith(".")


DAY = pd.Timestamp("2026-05-03")


@pytest.mark.parametrize(
    ("verb", "arguments", "options", "message"),
    [
        (
            "line",
            ([1, 2], [1]),
            {"meaning": "claimed"},
            "as many x as y and at least one, but found 2 and 1: align them",
        ),
        ("line", ([], []), {"meaning": "claimed"}, "but found 0 and 0"),
        ("line", ([1], [None]), {"meaning": "claimed"}, "needs a known value, but all are missing: say so in the text"),
        ("line", ([1], [1]), {"meaning": "losses"}, "named by what it means, but 'losses' was found"),
        ("band", ([1], [2], [1]), {"meaning": "gap", "level": 0.9}, "lower limit lies above the upper: swap them"),
        ("dots", ([1], [2]), {"meaning": "gap", "lower": [1]}, "but only one of lower and upper was found: pass both"),
        (
            "dots",
            ([1], [2]),
            {"meaning": "gap", "lower": [3], "upper": [4]},
            "one lies outside lower to upper: pass the ends",
        ),
        ("bars", (["a"], [1, 2]), {"meaning": "gap"}, "Bars need as many x as y and at least one, but found 1 and 2"),
        ("mark_days", ({DAY: "x"},), {}, "but the axes are empty: draw the series before mark_days"),
        ("thousands", ("z",), {}, "An axis is 'x' or 'y', but 'z' was found: name one of the two"),
        (
            "name_axes",
            (),
            {"y": "Losses (soldiers)"},
            r"lower case, but 'Losses \(soldiers\)' was found: write 'losses",
        ),
        ("name_axes", (), {"x": " "}, "An axis is named in lower case, but ' ' was found"),
    ],
)
def test_verbs_refuse_in_one_sentence(verb, arguments, options, message):
    _, ax = figures.canvas()
    with pytest.raises(FigureError, match=message) as caught:
        getattr(figures, verb)(ax, *arguments, **options)
    assert str(caught.value).endswith(".")


def test_a_canvas_has_panels():
    with pytest.raises(FigureError, match="at least one panel, but 0 by 2 was asked: count from one"):
        figures.canvas(0, 2)
    with pytest.raises(AttributeError, match="module 'attrition.figures' has no attribute 'pie'"):
        _ = figures.pie


def test_bands_name_their_level_unless_told_not_to():
    _, ax = figures.canvas()
    figures.band(ax, [1, 2], [1, 1], [2, 3], meaning="estimated", level=0.9)
    figures.band(ax, [1, 2], [1, 1], [2, 3], meaning="estimated", level=0.5, label="")
    figures.label_end(ax, 2, 1.5, "named here", "estimated")
    assert [text.get_text() for text in ax.texts] == ["90 % interval", "named here"]
