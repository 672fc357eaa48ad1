"""What changed between two editions, and why: values that moved, figures restated, claims judged otherwise.

A value can move for three reasons. The *data* go on: the newer edition sees rows that the older one could not. A row
that the older edition did see is *corrected* or restated. Or the *method* changed: notebook, code or parameters. They
are told apart by running the older edition again, at its own cutoff, with the data and the code of today: what differs
from the published number is correction or method, the rest is data. Documents in, records out; no file is touched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from attrition import wording

HEADLINE_SHARE = 0.02
SMALLEST_SHARE = 0.0005  # shares that move less than a twentieth of a percentage point have not moved
VERDICT = re.compile(r"^claims\.[a-z0-9_]+\.verdict$")
VERSION = ["topic", "measure", "side", "region", "partner", "as_of", "period_start", "period_end", "source"]
NUMBERS = ["low", "central", "high"]


class ChangesError(RuntimeError):
    """A headline that moved in silence."""


def compare(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    again: Mapping[str, Mapping[str, Any]],
    reasons: Mapping[str, Iterable[str]],
) -> dict[str, Any]:
    """Compare two editions.

    Parameters
    ----------
    before, after : mapping
        What their `values.json` hold.
    again : mapping
        Values of the older edition computed with today's data and code, by key; a key that is missing was not computed.
    reasons : mapping
        By chapter, what changed in the inputs of the older edition since it was published: some of "correction",
        "method".

    Returns
    -------
    dict
        `before, after` (names), `moved` (rows of `key, label, notebook, unit, old, new, old_text, new_text, change,
        causes`), `new` and `gone` (keys), `verdicts` (rows of `claim, said, old, new`).
    """
    old, new = before["values"], after["values"]
    rows = [_moved(key, old[key], new[key], again.get(key), reasons) for key in old if key in new]
    moved = [row for row in rows if row]
    return {
        "before": before["edition"],
        "after": after["edition"],
        "generated_from": [before["generated_from"], after["generated_from"]],
        "moved": [row for row in moved if not VERDICT.match(row["key"])],
        "new": sorted(key for key in new if key not in old and new[key]["unit"] != "words"),
        "gone": sorted(key for key in old if key not in new and old[key]["unit"] != "words"),
        "verdicts": [row for row in moved if VERDICT.match(row["key"])],
    }


def since(history: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    """Pick what pages say of the edition before one; nothing where no comparison with an older edition is known.

    Parameters
    ----------
    history : mapping
        ``comparisons`` (what `compare` gives, or None) and ``editions`` (``name, title``), as the page of changes has.

    Returns
    -------
    dict or None
        ``name, title, cutoff`` of the edition before, ``moved`` (by key, `text` and `interval` as they were), ``new``
        (keys) and ``verdicts`` (the notebook of each claim judged otherwise).
    """
    compared = [one for one in history.get("comparisons", ()) if one and one["after"] == name != one["before"]]
    if not compared:
        return None
    found, titles = compared[0], {one["name"]: one["title"] for one in history["editions"]}
    return {
        "name": found["before"],
        "title": titles.get(found["before"], found["before"]),
        "cutoff": found["cutoffs"][0],
        "moved": {row["key"]: {"text": row["old_text"], "interval": row["old_interval"]} for row in found["moved"]},
        "new": found["new"],
        "verdicts": [row["notebook"] for row in found["verdicts"]],
    }


def restated(before, after) -> list[dict[str, Any]]:
    """List figures that a speaker gave again with other numbers between two cutoffs.

    Parameters
    ----------
    before, after : attrition.room.Room
        One room at both cutoffs.

    Returns
    -------
    list of dict
        `source, measure, side, as_of, old, new, id`: the version known last before, the one known last after.
    """
    old, new = _latest(before.figures()), _latest(after.figures())
    both = old.merge(new, on=VERSION, suffixes=("_old", "_new"))
    other = both[[f"{name}_old" for name in NUMBERS]].fillna(-1).to_numpy()
    changed = (other != both[[f"{name}_new" for name in NUMBERS]].fillna(-1).to_numpy()).any(axis=1)
    rows = both[changed & (both["id_old"] != both["id_new"])]
    return [
        {
            "source": row["source"],
            "measure": row["measure"],
            "side": row["side"],
            "as_of": f"{row['as_of']:%Y-%m-%d}",
            "old": _told(row, "_old"),
            "new": _told(row, "_new"),
            "id": row["id_new"],
        }
        for _, row in rows.sort_values(["as_of", "source", "measure"]).iterrows()
    ]


def silent_headlines(found: Mapping[str, Any], headlines: Iterable[str], changelog: str) -> list[Mapping[str, Any]]:
    """Return headline values that moved by more than `HEADLINE_SHARE` and whose key the changelog does not name.

    A value that its own interval rounds to the same words has not moved for a reader.

    Parameters
    ----------
    found : mapping
        What `compare` gives.
    headlines : iterable of str
        Keys.
    changelog : str
        Its whole text; only the section whose heading names the newer edition counts.
    """
    said = section(changelog, found["after"])
    wanted = set(headlines)
    return [
        row
        for row in found["moved"]
        if row["key"] in wanted
        and abs(row["change"]) > HEADLINE_SHARE
        and row["old_text"] != row["new_text"]
        and f"`{row['key']}`" not in said
    ]


def check_headlines(found: Mapping[str, Any], headlines: Iterable[str], changelog: str) -> None:
    """Refuse headline values that moved without a word in the changelog.

    Raises
    ------
    ChangesError
        Naming each with its old and new text and the cause.
    """
    silent = silent_headlines(found, headlines, changelog)
    if silent:
        told = "; ".join(
            f"`{row['key']}` ({row['old_text']} to {row['new_text']}: {' and '.join(row['causes'])})" for row in silent
        )
        raise ChangesError(
            f"Expected an entry in CHANGELOG.md, under a heading that names {found['after']}, for every headline that "
            f"moved by more than {wording.percent(HEADLINE_SHARE)} since {found['before']}, found none for {told}: "
            "write one that gives the key in backquotes and says why."
        )


def section(changelog: str, name: str) -> str:
    r"""Return the part of a changelog under headings that name an edition.

    >>> section("# Log\n## Edition 2026-05\nup\n## 0.1\ndown\n", "2026-05")
    'up\n'
    """
    parts = re.split(r"^## (.*)\n", changelog, flags=re.MULTILINE)[1:]
    return "".join(body for head, body in zip(parts[::2], parts[1::2], strict=True) if name in head.split())


def _moved(key: str, old: Mapping, new: Mapping, again: Mapping | None, reasons) -> dict[str, Any] | None:
    """One value in two editions, or nothing where it reads and is the same."""
    verdict = bool(VERDICT.match(key))
    if new["unit"] in ("words", "date") and not verdict:
        return None
    tiny = new["unit"].endswith("share") and max(map(abs, _differences(old, new)), default=1.0) < SMALLEST_SHARE
    if tiny or (old["text"], old["interval"]) == (new["text"], new["interval"]):
        return None
    return {
        "key": key,
        "label": new["label"],
        "notebook": new["notebook"],
        "unit": new["unit"],
        **{f"old_{name}": old[name] for name in ("text", "interval")},
        **{f"new_{name}": new[name] for name in ("text", "interval")},
        "old": old["value"],
        "new": new["value"],
        "change": _share(old["value"], new["value"]),
        "causes": _causes(old, new, again, reasons.get(new["notebook"], ())),
    }


def _causes(old: Mapping, new: Mapping, again: Mapping | None, reasons: Iterable[str]) -> list[str]:
    """Why a value moved; where the older edition could not be run again, every reason there is."""
    if again is None:
        return ["data", *reasons] if reasons else ["data"]
    same = _numbers(again) == _numbers(old)
    data = [] if _numbers(again) == _numbers(new) else ["data"]
    return data + ([] if same else list(reasons) or ["method"]) or ["method"]


def _differences(old: Mapping, new: Mapping) -> list[float]:
    """How far value and both ends moved, where both editions have them as numbers."""
    pairs = [(old[name], new[name]) for name in ("value", "lower", "upper")]
    return [b - a for a, b in pairs if not (a is None or b is None or isinstance(a, str) or isinstance(b, str))]


def _numbers(row: Mapping) -> tuple:
    return row["value"], row["lower"], row["upper"]


def _share(old: Any, new: Any) -> float:
    """Change as a share of the old number; words and changes from nought count as whole."""
    if isinstance(old, str) or isinstance(new, str) or not old:
        return 0.0 if old == new else 1.0
    return (new - old) / abs(old)


def _latest(figures):
    known = figures["published"].fillna(figures["as_of"])
    ordered = figures.assign(known=known).sort_values(["known", "id"], kind="stable")
    return ordered.drop_duplicates(VERSION, keep="last")[[*VERSION, *NUMBERS, "id"]]


def _told(row, version: str) -> str:
    """A cited figure as it was given: a number, a range, a floor or a ceiling."""
    low, central, high = (row[f"{name}{version}"] for name in NUMBERS)
    if not wording.is_missing(central):
        return wording.number(central)
    if wording.is_missing(low):
        return f"at most {wording.number(high)}"
    return f"at least {wording.number(low)}" if wording.is_missing(high) else wording.span(low, high)
