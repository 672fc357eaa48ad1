"""The book read with another data room than the project's own: its edition, and pages that say whose numbers they hold.

Numbers, computed sentences and figures come from the room. The prose is written about the project's own war: its names
of the sides are replaced by those of the other room, side by side, and a notice on every page says what is not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from attrition.edition import Edition

ROLES = ("side", "opponent", "buyer")
FENCE, CODE, ADDRESS = r"^[`:]{3,}.*$", r"`[^`\n]+`", r"\]\([^)]*\)|<[^>\n]*>|https?://\S+"
KEPT = re.compile(f"{FENCE}|{CODE}|{ADDRESS}", re.MULTILINE)  # what stays as it is, roles among it
TITLE = re.compile(r"^# .*$", re.MULTILINE)


def is_own(root: Path, room: Path) -> bool:
    """Whether a room is the project's own."""
    return room.resolve() == (root / "data").resolve()


def edition_of(room: Path) -> Edition | None:
    """The edition of a room that has none: as known on its last day, at the chapters' own parameters.

    A room whose contract cannot be read gets none; the check of the room says what is wrong with it.
    """
    try:
        contract = _contract(room)
        last = date.fromisoformat(contract["war"]["as_of"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    name = re.sub(r"[^a-z0-9]+", "-", str(contract.get("name", room.name)).lower()).strip("-") or "room"
    return Edition(name=name, title=str(contract.get("title", name)), cutoff=last)


def notice(contract: Mapping[str, Any]) -> str:
    """Say on a page whose numbers it holds."""
    invented = " Its data are synthetic: they are about no real event." if contract.get("synthetic") else ""
    return (
        ":::{admonition} Another data room\n:class: warning another-room\n\n"
        f"This page is built from the data room “{contract.get('title', contract.get('name', ''))}”.{invented} Numbers,"
        " figures and computed sentences are that room's, and so are the names of the sides. All else in the prose"
        " (events, places, speakers, years) is the book's own and speaks of another war.\n:::\n"
    )


def adapt(text: str, root: Path, room: Path) -> str:
    """Put the names of a room's sides in place of the own ones, and the notice under the title of a page."""
    there = _contract(room)
    renamed = _rename(text, names(_contract(root / "data")["war"], there["war"]))
    return TITLE.sub(lambda title: f"{title[0]}\n\n{notice(there)}", renamed, count=1)


def adapt_notebook(notebook: Mapping[str, Any], root: Path, room: Path) -> dict[str, Any]:
    """Do the same in the cells of text of a notebook; the notice stands under its title."""
    there = _contract(room)
    pairs = names(_contract(root / "data")["war"], there["war"])
    changed, told = json.loads(json.dumps(notebook)), False
    for cell in changed["cells"]:
        if cell["cell_type"] == "markdown":
            text = _rename("".join(cell["source"]), pairs)
            if not told and TITLE.search(text):
                text, told = TITLE.sub(lambda title: f"{title[0]}\n\n{notice(there)}", text, count=1), True
            cell["source"] = text
    return changed


def names(own: Mapping[str, Any], there: Mapping[str, Any]) -> dict[str, str]:
    """Names and adjectives of the own sides, and what the other room calls the side of the same part.

    Examples
    --------
    >>> own = {"side": "A", "opponent": "B", "sides": {c: {"name": c, "adjective": f"{c}ish"} for c in "AB"}}
    >>> there = {"side": "B", "opponent": "A", "sides": own["sides"]}
    >>> names(own, there)
    {'A': 'B', 'Aish': 'Bish', 'Aishs': 'Bish people', 'B': 'A', 'Bish': 'Aish', 'Bishs': 'Aish people'}
    """
    pairs = {}
    for role in ROLES:
        if role in own and role in there:
            ours, theirs = own["sides"][own[role]], there["sides"][there[role]]
            pairs |= {ours[form]: theirs[form] for form in ("name", "adjective")}
            pairs[f"{ours['adjective']}s"] = f"{theirs['adjective']} people"
    return pairs


def _rename(text: str, pairs: Mapping[str, str]) -> str:
    """Replace whole words outside of code and addresses."""
    words = re.compile(rf"\b({'|'.join(map(re.escape, sorted(pairs, key=len, reverse=True)))})\b")
    parts, at = [], 0
    for kept in KEPT.finditer(text):
        parts += [words.sub(lambda word: pairs[word[0]], text[at : kept.start()]), kept[0]]
        at = kept.end()
    return "".join([*parts, words.sub(lambda word: pairs[word[0]], text[at:])])


def _contract(room: Path) -> dict[str, Any]:
    return json.loads((room / "datapackage.json").read_text(encoding="utf-8"))
