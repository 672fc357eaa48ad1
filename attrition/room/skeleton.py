"""Beginning a data room of one's own: a contract with gaps, empty tables, and a page that says how to fill them.

The shape is taken from a room that has all that the chapters read; nothing of its figures is. What is left open is
left empty, so that the check of the room names it.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrition.room.contract import CONTRACT, RoomError

CODES = {"side": "AA", "opponent": "BB", "buyer": "CC"}
COPIED = ("definitions",)  # what is counted; the chapters ask for measures by these names
OTHERS = ("licenses", "sources", "vintage", "transcribedBy", "transcribedUntil", "acceptedFrom", "refreshed")
FIRST_ROWS = {"sources": {"id": "own_calculation", "name": "Own calculation", "role": "own_calculation"}}
README = """# A data room of your own

1. Fill in `war` in `datapackage.json`: how the war is called, its first day, the last day you looked at (`as_of`), the
   two sides and the largest buyer of the export crude, and who plays which part (`speakers`: a part that nobody plays
   in your war still needs a row of `sources.csv`, whose figures are then simply absent).
   `AA`, `BB` and `CC` are codes to be replaced everywhere: in `war`, as `side` of the series, and in the roles of the
   column `role` (`party_aa`: a speaker of side AA).
2. Put every speaker into `sources.csv`, every cited figure into `evidence/<topic>.csv`, one a row, every regular
   series into `series/`. What is counted stands in `definitions.csv`; the chapters ask for measures by the names there,
   so keep the names and adapt the words. The columns `named_end_<year>` of `series/named_dead.csv` are yours to
   rename: one for each state of the list of names, with the day from which it was known.
3. `python -m attrition check --room {place}` lists in plain sentences what is missing or wrong.
4. `python -m attrition build --room {place} --out _build/{name}` builds the book on it.

A filled room to look at is `examples/demo-war`, whose generator shows which figures each chapter reads.
"""


def begin(folder: Path, like: Path) -> Path:
    """Write the skeleton of a room into a folder that is not there yet, and return the folder.

    Parameters
    ----------
    like : Path
        A room that has every table the chapters read; its contract and its definitions are taken over.

    Raises
    ------
    RoomError
        If the folder holds anything, or its name gives a room no name.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RoomError(f"Expected a folder that is new or empty, found {folder} in use: choose another place.")
    package = json.loads((like / CONTRACT).read_text(encoding="utf-8"))
    schemas = {one["schema"] for one in package["resources"] if isinstance(one["schema"], str)}
    text = json.dumps(_open(package, folder.name), indent=2, ensure_ascii=False)
    _put(folder / CONTRACT, _recoded(text, package["war"]) + "\n")
    for path in sorted(schemas):
        _put(folder / path, (like / path).read_text(encoding="utf-8"))
    for one in package["resources"]:
        _put(folder / one["path"], _table(one, like))
    _put(folder / "README.md", README.format(place=folder, name=folder.name))
    return folder


def _open(package: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The contract without what is another war's: the names of the war, of its speakers and of its sources."""
    war = package["war"]
    blank = {code: {"name": "", "adjective": ""} for code in (war[part] for part in CODES)}
    both = {"both": {"name": "both sides", "adjective": "of both sides"}}
    told = {part: war[part] for part in CODES}
    told |= {"daily_claim": {"measure": war["daily_claim"]["measure"], "source": ""}, "sides": blank | both}
    told |= {"speakers": dict.fromkeys(war["speakers"], ""), "short_names": {}, "marks": {}}
    told |= {"cuts": {series: [] for series in war["cuts"]}}
    head = {"name": name, "title": f"{name}: a data room", "description": "", "profile": package["profile"]}
    resources = [_resource(one) for one in package["resources"]]
    return {**head, "war": {"name": "", "start": "", "as_of": "", **told}, "resources": resources}


def _resource(one: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: said for name, said in one.items() if name not in OTHERS}
    kept["description"] = one.get("description", "").partition(" Synthetic")[0]
    if "source" in one:
        kept["source"] = ""
    if not isinstance(one["schema"], str):
        fields = [{name: said for name, said in field.items() if name != "source"} for field in one["schema"]["fields"]]
        kept["schema"] = {**one["schema"], "fields": fields}
    return kept


def _recoded(text: str, war: Mapping[str, Any]) -> str:
    """Put the open codes in place of the sides'."""
    for part, code in CODES.items():
        text = text.replace(f'"{war[part]}"', f'"{code}"').replace(
            f'"party_{war[part].lower()}"', f'"party_{code.lower()}"'
        )
    return text


def _table(one: Mapping[str, Any], like: Path) -> str:
    """A table with its header alone, or as it is where it only says what is counted."""
    text = (like / one["path"]).read_text(encoding="utf-8")
    if one["name"] in COPIED:
        return text
    names = next(csv.reader([text.splitlines()[0]]))
    rows = [FIRST_ROWS[one["name"]]] if one["name"] in FIRST_ROWS else []
    lines = io.StringIO()
    writer = csv.DictWriter(lines, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return lines.getvalue()


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8"))
