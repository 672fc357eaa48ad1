"""The page of a sweep: small multiples of each value against each parameter, what failed, and the tables to take away.

One file without anything outside it; it reads in both themes and on a narrow screen. Nothing is computed here but
medians and ranges of runs that share a stretch of a parameter, where there are too many runs for a dot each.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Sequence
from typing import TYPE_CHECKING

from attrition import wording
from attrition.figures import alt as describe
from attrition.figures import axes, drawing, render
from attrition.figures.palette import COLOURS, darken

if TYPE_CHECKING:
    import pandas as pd

MOST_SHOWN = 6  # values, where the sweep file names none
MOST_DOTS = 150
MOST_WHISKERS = 20
STRETCHES = 20  # into which a parameter's range is cut where there are more runs than dots
LEVEL = 0.9  # share of a stretch's runs inside the band
SIZE = {"width": 400, "height": 290}
MOST_FAILURES = 50
MOST_CATEGORIES = 12

STYLE = """
:root { color-scheme: light dark; LIGHT }
@media (prefers-color-scheme: dark) { :root { DARK } }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 1.5rem auto; max-width: 78rem; padding: 0 1rem;
  background: var(--paper); color: var(--ink); }
.many { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); gap: 1rem; }
figure { margin: 0; } img { width: 100%; height: auto; } figcaption, .quiet { color: var(--muted); }
.wide { overflow-x: auto; } table { border-collapse: collapse; }
td, th { border-bottom: 1px solid var(--line); padding: .2rem .8rem .2rem 0; text-align: left; vertical-align: top; }
.page { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 22rem), 1fr)); gap: 0 2rem; }
a { color: inherit; } h1, h2, p, figcaption, td { overflow-wrap: anywhere; }
"""


def page(plan, header: Sequence[str], rows: list[list], varied: Sequence[str], failed: list, done: int) -> str:
    """Write the page.

    Parameters
    ----------
    plan : attrition.sweeps.plan.Plan
    header, rows
        The table of values, as `table.tidy` makes it.
    varied : sequence of str
        Its columns of parameters that differ between runs.
    failed : list of (number, given, reason)
    done : int
        Runs that are in the table.
    """
    import pandas as pd

    frame = pd.DataFrame(rows, columns=list(header))
    what = plan.chapter or plan.function
    parts = [f"<p>{_counted(done, len(failed))} Varied: {html.escape(wording.listing(varied, 'nothing'))}.</p>"]
    few = len(varied) == 1  # then the values stand beside each other
    parts.append('<div class="page">' if few else "<div>")
    for key in shown(plan.values, frame):
        own = frame[frame["key"] == key].assign(value=lambda table: pd.to_numeric(table["value"]))
        pictures = "".join(_picture(own, key, name) for name in varied)
        parts.append(f"<section><h2>{html.escape(key)}</h2>")
        parts.append((f'<div class="many">{pictures}</div>' if pictures else _missing(key)) + "</section>")
    parts += ["</div>", _failures(failed)]
    links = [f'<a href="{name}">{name}</a>' for name in ("values.csv", "values.parquet", "failures.csv")]
    parts.append(f"<p>All numbers: {wording.listing(links)}.</p>")
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>Sweep of {html.escape(what)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_style()}</style></head>\n'
        f"<body><main><h1>Sweep of {html.escape(what)}</h1>\n" + "\n".join(parts) + "\n</main></body></html>\n"
    )


def shown(wanted: Sequence[str], frame: pd.DataFrame) -> list[str]:
    """Choose the keys to show: those the sweep file names, or the first numbers that differ between runs."""
    if wanted:
        return list(wanted)
    numbers = frame[frame["value"].notna()]
    differing = numbers.groupby("key", sort=False)["value"].nunique()
    return list(differing[differing > 1].index[:MOST_SHOWN])


def draw(own: pd.DataFrame, key: str, name: str):
    """Draw one value against one parameter: a dot a run, or the middle and the spread of many runs.

    Returns
    -------
    (Figure, DataFrame)
        The figure and the numbers on it.
    """
    import pandas as pd

    fig, ax = axes.canvas(**SIZE)
    own = own.dropna(subset=["value"])
    x = pd.to_numeric(own[name], errors="coerce")
    counts = x.notna().all()
    if counts and len(own) > MOST_DOTS:
        found = _stretches(x, own["value"])
        drawing.band(ax, found.index, found["low"], found["high"], meaning="estimated", level=LEVEL, label="")
        drawing.line(ax, found.index, found["middle"], meaning="estimated")
    else:
        places = x if counts else own[name].fillna("estimated").astype(str)
        kinds = sorted(set(places))
        whiskers = own[["lower", "upper"]].notna().all(axis=None) and len(own) <= MOST_WHISKERS
        ends = {end: own[end].astype(float) for end in ("lower", "upper")} if whiskers else {}
        at = places if counts else places.map(kinds.index)
        drawing.dots(ax, at, own["value"], meaning="estimated", **ends)
        if not counts:
            ax.set_xticks(range(len(kinds)), kinds if len(kinds) <= MOST_CATEGORIES else [""] * len(kinds))
        found = pd.DataFrame({"value": own["value"].to_numpy()}, index=pd.Index(list(places), name=name))
    axes.thousands(ax, "y")
    if counts:
        axes.thousands(ax, "x")
    ax.margins(x=0.06)
    unit = str(own["unit"].iloc[0])
    axes.name_axes(ax, x=name, y=f"{key.rpartition('.')[2]} ({unit})" if unit else key.rpartition(".")[2])
    return fig, found


def _stretches(x: pd.Series, y: pd.Series) -> pd.DataFrame:
    """Middle and spread of the runs in each stretch of a parameter, by the stretch's middle run."""
    import pandas as pd

    stretch = pd.cut(x, min(STRETCHES, x.nunique()), labels=False, duplicates="drop")
    grouped = y.groupby(stretch)
    tail = (1 - LEVEL) / 2
    spread = {"low": grouped.quantile(tail), "middle": grouped.median(), "high": grouped.quantile(1 - tail)}
    found = pd.DataFrame(spread)
    found.index = pd.Index(x.groupby(stretch).median().to_numpy(), name=x.name)
    return found


def _picture(own: pd.DataFrame, key: str, name: str) -> str:
    """One figure, light and dark, inside the page."""
    if own["value"].notna().sum() == 0:
        return ""
    fig, found = draw(own, key, name)
    kind = "Dots" if "value" in found else "Band and line"
    words = describe(kind, _once(found), what=f"{key} against {name}", unit=str(own["unit"].iloc[0]) or "no unit")
    svg, _ = render.render(fig, f"{key}-{name}".replace(".", "-"), words)
    light, dark = (_address(one) for one in (svg, darken(svg)))
    what = "each dot is a run" if "value" in found else f"median and {_percent(LEVEL)} of the runs nearby"
    if own["level"].notna().all() and len(own) <= MOST_WHISKERS:
        what += f", its line the {_percent(float(own['level'].iloc[0]))} interval"
    return (
        f'<figure><picture><source media="(prefers-color-scheme: dark)" srcset="{dark}">'
        f'<img src="{light}" alt="{html.escape(words)}" width="{SIZE["width"]}" height="{SIZE["height"]}"></picture>'
        f"<figcaption>{html.escape(key)} against {html.escape(name)}; {what}.</figcaption></figure>"
    )


def _once(found: pd.DataFrame) -> pd.DataFrame:
    """Runs that share a place, as the lowest and the highest of them."""
    if found.index.is_unique:
        return found
    return found.groupby(level=0)["value"].agg(lowest="min", highest="max")


def _style() -> str:
    names = {"--paper": "paper", "--ink": "ink", "--muted": "muted", "--line": "grid"}
    light, dark = (
        " ".join(f"{own}: {getattr(COLOURS[name], theme)};" for own, name in names.items())
        for theme in ("light", "dark")
    )
    return STYLE.replace("LIGHT", light).replace("DARK", dark)


def _percent(share: float) -> str:
    return wording.percent(share).replace(" ", "\u00a0")


def _address(svg: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def _missing(key: str) -> str:
    return f'<p class="quiet">No run gave a number for {html.escape(key)}: see the table.</p>'


def _counted(done: int, failed: int) -> str:
    told = f"{wording.count(done, 'run').capitalize()} done"
    return f"{told}, {wording.number(failed)} failed." if failed else f"{told}, none failed."


def _failures(failed: list) -> str:
    """The runs that have no result, with the reason."""
    if not failed:
        return ""
    first = failed[:MOST_FAILURES]
    rows = "".join(f"<tr><td>{number}</td><td>{html.escape(reason)}</td></tr>" for number, _, reason in first)
    more = f'<p class="quiet">The first {MOST_FAILURES} of {len(failed):,}.</p>' if len(failed) > len(first) else ""
    head = "<thead><tr><th>Run</th><th>Why it has no result</th></tr></thead>"
    return f'<h2>Failed</h2>{more}<div class="wide"><table>{head}<tbody>{rows}</tbody></table></div>'
