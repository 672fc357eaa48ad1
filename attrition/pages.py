"""Pages written from the data room and the results: values, sources, definitions, data.

Text in, Markdown with plain HTML tables out; every word that comes from data is escaped.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from attrition import ages, wording

SHOWN = 2  # speakers of a value before the fold
HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
NUMBER = re.compile(r"-?[0-9]+([.][0-9]+)?")


def generate(room, results: Mapping[str, Any], live: Iterable[Any] = ()) -> dict[str, str]:
    """Write all generated pages of one edition.

    Parameters
    ----------
    room : attrition.room.Room
        Opened at the edition's cutoff.
    results : mapping
        The document behind `values.json`.
    live : iterable of attrition.sources.Manifest
        The live sources; those whose speaker the room does not know are left out.

    Returns
    -------
    dict of str
        Markdown by page name.
    """
    figures = room.figures()
    return {
        "values": values_page(results),
        "sources": sources_page(room.sources(), figures, room.war, live_section(room, live)),
        "definitions": definitions_page(room.definitions(), figures),
        "data": data_page(room),
    }


def values_page(results: Mapping[str, Any]) -> str:
    """List every recorded value with its interval, definition, sources and chapter; sentences after numbers."""
    rows = results["values"]
    numbers = [_value_row(key, value) for key, value in rows.items() if value["unit"] != "words"]
    sentences = [_value_row(key, value) for key, value in rows.items() if value["unit"] == "words"]
    heads = ["Name and key", "Value", "Interval", "What it is", "As of", "Sources", "Chapter"]
    return page(
        "Values",
        "Every number in the prose of this book is one of these. Hover over a number, or reach it with the tab key,"
        " to see the same there; click it to land on its row here."
        ' <a href="values.json">values.json</a> holds them all for programs.',
        _families({key: key.partition(".")[0] for key, row in rows.items() if row["unit"] != "words"})
        + table("Values", heads, numbers)
        + "\n## Words that follow the numbers\n\nThese parts of sentences are computed too, so that they stay true"
        " when data or parameters change.\n\n" + table("Computed words", heads, sentences),
    )


def _families(families: Mapping[str, str]) -> str:
    """A line that leads to the first row of each family; families by the rows' names, in the order of the rows."""
    first = {family: key for key, family in reversed(families.items())}
    links = " ".join(link(f"#{first[name]}", name.replace("_", " ")) for name in dict.fromkeys(families.values()))
    return f'<p class="jump">Go to: {links}</p>\n\n'


def _value_row(key: str, value: Mapping[str, Any]) -> tuple[str, ...]:
    speakers = zip(value["sources"], value["source_names"], strict=True)
    chapter = value["notebook"].removesuffix(".ipynb")
    return (
        anchor(key, f"{cell(value['label'][:1].upper() + value['label'][1:])}<br>{code(key)}"),
        strong(value["text"]) if value["unit"] != "words" else cell(value["text"]),
        cell(interval(value)),
        cell(value["definition"]),
        cell(wording.day(value["as_of"])),
        _few([link(f"sources.html#{source}", name) for source, name in speakers]),
        link(f"{chapter}.html", chapter.split("/")[-1].replace("_", " ")),
    )


def _few(links: list[str]) -> str:
    """Links in a row; of many, the rest behind a fold."""
    if len(links) <= SHOWN + 1:
        return ", ".join(links)
    rest = f"<details><summary>and {len(links) - SHOWN} more</summary>{', '.join(links[SHOWN:])}</details>"
    return f"{', '.join(links[:SHOWN])} {rest}"


def sources_page(sources, figures, war, live: str = "") -> str:
    """List the speakers: who says it, in which role, whose numbers they repeat, how many figures the room holds."""
    count = figures["source"].value_counts()
    rows = [
        (
            anchor(row.Index, link(row.url, row.name) if row.url else cell(row.name)),
            cell(role_words(row.role, war)),
            ", ".join(link(f"#{other}", sources["name"].get(other, other)) for other in row.copies.split(";") if other),
            str(count.get(row.Index, 0)),
            cell(row.note),
        )
        for row in sources.itertuples()
    ]
    heads = ["Speaker", "Role", "Repeats the figures of", "Figures here", "Note"]
    return page(
        "Sources",
        "Who says what. A speaker who repeats another is no second witness, so the third column matters more than the"
        " number of rows. The role tells where a speaker stands: parties to the war make claims, and their figures are"
        " labelled as claims in this book, whoever makes them.",
        table("Sources", heads, rows) + live,
    )


def live_section(room, live: Iterable[Any]) -> str:
    """List the live sources: what they feed, when their values were last taken in, whether the reader was verified."""
    known = set(room.sources().index)
    rows = [
        (
            f"{strong(source.publisher)}<br>{cell(source.title)}",
            "<br>".join(cell(series.replace("_", " ")) for series in source.series),
            cell(_taken_in(room, source)),
            cell(f"{_reader(source)} {source.note} Licence: {source.licence}."),
        )
        for source in live
        if source.speaker in known
    ]
    heads = ["Publisher", "Series it feeds", "Last change", "Reader and note"]
    lead = (
        "\n## Live sources\n\nA refresh asks these publishers. What arrives is kept as it came, read strictly, compared"
        " with what was accepted before, and taken in only within stated limits; otherwise the last good values"
        " stay.\n\n"
    )
    return lead + table("Live sources", heads, rows) if rows else ""


def _reader(source) -> str:
    return f"Reader: {'tried on a file as served' if source.verified else 'not verified: written from documentation'}."


def _taken_in(room, source) -> str:
    """The day of the last refresh that changed a series with this source's file."""
    found = []
    for series in source.series:
        taken = room.contract.tables.get(f"series/{series}")
        parts = (taken.says("refreshed") or {}).get(source.name, {}) if taken else {}
        found += [part["fetched"][:10] for part in parts.values()]
    return wording.day(max(found)) if found else "never"


def role_words(role: str, war) -> str:
    """Say a speaker's role; a party to the war is named by its side."""
    party, _, code = role.partition("_")
    if party == "party" and code.upper() in war.sides:
        return f"party to the war ({war.sides[code.upper()].name})"
    return role.replace("_", " ")


def definitions_page(definitions, figures) -> str:
    """List the measures: what exactly each counts."""
    count = figures["measure"].value_counts()
    rows = [
        (
            anchor(row.Index, code(row.Index)),
            cell(row.what),
            cell(row.nature + (", since the start" if row.cumulative == "yes" else "")),
            cell(row.unit.replace("_", " ")),
            str(count.get(row.Index, 0)),
            cell(row.note),
        )
        for row in definitions.itertuples()
    ]
    heads = ["Measure", "What it counts", "Kind", "Unit", "Figures here", "Note"]
    return page(
        "Definitions",
        "What each figure counts. Killed, wounded, missing and captured are never added into one another here, and a"
        " count since the start of the war is another measure than a count for a period. Comparing two figures with"
        " different measures is an error that stops the build.",
        _families(dict(definitions["topic"].items())) + table("Definitions", heads, rows),
    )


def data_page(room) -> str:
    """List the tables of the room, the corrections made and the days on which transcriptions disagree."""
    tables = [
        (link(f"data/{r.path}", r.path), cell(r.title), cell(r.description), str(r.rows))
        for r in room.resources().itertuples()
    ]
    corrections = [
        (cell(r.resource), cell(r.key), cell(r.field), cell(r.expected), cell(r.corrected), cell(r.reason))
        for r in room.corrections().itertuples()
    ]
    sections = [
        table("Tables of the data room", ["Table", "Title", "What it holds", "Rows"], tables),
        ages_section(room),
        disputed_section(room),
        restated_section(room),
        "## Corrections\n\nWrong values stay in a table as their publisher wrote them; what we correct is listed here"
        " and applied when the table is read. A correction whose wrong value has disappeared stops the build.\n",
        table("Corrections", ["Table", "Row", "Column", "Read", "Used instead", "Why"], corrections),
    ]
    return page(
        "Data",
        "Everything the book computes from, as plain tables under one contract, `datapackage.json`. Figures are facts"
        " cited to their publishers; our compilation is CC BY 4.0, the publishers' own terms stay theirs.",
        "\n".join(sections),
    )


def ages_section(room) -> str:
    """How old the regular series are: their last row against how often their source comes with a new one."""
    rows = [
        (
            f'<th scope="row">{link("data/" + row["table"], row["title"])}</th>',
            cell(ages.turn(row["cadence_days"])),
            cell(wording.day(row["last"])),
            _age(row),
        )
        for row in ages.ages(room)
    ]
    if not rows:
        return ""
    return (
        "## How old the data are\n\nA regular series is overdue when its last row is older than twice the turn at which"
        " its source publishes. Where scripts run, the age is that of today, otherwise that of the edition's cutoff."
        " Cited figures have no turn: each carries its own day.\n\n"
        + table("Age of the regular series", ["Series", "New rows come", "Last row", "Age"], rows)
    )


def _age(row: Mapping[str, Any]) -> str:
    """Days from a series' last row to the cutoff, marked where overdue; a script tells it for the reader's day."""
    late = ", overdue" if row["overdue"] else ""
    words = f"{wording.count(row['days'], 'day')} before the cutoff{late}"
    mark = f'class="age{" overdue" if late else ""}" data-last="{row["last"]}" data-cadence="{row["cadence_days"]}"'
    return f'<span {mark} data-days="{row["days"]}">{cell(words)}</span>'


def disputed_section(room) -> str:
    """The days on which public transcriptions of one claim read differently, with who reads what."""
    disputed = room.transcriptions(room.war.daily_claim.measure)
    if disputed.empty:
        return ""
    readers = sorted(disputed["transcription"].unique())
    rows = []
    for day, group in disputed.groupby("date", sort=True):
        read = group.set_index("transcription")["value"]
        texts = [wording.number(read[name]) if name in read.index else "no entry" for name in readers]
        rows.append((cell(wording.day(day)), *(cell(text) for text in texts), cell(group["verdict"].iloc[0])))
    return (
        "## Days on which transcriptions disagree\n\nThe same daily claim of losses reaches the public through several"
        " transcriptions. Where they differ, the value that most of them read is used.\n\n"
        + table("Disputed days", ["Day", *(name.replace("_", " ") for name in readers), "Used here"], rows)
    )


def restated_section(room) -> str:
    """Values that publishers changed after they had been accepted, newest first."""
    restated = room.restatements()
    if restated.empty:
        return ""
    rows = [
        (
            cell(wording.day(one.known_from)),
            cell(one.series.replace("_", " ")),
            cell(one.key),
            cell(one.field.replace("_", " ")),
            cell(_reading(one.was)),
            cell(_reading(one.value)),
        )
        for one in restated.itertuples()
    ]
    return (
        "## Restated values\n\nPublishers change what they published. Changes within stated limits are taken over and"
        " listed here; larger ones are refused until a person has looked.\n\n"
        + table("Restated values", ["Since", "Series", "Row", "Column", "Before", "After"], rows)
    )


def _reading(text: str) -> str:
    """A cell of a series as it stands there, with commas for thousands where it is a number."""
    if not NUMBER.fullmatch(text):
        return text.replace("_", " ") or "no entry"
    return wording.number(Decimal(text), decimals=len(text.partition(".")[2]))


def page(title: str, lead: str, body: str) -> str:
    """Put a page together; one of several sections begins with links to them, since wide tables leave no margin."""
    heads = HEADING.findall(body)
    links = " ".join(link(f"#{'-'.join(re.findall('[a-z0-9]+', head.lower()))}", head) for head in heads)
    jump = f'<p class="jump">On this page: {links}</p>\n\n' if heads else ""
    return f"# {title}\n\n{lead}\n\n{jump}{body}\n"


def table(name: str, heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Write an HTML table; cells come escaped. Each carries its column's name, for narrow screens that stack them."""
    heads = [html.escape(head) for head in heads]
    head = "".join(f'<th scope="col">{text}</th>' for text in heads)
    body = "\n".join(f"<tr>{''.join(map(_labelled, heads, row))}</tr>" for row in rows)
    return (
        f'<div class="table-scroll" tabindex="0" role="region" aria-label="{html.escape(name, quote=True)}">\n'
        f'<table class="room">\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>\n</div>\n'
    )


def _labelled(head: str, content: str) -> str:
    return content if content.startswith("<th") else f'<td data-label="{head}">{content}</td>'


def anchor(name: str, content: str) -> str:
    """The first cell of a row that can be linked to."""
    return f'<th scope="row" id="{html.escape(name, quote=True)}">{content}</th>'


def interval(value: Mapping[str, Any]) -> str:
    """An interval with its level, or nothing."""
    return f"{value['interval']} ({wording.percent(value['level'])})" if value["interval"] else ""


def cell(text: Any) -> str:
    """Escape the text of a cell and keep it on one line."""
    return html.escape(" ".join(str(text).split()))


def strong(text: str) -> str:
    """Escape and set off."""
    return f"<strong>{html.escape(text)}</strong>"


def code(text: str) -> str:
    """Escape and set as code."""
    return f"<code>{html.escape(text)}</code>"


def link(address: str, text: str) -> str:
    """A link; an address that is no web address and no page of ours stays plain text."""
    safe = address.startswith(("https://", "http://", "#")) or ("://" not in address and ":" not in address)
    return f'<a href="{html.escape(address, quote=True)}">{html.escape(text)}</a>' if safe else html.escape(text)
