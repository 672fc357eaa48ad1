"""Style sheets without what no page uses: the theme's is made for every site there could be.

A rule goes if it asks for a class that neither a page of the site nor a script that a page loads ever names. Everything
else stays as it is: elements, ids, attributes, what stands inside `:not()` or `:is()`, keyframes, variables.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from pathlib import Path

from attrition.files import write_atomically

GENERAL = ("styles/pydata-sphinx-theme.css", "styles/sphinx-book-theme.css", "mystnb.*.css", "basic.css")
NOT_OURS = ("_sources", "editions")
PART = re.compile(r"""/\*.*?\*/|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[{};]""", re.DOTALL)
NESTED = ("@media", "@supports", "@layer", "@container")
CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
INSIDE = re.compile(r":(?:not|is|where|has)\((?:[^()]|\([^()]*\))*\)")
ATTRIBUTE = re.compile(r"""\bclass=(?:"([^"]*)"|'([^']*)')""")
SCRIPT = re.compile(r"""<script\b[^>]*\bsrc="([^"?]+)""")
INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)
NAME = re.compile(r"[A-Za-z_][\w-]*")


def slim(site: Path) -> None:
    """Take out of the general style sheets of a finished site, in place, what none of its pages uses."""
    names = used(site)
    for pattern in GENERAL:
        for path in sorted((site / "_static").glob(pattern)):
            write_atomically(path, kept(path.read_text(encoding="utf-8"), names))


def used(site: Path) -> set[str]:
    """Return every class that a page of a site has, and every word of the scripts that its pages load."""
    found: set[str] = set()
    scripts: set[Path] = set()
    for page in site.rglob("*.html"):
        if page.relative_to(site).parts[0] not in NOT_OURS:
            text = page.read_text(encoding="utf-8")
            found.update(*(" ".join(pair).split() for pair in ATTRIBUTE.findall(text)))
            found.update(*map(NAME.findall, INLINE.findall(text)))
            scripts |= {(page.parent / source).resolve() for source in SCRIPT.findall(text)}
    for script in scripts:
        if script.is_file():
            found.update(NAME.findall(script.read_text(encoding="utf-8")))
    return found


def kept(sheet: str, names: Set[str]) -> str:
    """Return a style sheet without the rules that ask for a class that is not among the names.

    >>> kept("a.x,b{c:d}.y .x{e:f}@media print{.y{g:h}}@media print{:not(.y){i:j}}", {"x"})
    'a.x,b{c:d}@media print{:not(.y){i:j}}'
    """
    return "".join(_kept(prelude, body, names) for prelude, body in _rules(sheet))


def _kept(prelude: str, body: str | None, names: Set[str]) -> str:
    """One rule, or what is left of it."""
    if body is None:
        return prelude
    if prelude.startswith(NESTED):
        inner = kept(body, names)
        return f"{prelude}{{{inner}}}" if inner.strip() else ""
    if prelude.startswith("@"):
        return f"{prelude}{{{body}}}"
    asked = [selector for selector in _selectors(prelude) if _wanted(selector, names)]
    return f"{','.join(asked)}{{{body}}}" if asked else ""


def _wanted(selector: str, names: Set[str]) -> bool:
    return "\\" in selector or set(CLASS.findall(INSIDE.sub("", selector))) <= names


def _rules(sheet: str) -> Iterator[tuple[str, str | None]]:
    """Yield the rules of a sheet: what stands before the braces and in them; None for a statement without braces."""
    depth = start = opened = 0
    for mark in PART.finditer(sheet):
        if mark[0] == "{":
            depth += 1
            opened = mark.start() if depth == 1 else opened
        elif mark[0] == "}":
            depth -= 1
            if depth == 0:
                yield _bare(sheet[start:opened]), sheet[opened + 1 : mark.start()]
                start = mark.end()
        elif mark[0] == ";" and depth == 0:
            yield _bare(sheet[start : mark.end()]), None
            start = mark.end()


def _bare(text: str) -> str:
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL).strip()


def _selectors(prelude: str) -> Iterable[str]:
    """Split at commas that stand in no bracket."""
    parts, depth = [""], 0
    for sign in prelude:
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts]
