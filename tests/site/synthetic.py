"""A tiny book with invented numbers, staged as the build of an edition stages a real one.

The tests of the book's own extension build it, and so can anyone who works on the look of the pages:
``python tests/site/synthetic.py FOLDER`` writes the stage to FOLDER/stage and the site to FOLDER/_build/html.
"""

import argparse
import csv
import html
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
BUILD = "from jupyter_book.cli.main import main; main()"
SCRIPT = "<script>alert('x')</script>"
CAPTION = (
    "Reported losses a week with a fitted trend and its 90 % band, invented for tests. After a slow rise the weekly "
    "count levels off."
)
TOC = """format: jb-book
root: index
parts:
  - caption: Read
    chapters:
      - file: notebooks/trial
  - caption: Check
    chapters:
      - file: methods
      - file: values
      - file: data
"""


def value(text, interval="", **given):
    """One entry of values.json; everything not given is invented."""
    entry = {
        "value": 1.0,
        "lower": None,
        "upper": None,
        "level": 0.9 if interval else None,
        "unit": "persons",
        "text": text,
        "interval": interval,
        "label": "Claimed losses a month",
        "definition": "Persons counted as lost by one party, killed and wounded together, per month (invented).",
        "measure": "lost_claimed",
        "as_of": "2026-05-31",
        "sources": ["general_staff"],
        "source_names": ["An invented general staff"],
        "notebook": "notebooks/trial.ipynb",
        "inputs_sha256": "0" * 64,
    }
    return {**entry, **given}


VALUES = {
    "losses.monthly": value("31,200", "29,100 to 33,400"),
    "losses.total": value("1,364,060", label="Claimed losses since the start"),
    "losses.trend": value("lower", label="Direction of the last eight weeks", unit="words"),
    "losses.weekly": value("7,180", "6,400 to 8,050", level=0.8, label="Claimed losses a week"),
    "wounded.share": value("72 %", "68 to 77 %", label="Wounded among the lost", unit="share"),
    "forecast.weeks": value("29,800", "21,000 to 41,000", label="Projected for the next four weeks"),
    "losses.sentence": value(
        "The weekly count rose until late 2024 and has been level since then (invented).", unit="words"
    ),
    "hostile.text": value(
        "5", label=f"Label {SCRIPT}", definition=f"Definition {SCRIPT}", source_names=[f"S {SCRIPT}"]
    ),
}
HEAD = {"edition": "2026-05", "title": "May 2026", "cutoff": "2026-05-31", "generated_from": "0" * 64}
AGES = [
    {"title": "Weekly losses", "last": "2026-05-24", "cadence_days": 1, "overdue": True},
    {"title": "Yearly <losses>", "last": "2026-05-31", "cadence_days": 366, "overdue": False},
]
BEFORE = {
    "name": "2026-02",
    "title": "February <2026>",
    "cutoff": "2026-02-19",
    "moved": {"losses.monthly": {"text": "30,100", "interval": "28,000 to 32,200"}},
    "new": ["wounded.share"],
    "verdicts": [],
}
FIGURES = {
    "weekly_trend": {
        "caption": CAPTION,
        "source": "Invented series, data to 31 May 2026",
        "alt": "Line chart of weekly losses from 2023 to 2026, rising from about 4,000 to about 7,000, then level.",
        "width": 720,
        "height": 380,
        "notebook": "notebooks/trial.ipynb",
        "rows": 160,
    },
    "hostile": {
        "caption": f"Caption {SCRIPT}",
        "source": f'Source "{SCRIPT}"',
        "alt": f'Alt "{SCRIPT}"',
        "width": 720,
        "height": 380,
        "notebook": "notebooks/trial.ipynb",
        "rows": 2,
    },
}

INDEX = """(home)=
# Can an invented army replace the soldiers it loses?

A book with invented numbers, for tests of its own pages. The claim stands at {value}`losses.monthly` a month, and the
trend of the last eight weeks is {value}`losses.trend`.

```{admonition} The answer
:class: answer

Not at this rate, and it is *likely* that the gap widens. Losses of {value}`losses.monthly|range` a month stand
against a claim of {value}`losses.total` since the start.
```

```{key-numbers}
:::{key-number} losses.monthly
:::
:::{key-number} losses.total
:label: Claimed in total
:note: 4 % more than an edition ago (invented)
:::
:::{key-number} wounded.share
:::
:::{key-number} losses.weekly
:::
:::{key-number} forecast.weeks
:::
:::{key-number} losses.trend
:::
```

```{result-figure} weekly_trend
```

## What we found

1. Weekly losses were {value}`losses.weekly`, see [the chapter](notebooks/trial.ipynb) and {figure}`weekly_trend`.
2. The share of wounded is {value}`wounded.share` ({value}`wounded.share|interval`), called
   "{value}`wounded.share|label`".
3. {value}`losses.sentence`
4. A hostile value reads {value}`hostile.text` and does no harm.

## What changed

| Number | Before | Now | Why |
|---|---:|---:|---|
| Claimed losses a month | 30,900 | 31,200 | new data |
| Claimed losses since the start | 1,332,860 | 1,364,060 | new data |

## Why the trend is {value}`losses.trend`

```{admonition} What this leaves out
:class: doubt

An interval holds what the model knows. It does not hold a party's reasons to count high or low.
```

:::{note}
A plain note, for comparison.
:::
"""

METHODS = r"""---
fixed: an <invented> method
---

(methods)=
# Methods

Words as in {fixed}`ICD 203`.

:::{fixed} a scale
A scale of 5 steps.
:::

How the numbers are made. Start with the [home page](#home), or with [one section](#scores).

(scores)=
## Scores of forecasts

A forecast with quantiles is scored by its weighted interval score,

$$
\mathrm{WIS}_\alpha(F, y) =
\frac{1}{K + 1/2}\left( w_0\,|y - m| + \sum_{k=1}^{K} w_k\,\mathrm{IS}_{\alpha_k}(F, y)\right)
$$ (wis)

where $m$ is the median and $\alpha_k$ the level of interval $k$ (equation {eq}`wis`). Cases and lines:

$$
\begin{aligned}
g(x) &= \begin{cases} x^2 & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases} \\
h(x) &= \sqrt{g(x)} + \hat{y}_{t+1}
\end{aligned}
$$

### A smaller heading

Term
: What the term means, in a line that is long enough to break on narrow screens and shows how definitions look.

> A quotation, in which someone says what a number does not say.

Text with `code`, *stress*, **weight** and a footnote.[^one]

```bash
make book
python -m attrition run loss_trends -p cutoff=2024-06-30 -p horizon_weeks=8 --out _build/until_june_2024.ipynb
```

[^one]: The footnote.
"""

VALUES_HEAD = """(values)=
# Values

All recorded numbers; for programs there is [values.json](values.json).

"""

DATA = """(data)=
# Data

The tables behind the book, such as [one of them](data/series/weekly.csv).<span id="how-old-the-data-are"></span>
"""

CHAPTER_TOP = """(trial)=
# Is the invented count rising?

Losses were claimed at {value}`losses.monthly` a month ({value}`losses.monthly|interval`); the direction of the last
eight weeks is **{value}`losses.trend`**.

```{admonition} The answer
:class: answer

The weekly count is {value}`losses.weekly` and has stopped rising. It is *likely* to stay where it is.
```"""


def notebook(cells):
    """A notebook as papermill leaves it."""
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {
        "cells": [{**cell, "id": f"cell-{number}"} for number, cell in enumerate(cells)],
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def text_cell(source):
    """A cell of prose."""
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def code_cell(source, *outputs, tags=()):
    """A cell that has run."""
    shown = [{"output_type": "display_data", "metadata": {}, "data": data} for data in outputs]
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {"tags": list(tags)} if tags else {},
        "source": source,
        "outputs": shown,
    }


def chapter():
    """The one chapter: folded, shown and hidden code, a figure, a computed sentence, values, a table, a receipt."""
    record = {"application/vnd.attrition.value+json": VALUES["losses.monthly"], "text/plain": "RECORDED VALUE LINE"}
    table = (
        '<table border="1" class="dataframe"><thead><tr><th></th><th>method</th><th>score</th>'
        "</tr></thead><tbody><tr><th>0</th><td>last week</td><td>812.4</td></tr><tr><th>1</th><td>trend</td>"
        "<td>640.9</td></tr></tbody></table>"
    )
    files = {
        "application/vnd.attrition.receipt+json": {"opened": ["series/weekly.csv"]},
        "text/plain": "Data read",
        "text/markdown": "Data read by this chapter: [`series/weekly.csv`](../data/series/weekly.csv).",
    }
    sentence = {"text/plain": "x", "text/markdown": "A computed sentence names {value}`losses.weekly` in the chapter."}
    return notebook(
        [
            text_cell(CHAPTER_TOP),
            code_cell("cutoff: str = '2026-05-31'  # last day of data", tags=["parameters"]),
            code_cell("cutoff = 'INJECTED'", tags=["injected-parameters"]),
            code_cell("SETUP = 1"),
            text_cell("## The weekly count\n\nFirst the count as it was claimed, week by week."),
            code_cell("figures.show('weekly_trend')", figure_output("weekly_trend")),
            code_cell("record('losses.monthly')", record),
            code_cell("say()", sentence),
            text_cell("## How good the forecasts were"),
            code_cell("scores", {"text/html": table, "text/plain": "table"}),
            code_cell("figures.show('hostile')", figure_output("hostile")),
            code_cell("point = 'of the cell'\nprint(point)", tags=["show-input"]),
            text_cell("## What this does not show\n\nReasons. See [the methods](#scores)."),
            code_cell("receipt(room)", files),
        ]
    )


def figure_output(name):
    """The output that records a figure."""
    shown = {key: text for key, text in FIGURES[name].items() if key not in ("notebook", "rows")}
    record = {"name": name, "svg": f"{name}.svg", "csv": f"{name}.csv", **shown}
    if name == "hostile":
        record["table"] = {"columns": ["kind", SCRIPT], "rows": [["a", 1], [SCRIPT, 2]]}
    return {"application/vnd.attrition.figure+json": record, "image/png": "iVBORw0KGgo=", "text/plain": "<Figure>"}


def draw(folder):
    """Write both figures' files; the numbers are a formula's."""
    import math

    from matplotlib.figure import Figure

    weeks = range(160)
    trend = [4000 + 3200 * (1 - math.exp(-week / 60)) for week in weeks]
    count = [
        level * (1 + 0.08 * math.sin(week * 1.7) * math.cos(week / 5)) for week, level in zip(weeks, trend, strict=True)
    ]
    rows = list(zip(weeks, count, trend, strict=True))
    for name, kept in (("weekly_trend", rows), ("hostile", rows[:2])):
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("week" if name != "hostile" else SCRIPT, "reported", "trend"), *kept])
        for ending, ink, paper in (
            (".svg", "#333333", "white"),
            (".dark.svg", "#dddddd", "#121212"),
            (".png", "#333333", "white"),
        ):
            figure = Figure(figsize=(7.2, 3.8), layout="constrained", facecolor=paper)
            axes = figure.add_subplot(facecolor=paper)
            axes.fill_between(weeks, [0.9 * y for y in trend], [1.1 * y for y in trend], color="#4477aa", alpha=0.25)
            axes.plot(weeks, count, color="#4477aa", lw=1)
            axes.plot(weeks, trend, color=ink, lw=2)
            axes.set(xlabel="week", ylabel="losses (persons a week)", ylim=(0, None))
            axes.spines[["top", "right"]].set_visible(False)
            axes.tick_params(colors=ink)
            for part in (axes.xaxis.label, axes.yaxis.label, *axes.spines.values()):
                part.set_color(ink)
            figure.savefig(folder / f"{name}{ending}", metadata={"Date": None} if ending != ".png" else None)


def values_page():
    """A page of values as the package writes it: a plain table whose rows carry the keys as ids."""
    columns = {"Value": "text", "Interval": "interval", "What it is": "definition", "Notebook": "notebook"}
    rows = [
        f'<tr><th scope="row" id="{key}"><code>{key}</code></th>'
        + "".join(f'<td data-label="{name}">{html.escape(row[field])}</td>' for name, field in columns.items())
        + "</tr>"
        for key, row in VALUES.items()
    ]
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("Key", *columns))
    return (
        f'{VALUES_HEAD}<div class="table-scroll" tabindex="0" role="region" aria-label="Table">\n<table class="room">\n'
        f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{chr(10).join(rows)}\n</tbody>\n</table>\n</div>\n"
    )


def stage(folder):
    """Write the whole stage to `folder` and return it."""
    (folder / "book").mkdir(parents=True)
    shutil.copy(REPOSITORY / "_config.yml", folder)
    for name in ("_ext", "_static"):
        shutil.copytree(
            REPOSITORY / "book" / name, folder / "book" / name, ignore=shutil.ignore_patterns("__pycache__")
        )
    for place in ("results", "notebooks", "extra/figures", "extra/data/series", "extra/editions/2026-02"):
        (folder / place).mkdir(parents=True)
    document = json.dumps({**HEAD, "values": VALUES, "ages": AGES})
    files = {
        "_toc.yml": TOC,
        "index.md": INDEX,
        "methods.md": METHODS,
        "values.md": values_page(),
        "data.md": DATA,
        "notebooks/trial.ipynb": json.dumps(chapter()),
        "results/values.json": document,
        "results/before.json": json.dumps(BEFORE),
        "results/figures.json": json.dumps(FIGURES),
        "extra/values.json": document,
        "extra/editions/2026-02/values.html": '<th id="losses.monthly">30,100</th>',
        "extra/data/series/weekly.csv": "week,reported\n0,4000\n",
    }
    for name, content in files.items():
        (folder / name).write_text(content, encoding="utf-8")
    draw(folder / "extra" / "figures")
    return folder


def build(staged, out):
    """Build a stage as the edition's build does; return the finished process and the html folder."""
    command = [
        sys.executable,
        "-c",
        BUILD,
        "build",
        str(staged),
        "--path-output",
        str(out),
        "-q",
        "-n",
        "-W",
        "--keep-going",
    ]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "NO_COLOR": "1"}, check=False)
    return done, out / "_build" / "html"


def main():
    """Stage and build into a folder, for looking at."""
    parser = argparse.ArgumentParser(description="Build a tiny book with invented numbers.")
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder.resolve()
    shutil.rmtree(folder / "stage", ignore_errors=True)
    shutil.rmtree(folder / "_build", ignore_errors=True)
    done, site = build(stage(folder / "stage"), folder)
    print(done.stdout + done.stderr, site)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
