"""Rows and files: how a told figure becomes a line of a table, and tables become a data room.

The contract (`contract.json`) and the measures (`definitions.csv`) are kept beside this module as they are; what is
drawn is filled in. Numbers are rounded before they are written, so that the same seed gives the same bytes.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

HERE = Path(__file__).parent
COLUMNS = [
    *("id", "topic", "measure", "side", "region", "partner", "as_of", "period_start", "period_end"),
    *("low", "central", "high", "bound", "unit", "kind", "source", "title", "url", "published", "note", "seen_at"),
]

ADDRESS = "https://example.org/demo-war"
SYNTHETIC = "synthetic: drawn by examples/demo_war.py, about no real event"


class Told:
    """Collects cited figures; topic and unit come from the measure, the rest is said by keyword."""

    def __init__(self) -> None:
        self.measures = pd.read_csv(HERE / "definitions.csv", dtype=str).set_index("measure")
        self.rows: list[dict[str, str]] = []

    def say(self, measure, source, as_of, central=None, *, low=None, high=None, kind="think_tank_estimate", **more):
        """Note one figure: its measure, its speaker, its day and its number; `bound` follows from the number."""
        bound = "about" if low is not None and high is not None else "at_least" if low is not None else "exact"
        bound = "at_most" if bound == "exact" and central is None else bound
        numbers = {"low": low, "central": central, "high": high}
        days = {name: more.pop(name, None) for name in ("period_start", "period_end", "published")}
        row = dict.fromkeys(COLUMNS, "") | {"side": "XV", "bound": bound, **more}
        row |= {name: number(one) for name, one in numbers.items()}
        row |= {name: "" if one is None else f"{pd.Timestamp(one):%Y-%m-%d}" for name, one in days.items()}
        row |= {"measure": measure, "source": source, "as_of": f"{pd.Timestamp(as_of):%Y-%m-%d}", "kind": kind}
        row |= {name: self.measures.loc[measure, name] for name in ("topic", "unit")}
        row |= {"id": f"S{len(self.rows) + 1:04d}", "title": f"synthetic figure: {measure.replace('_', ' ')}"}
        self.rows.append(row | {"url": f"{ADDRESS}/{source}", "note": SYNTHETIC, "seen_at": ADDRESS})

    def tables(self) -> dict[str, list[dict[str, str]]]:
        """Rows by table of evidence."""
        found: dict[str, list] = {}
        for row in self.rows:
            found.setdefault(f"evidence/{row['topic']}", []).append(row)
        return found


def number(value, digits: int = 2) -> str:
    """Write a number short and the same everywhere; nothing for a missing one.

    >>> number(1200.0), number(0.5), number(None)
    ('1200', '0.5', '')
    """
    if value is None or value != value:
        return ""
    return f"{round(float(value), digits):.{digits}f}".rstrip("0").rstrip(".")


def write(folder: Path, war: Mapping, tables: Mapping[str, list[dict]]) -> None:
    """Write a data room: the contract with its war, every table it lists, and the definitions."""
    contract = json.loads((HERE / "contract.json").read_text(encoding="utf-8"))
    contract["war"] = war
    for resource in contract["resources"]:
        schema = resource["schema"]
        schema = json.loads((HERE / schema).read_text(encoding="utf-8")) if isinstance(schema, str) else schema
        if resource["name"] != "definitions":
            names = [field["name"] for field in schema["fields"]]
            put(folder / resource["path"], as_csv(names, tables.get(resource["name"], [])))
    for name in ("definitions.csv", "schemas/evidence.json"):
        put(folder / name, (HERE / name).read_text(encoding="utf-8"))
    put(folder / "datapackage.json", json.dumps(contract, indent=2, ensure_ascii=False) + "\n")


def as_csv(names: list[str], rows: list[dict]) -> str:
    """Write rows as CSV text; a row with a column that is not listed is an error."""
    text = io.StringIO()
    writer = csv.DictWriter(text, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def put(path: Path, text: str) -> None:
    """Write a file, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8"))
