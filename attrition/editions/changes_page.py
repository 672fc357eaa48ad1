"""The page of changes: what moved from one edition to the next, why, and where every edition stands for good.

Records in (`attrition.editions.changes`), Markdown with escaped HTML out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrition import wording
from attrition.editions.changes import HEADLINE_SHARE
from attrition.editions.edition import Edition
from attrition.pages import cell, code, link, page, table

CAUSES = {
    "data": "later data",
    "correction": "rows corrected or restated",
    "method": "method",
}


def write(sources, results: Mapping[str, Any], history: Mapping[str, Any]) -> str:
    """Write the page.

    Parameters
    ----------
    sources : DataFrame
        The speakers, by id.
    results : mapping
        The document behind `values.json`.
    history : mapping
        ``here`` (``name, title, cutoff``), ``editions`` (published ones, newest first, with ``frozen``, their day),
        ``comparisons`` (records of `attrition.editions.changes`, newest first), ``home`` (from this site to that of the
        newest edition).
    """
    titles = {one["name"]: one["title"] for one in [*history["editions"], history["here"]]}
    sections = [_comparison(found, titles, sources, results) for found in history["comparisons"]]
    if not sections:
        sections = ["No edition was published before this one, so there is nothing yet to compare it with."]
    return page(
        "Changes",
        "Each edition against the one before it. A number can move because later data arrived, because a figure that"
        " the older edition already saw was corrected or restated, or because the method changed. To tell these apart,"
        " the older edition is run again at its own cutoff, with the data and the code of today. A headline that moves"
        f" by more than {{fixed}}`{wording.percent(HEADLINE_SHARE)}` stops the build until the project's changelog says"
        " why.",
        "\n".join([*sections, _editions(history)]),
    )


def alone(results: Mapping[str, Any]) -> dict[str, Any]:
    """What the page shows for an edition without a past."""
    here = {"name": results["edition"], "title": results["title"], "cutoff": results["cutoff"]}
    return {"here": here, "editions": [], "comparisons": [], "home": ""}


def shown(one: Edition, published: Iterable[Mapping], comparisons: Iterable[Mapping | None], home: str = "") -> dict:
    """Put together what the page shows of an edition: comparisons that found something, and all published editions."""
    editions = [{k: known[k] for k in ("name", "title", "cutoff", "frozen")} for known in reversed([*published])]
    here = {"name": one.name, "title": one.title, "cutoff": one.cutoff.isoformat()}
    return {"here": here, "editions": editions, "comparisons": [found for found in comparisons if found], "home": home}


def recorded(published: Iterable[Mapping]) -> list[Mapping[str, Any]]:
    """Return the comparisons that published editions carry in their locks, newest first."""
    return [known["changes"] for known in reversed([*published]) if known.get("changes")]


def _wide(text: str) -> str:
    """Let the tables of this page take the width there is, without scrolling sideways."""
    return f'<div class="changes">\n{text}</div>\n'


def _comparison(found: Mapping[str, Any], titles: Mapping[str, str], sources, results: Mapping[str, Any]) -> str:
    """One edition against the one before."""
    before, after = (titles.get(found[name], found[name]) for name in ("before", "after"))
    known = results["values"] if results["edition"] == found["after"] else {}
    head = f"{after} against {before}" if before != after else f"{after} as computed now against as published"
    parts = [
        f"## {head}\n",
        _lead(found),
        _verdicts(found),
        _numbers(found, known),
        _restated(found, sources),
        _coming_and_going(found),
    ]
    return "\n".join(part for part in parts if part)


def _lead(found: Mapping[str, Any]) -> str:
    count = {name: sum(name in row["causes"] for row in found["moved"]) for name in CAUSES}
    why = wording.listing(
        [f"{wording.number(n)} by {CAUSES[name]}" for name, n in count.items() if n], empty="none by anything"
    )
    old, new = (wording.day(day) for day in found["cutoffs"])
    moved = wording.count(len(found["moved"]), "number")
    data = f"Data to {new} instead of {old}." if new != old else "The same cutoff."
    counted = f"<span data-bound>{moved.capitalize()} read differently: {why}.</span>"
    return f"{data} {counted} A number that moved for two reasons counts under both.\n"


def _numbers(found: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    """The numbers that moved, one table a chapter, the widest moves first."""
    if not found["moved"]:
        return "No number of the older edition reads differently.\n"
    parts = ["### Numbers that moved\n"]
    for notebook in dict.fromkeys(row["notebook"] for row in found["moved"]):
        rows = [row for row in found["moved"] if row["notebook"] == notebook]
        name = notebook.split("/")[-1].removesuffix(".ipynb").replace("_", " ")
        heads = ["What", "Was", "Is", "Change", "Why"]
        parts.append(
            f"<details open><summary>{cell(name.capitalize())}:"
            f" {cell(wording.count(len(rows), 'number'))}</summary>\n"
            + _wide(table(f"Numbers that moved in {name}", heads, [_row(row, known) for row in rows]))
            + "</details>\n"
        )
    return "\n".join(parts)


def _row(row: Mapping[str, Any], known: Mapping[str, Any]) -> tuple[str, ...]:
    name = cell(row["label"])
    told = link(f"values.html#{row['key']}", row["label"]) if row["key"] in known else name
    return (
        f'<th scope="row">{told}<br>{code(row["key"])}</th>',
        _told(row, "old"),
        _told(row, "new"),
        cell(_change(row)),
        cell(wording.listing(CAUSES[cause] for cause in row["causes"])),
    )


def _told(row: Mapping[str, Any], which: str) -> str:
    """A value with its interval."""
    span = row[f"{which}_interval"]
    return cell(row[f"{which}_text"]) + (f"<br>{cell(span)}" if span else "")


def _change(row: Mapping[str, Any]) -> str:
    """How far a number moved: a share of the old one, points for shares, nothing for words and days."""
    old, new = row["old"], row["new"]
    if isinstance(old, str) or isinstance(new, str) or row["unit"] == "date":
        return ""
    if row["unit"].endswith("share"):
        points = wording.percentage_points(abs(new - old))
        return f"{'+' if new >= old else wording.MINUS}{points}"
    if not old:
        return ""
    if abs(row["change"]) < 0.0005:
        return "interval only" if old == new else "less than 0.1 %"
    return f"{'+' if new > old else wording.MINUS}{wording.percent(abs(row['change']), beyond=True)}"


def _restated(found: Mapping[str, Any], sources) -> str:
    """Figures that their speakers gave again with other numbers."""
    if not found["restated"]:
        return "### Figures restated by their publishers\n\nNone between the two cutoffs.\n"
    rows = [
        (
            f'<th scope="row">{cell(sources["name"].get(row["source"], row["source"]))}</th>',
            code(row["measure"]),
            cell(row["side"]),
            cell(wording.day(row["as_of"])),
            cell(row["old"]),
            cell(row["new"]),
        )
        for row in found["restated"]
    ]
    return (
        "### Figures restated by their publishers\n\nA speaker who gives another number for the same day and the same"
        " thing restates it. Both versions stay in the data.\n\n"
        + _wide(table("Restated figures", ["Speaker", "Measure", "Side", "Of", "Was", "Is"], rows))
    )


def _verdicts(found: Mapping[str, Any]) -> str:
    """Claims judged otherwise than before."""
    if not found["verdicts"]:
        return "### Claims judged otherwise\n\nNone.\n"
    rows = []
    for row in found["verdicts"]:
        claim = row["key"].split(".")[1]
        told = link(f"{row['notebook'].removesuffix('.ipynb')}.html#claim-{claim}", row["label"])
        why = wording.listing(CAUSES[cause] for cause in row["causes"])
        rows.append((f'<th scope="row">{told}</th>', cell(row["old_text"]), cell(row["new_text"]), cell(why)))
    heads = ["Claim", "Was", "Is", "Why"]
    return "### Claims judged otherwise\n\n" + _wide(table("Claims judged otherwise", heads, rows))


def _coming_and_going(found: Mapping[str, Any]) -> str:
    """Numbers that only one of the two editions has."""
    parts = []
    for which, told in (("new", "only here"), ("gone", "no longer here")):
        if found[which]:
            keys = ", ".join(code(key) for key in found[which])
            count = wording.count(len(found[which]), "number")
            parts.append(f"<details><summary>{cell(count.capitalize())} {told}</summary><p>{keys}</p></details>\n")
    return "\n".join(parts)


def _editions(history: Mapping[str, Any]) -> str:
    """Every edition with its permanent address."""
    home = history["home"]
    rows = [
        (
            f'<th scope="row">{link(home + "editions/" + one["name"] + "/index.html", one["title"])}</th>',
            cell(wording.day(one["cutoff"])),
            cell(f"published {wording.day(one['frozen'])}"),
        )
        for one in history["editions"]
    ]
    here = history["here"]
    if here["name"] not in {one["name"] for one in history["editions"]}:
        rows.insert(
            0, (f'<th scope="row">{cell(here["title"])}</th>', cell(wording.day(here["cutoff"])), "in preparation")
        )
    return (
        "## All editions\n\nA published edition keeps its address and its numbers; corrections go into the next one."
        " Its pages, figures and tables are made anew, by the code of today from what was known by its cutoff."
        " An edition whose cutoff lies long before its publication was computed afterwards, from what had been known by"
        " its cutoff.\n\n" + _wide(table("All editions", ["Edition", "Data to", "State"], rows))
    )
