"""Numerals of a built site that nothing stands behind: ``python tests/site/numerals.py SITE`` lists them.

A number on a page is one of these, and the page's own markup says which:

- a recorded value (the ``value`` role, a card), a figure with its caption and table, the output of a cell,
  or a table written from the data room: computed, and traceable;
- a day, a month or a year; the level of the book's intervals ("90 % interval"), where all recorded values have it;
- code, a formula, the number of a figure or a formula;
- fixed: a constant of a method, a scale, a name that contains a number. Nothing that data could change. It is marked
  with the ``fixed`` role or directive, or its whole page is (``fixed: why`` at its top).

Everything else is a number that somebody typed, and would stay when the data change. On a page that is fixed as a whole
a number that reads exactly like a recorded one is suspected to be typed too.
"""

import argparse
import calendar
import json
import re
import sys
from pathlib import Path

from browser import pages
from bs4 import NavigableString
from links import parsed

from attrition.wording import percent

BOUND = (
    ".value, .value-words, .key-number-text, .key-number-interval, .key-number-meta",  # recorded values
    ".key-number-was",
    ".result-figure, .figure-link, .cell_output, table.room, [data-bound]",  # figures, outputs, generated tables
)
NOT_PROSE = (
    "pre, code, kbd, samp, script, style, template, math, .eqno, .headerlink, .cell_input, summary, input, output",
    ".edition, .page-furniture",
)
FIXED = ".fixed"
NAMES = re.compile(r"\bCC BY 4\.0\b")  # of a licence; pages name it wherever they say who may do what
MONTH = list(calendar.month_name)[1:]
MONTHS = "|".join([*MONTH, *(name[:3] for name in MONTH)])
YEAR = r"(?:19|20)\d\d"
DATES = re.compile(
    rf"\b{YEAR}-\d\d(?:-\d\d)?\b"
    rf"|\b\d{{1,2}}(?: (?:to|and) \d{{1,2}})? (?:{MONTHS})\b(?: {YEAR})?|\b(?:{MONTHS}) {YEAR}\b|\b{YEAR}[–/-]\d\d\b"
    rf"|(?<![\d.,€$£¥])\b{YEAR}s?\b(?![.,]?\d)(?!\s*(?:%|per cent|percent|persons|people|soldiers|roubles|dollars))"
)
NUMERAL = re.compile(r"(?<![\w.,])(?<![A-Za-z]-)[−-]?\d+(?:[.,]\d+)*(?![\w])|(?<![\w.,-])\d+(?:[.,]\d+)*(?=[a-z])")
ALIKE = 4  # digits from which a number on a fixed page that reads like a recorded one is no coincidence


def unbound(site):
    """Every numeral of the site's pages that is not bound, as sentences."""
    values = recorded(site)
    return [
        f"{name}: '{numeral}' in '{words}' is typed: record it as a value, or mark it as fixed"
        for name in pages(site)
        for numeral, words in on_page(parsed(site / name), telling(values), level(values))
    ]


def on_page(page, telling=frozenset(), level=""):
    """Pairs of an unbound numeral and the words around it, in the article of a parsed page.

    `telling` are the numerals that are suspect even on a page that is fixed; `level` is that of all intervals.
    """
    article = page.select_one("article")
    if article is None:
        return []
    whole = page.select_one("[data-fixed]") is not None
    kept = {id(part) for part in article.select(", ".join((*BOUND, *NOT_PROSE, FIXED)))}
    found = []
    for text in article.find_all(string=True):
        if type(text) is not NavigableString or any(id(parent) in kept for parent in text.parents):
            continue
        words = " ".join(text.split())
        hits = numerals(words.replace(f"{level} interval", "interval") if level else words)
        found += [(hit, _around(words, hit)) for hit in hits if not whole or hit in telling]
    return found


def numerals(words):
    """Numerals in a text, apart from days, months, years and names."""
    rest = NAMES.sub("", DATES.sub(lambda date: " " * len(date[0]), words))
    return [hit[0] for hit in NUMERAL.finditer(rest)]


def recorded(site):
    """The rows of the site's values.json; none where it has no such file."""
    file = site / "values.json"
    return list(json.loads(file.read_text(encoding="utf-8"))["values"].values()) if file.is_file() else []


def telling(values):
    """Numerals of recorded values that are too long to stand on another page by coincidence."""
    hits = {hit for row in values for hit in numerals(f"{row['text']} {row['interval']}")}
    return frozenset(hit for hit in hits if len(re.sub(r"\D", "", hit).strip("0")) >= ALIKE)


def level(values):
    """The level of all recorded intervals as pages write it, or nothing where there are several."""
    levels = {row["level"] for row in values if row["interval"] and row["level"]}
    return percent(levels.pop()) if len(levels) == 1 else ""


def _around(words, hit):
    start = max(0, words.find(hit) - 40)
    return words[start : start + 80 + len(hit)]


def main():
    """Read the command line."""
    parser = argparse.ArgumentParser(description="List the numerals of a built site that nothing stands behind.")
    parser.add_argument("site", type=Path, help="for example _build/html")
    found = unbound(parser.parse_args().site)
    print("\n".join(found) or "Every numeral is bound.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
