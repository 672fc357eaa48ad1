"""How a value, a card and a figure read as HTML.

Everything that comes from data is escaped here and nowhere else. This room knows neither Sphinx nor files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from attrition.wording import day, percent

FORMS = ("text", "interval", "range", "label")
MAX_ROWS = 40
DAY = re.compile(r"\d{4}-\d{2}-\d{2}$")
NARROW_SCREEN = "(max-width: 575.98px)"
LONG, SHORT = 48, 20  # characters: a longer value is a sentence and is marked less, a shorter one stays on one line


def phrase(row: Mapping[str, Any], form: str = "text") -> str:
    """Return a value in one of its forms.

    >>> row = {"text": "30,000", "interval": "28,000 to 32,000", "level": 0.9, "label": "Losses a month"}
    >>> phrase(row, "range")
    '30,000 (90 % interval 28,000 to 32,000)'
    >>> phrase({**row, "interval": ""}, "range")
    '30,000'
    """
    if form != "range":
        return str(row[form])
    span = interval(row)
    return f"{row['text']} ({span})" if span else row["text"]


def name(row: Mapping[str, Any]) -> str:
    """Return a value's short name as it stands at the start of a line, escaped.

    >>> name({"label": "dollar on Urals"})
    'Dollar on Urals'
    """
    return escape(row["label"][:1].upper() + row["label"][1:])


def interval(row: Mapping[str, Any]) -> str:
    """Return a value's interval with its level, or nothing where it has none."""
    return " ".join(_interval_parts(row))


def value_html(row: Mapping[str, Any], words: str, href: str, ident: str) -> str:
    """Return a value as a link (without `href`: as text) with a note that hover and focus show; all escaped."""
    span = interval(row)
    told = "" if words == row["text"] and not span else " · ".join(filter(None, [row["text"], span]))
    lines = [
        ("label", name(row)),
        ("range", escape(told)),
        ("definition", escape(row["definition"])),
        ("source", escape(f"Data to {day(row['as_of'])} · {'; '.join(row['source_names'])}")),
    ]
    note = "".join(f'<span class="value-note-{part}">{text}</span> ' for part, text in lines if text)
    kind = "value-sentence" if len(words) > LONG else "value-short" if len(words) < SHORT else "value-words"
    start, end = (f'<a href="{escape(href)}"', "</a>") if href else ('<span tabindex="0"', "</span>")
    return (
        f'<span class="value">{start} class="value-link {kind}" aria-describedby="{ident}">{escape(words)}{end}'
        f'<span class="value-note" role="tooltip" id="{ident}" hidden>{note}</span></span>'
    )


def card_html(row: Mapping[str, Any], value: str, label: str, note: str, was: str, chapter: str) -> str:
    """Return one key number as a card; `value` and `chapter` are HTML, the rest is escaped.

    `was` says how the number read in the edition before.
    """
    details = [("interval", _unbroken(*_interval_parts(row))), ("was", escape(was)), ("note", escape(note))]
    return (
        f'<div class="key-number"><p class="key-number-label">{escape(label) or name(row)}</p>'
        f'<p class="key-number-text">{value}</p><div class="key-number-details">'
        + "".join(f'<p class="key-number-{name}">{text}</p>' for name, text in details if text)
        + f'</div><p class="key-number-meta">{_unbroken("Data to " + day(row["as_of"]))} {chapter}</p></div>'
    )


def figure_html(
    name: str,
    figure: Mapping[str, Any],
    table: tuple[Sequence[str], Sequence[Sequence[str]]],
    *,
    root: str,
    number: int | None = None,
    chapter: str = "",
) -> str:
    """Return a figure with caption, source, files and the numbers behind it.

    Parameters
    ----------
    figure : mapping
        ``caption, source, alt, width, height`` (the size in pixels, for the page's layout before the image is there).
    table : (header, rows)
        The numbers behind the figure.
    root : str
        Relative path from the page to the site's root, empty or ending in a slash.
    number : int, optional
        Place among the figures of its chapter; elsewhere figures have none.
    chapter : str
        HTML link to the figure's chapter, on other pages.
    """
    files = f"{root}figures/{escape(name)}"
    what = f"figure {number}" if number else f"the figure {escape(name.replace('_', ' '))}"
    heading = f'<span class="figure-number">Figure {number}.</span> ' if number else ""
    source = " · ".join(filter(None, [escape(figure["source"]), chapter]))
    return (
        f'<div class="result-figure"><figure id="figure-{escape(name)}">{_images(figure, files)}\n<figcaption>'
        f'<p class="figure-caption">{heading}{escape(figure["caption"])}</p>\n<p class="figure-source">{source}</p>\n'
        f'<p class="figure-files">{_file_links(files, what, figure.get("files"))}</p></figcaption></figure>\n'
        f"{_numbers_html(*table, what)}</div>\n"
    )


def cell(text: str) -> str:
    """Shorten a number with a long tail of decimals; leave everything else as it is in the file.

    >>> cell("28412.333333"), cell("0.123456789"), cell("2024-02-19"), cell("1200"), cell("0.25")
    ('28412.3', '0.1235', '2024-02-19', '1200', '0.25')
    """
    _, dot, decimals = text.partition(".")
    if not dot or len(decimals) <= 3:
        return text
    try:
        number = float(text)
    except ValueError:
        return text
    return f"{number:.1f}" if abs(number) >= 1000 else f"{number:.4g}"


def _interval_parts(row: Mapping[str, Any]) -> list[str]:
    """An interval as the pieces that stay on one line each: what it is, and from where to where."""
    named = [f"{percent(row['level'])} interval"] if row["interval"] and row["level"] else []
    return [*named, row["interval"]] if row["interval"] else []


def _unbroken(*parts: str) -> str:
    """Pieces of text, each kept on one line."""
    return " ".join(f'<span class="unbroken">{escape(part)}</span>' for part in parts)


def _images(figure: Mapping[str, Any], files: str) -> str:
    """The light and the dark image, each with its narrow edition if there is one; what is not shown is not loaded."""
    size = f'width="{round(float(figure["width"]))}" height="{round(float(figure["height"]))}"'
    images = ""
    for theme, end in (("light", ".svg"), ("dark", ".dark.svg")):
        image = f'<img class="only-{theme}" src="{files}{end}" alt="{escape(figure["alt"])}" {size} loading="lazy">'
        images += _with_narrow(image, f"{files}.narrow{end}", figure["narrow"]) if figure.get("narrow") else image
    return images


def _with_narrow(image: str, file: str, size: Sequence[float]) -> str:
    """An image that gives way to its narrow edition on narrow screens."""
    width, height = (round(float(pixels)) for pixels in size)
    source = f'<source media="{NARROW_SCREEN}" srcset="{file}" width="{width}" height="{height}">'
    return f"<picture>{source}{image}</picture>"


def _file_links(files: str, what: str, kept: Sequence[str] | None) -> str:
    """Links to the data and the images kept; their names say of which figure, for those who hear them in a row."""
    kinds = (("Data", "csv"), ("Image", "svg"), ("Image", "png"))
    return " ".join(
        f'<a href="{files}.{end}" aria-label="{kind} of {what} as {end.upper()}">{end.upper()}</a>'
        for kind, end in kinds
        if kept is None or f".{end}" in kept
    )


def _numbers_html(header: Sequence[str], rows: Sequence[Sequence[str]], what: str) -> str:
    """The numbers behind a figure as a folded table: forty rows, the newest ones where rows are days."""
    if not header:
        return ""
    dated = all(DAY.match(row[0]) for row in rows)
    shown, which = (rows[-MAX_ROWS:], "last") if dated else (rows[:MAX_ROWS], "first")
    every = len(shown) == len(rows)
    count = (
        f"All {len(rows)} rows." if every else f"The {which} {MAX_ROWS} of {len(rows)} rows; the CSV file has them all."
    )
    heads = " ".join(f'<th scope="col">{escape(name.replace("_", " "))}</th>' for name in header)
    body = "\n".join(f"<tr>{_row_html(row)}</tr>" for row in shown)
    return (
        f'<details class="figure-table"><summary>Numbers of {what} as a table</summary>'
        f'<div class="table-scroll" role="region" aria-label="Numbers of {what}" tabindex="0"><table>'
        f"<caption>{count}</caption>\n<thead><tr>{heads}</tr></thead>\n<tbody>{body}</tbody></table></div></details>"
    )


def _row_html(row: Sequence[str]) -> str:
    """The cells of a row; the first is its header."""
    first, *others = (escape(cell(text)) for text in row)
    return " ".join([f'<th scope="row">{first}</th>', *(f"<td>{text}</td>" for text in others)])
