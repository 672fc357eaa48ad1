"""Several transcriptions of one claim made into one series: the majority counts, every disagreement is kept.

The value accepted before has a voice of its own and is moved only by three transcriptions that agree, so that a slip of
one or two does not do it; without an accepted value two have to agree. A frozen transcription, which the room's file
itself holds up to a day, has its voice there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

from attrition.refresh.comparing import Change, judge
from attrition.refresh.results import Result, sound, told
from attrition.room.contract import Table
from attrition.sources.manifest import Limits, Target

QUORUM, QUORUM_TO_RESTATE = 2, 3
Readings = dict[tuple[str, str], dict[str, str]]  # by day and column: the value of each transcription


@dataclass(frozen=True)
class Claim:
    """What the room holds of a claim.

    Attributes
    ----------
    raw, accepted
        The series in its file, and with its corrections.
    table, disputed
        The series, and the table of disagreements with its cells.
    """

    table: Table
    raw: pd.DataFrame
    accepted: pd.DataFrame
    disputed: Table
    disagreements: pd.DataFrame


def reconcile(
    name: str, held: Claim, offered: Mapping[str, tuple[pd.DataFrame, Target]], today: date
) -> tuple[list[Change], list[Result]]:
    """Decide every day and column.

    Parameters
    ----------
    offered
        For each transcription what arrived, and what is known of its source.

    Returns
    -------
    changes, results
        The series and the table of disagreements; nothing where the decided values are out of bounds.
    """
    results, sane = [], {}
    for transcription, (frame, target) in offered.items():
        found = _sanity(f"{name} by {transcription}", held, frame, target.limits, today)
        results += found
        if sound(found):
            sane[transcription] = frame
    readings = _readings(held, sane)
    decided = _decide(held, readings)
    change, skipped = _series(held, decided)
    own = [target.limits for _, target in offered.values()]
    judged = _judge(name, held, change, own, today)
    results += judged
    if skipped:
        note = f"{len(skipped)} new days, first {skipped[0]}, wait until {QUORUM} transcriptions agree on them."
        results.append(Result(name, False, False, note))
    if not sound(judged):
        return [], results
    disagreements = _disagreements(held, readings, change)
    results.append(
        told(
            name,
            f"{len(change.added)} new days, {len(change.restated)} restated, "
            f"{len(disagreements.added)} readings in dispute added.",
        )
    )
    return [change, disagreements], results


def _sanity(name: str, held: Claim, frame: pd.DataFrame, limits: Limits, today: date) -> list[Result]:
    """Whether one transcription may have a voice: no future days, not too much missing or rewritten."""
    wide = limits.model_copy(update={"revised_change_max": float("inf"), "step_max": float("inf")})
    return judge(name, held.accepted, frame, Change(held.table, held.accepted), wide, today)


def _readings(held: Claim, offered: Mapping[str, pd.DataFrame]) -> Readings:
    (key,) = held.table.key
    frozen, until = held.table.says("transcribedBy"), held.table.says("transcribedUntil") or ""
    frames = dict(offered)
    if frozen and offered:
        own = held.raw[held.raw[key] <= until].set_index(key)
        told_before = held.disagreements[held.disagreements["transcription"] == frozen]
        for one in told_before.itertuples():
            if one.date in own.index:
                own.at[one.date, one.field] = one.value  # what it read before the cell was restated
        frames[frozen] = own.reset_index()
    readings: Readings = {}
    for transcription, frame in frames.items():
        for name in [name for name in frame if name != key]:
            for day, value in zip(frame[key], frame[name], strict=True):
                if value:
                    readings.setdefault((day, name), {})[transcription] = value
    return readings


def _decide(held: Claim, readings: Readings) -> dict[tuple[str, str], str]:
    """The value of each day and column; empty text where none can be accepted."""
    (key,) = held.table.key
    accepted = held.accepted.set_index(key)
    known = {name: accepted[name].to_dict() for name in accepted}
    until = held.table.says("transcribedUntil") or ""
    decided = {}
    for (day, name), read in readings.items():
        was = known[name].get(day, "")
        if not was and day in accepted.index and day <= until:
            continue  # the frozen transcription has no entry there, and the series keeps none
        decided[day, name] = decide(read, was)
    return decided


def decide(read: Mapping[str, str], was: str) -> str:
    """The value most readings give, the accepted one counting as a reading.

    >>> decide({"a": "6", "b": "6"}, "5"), decide({"a": "6", "b": "6", "c": "5"}, "5")
    ('5', '5')
    >>> decide({"a": "6", "b": "6", "c": "6"}, "5")
    '6'
    >>> decide({"a": "5"}, ""), decide({"a": "5", "b": "5"}, ""), decide({"a": "5", "b": "6"}, "")
    ('', '5', '')
    """
    voices = Counter(read.values()) + Counter([was] if was else [])
    (top, most), *others = voices.most_common()
    clear = not others or others[0][1] < most
    if was:
        return top if clear and most >= QUORUM_TO_RESTATE else was
    return top if clear and most >= QUORUM else ""


def _series(held: Claim, decided: Mapping[tuple[str, str], str]) -> tuple[Change, list[str]]:
    """The series with what was decided, and the new days that have to wait."""
    (key,) = held.table.key
    raw, accepted = held.raw.set_index(key), held.accepted.set_index(key)
    new: dict[str, dict[str, str]] = {}
    restated = []
    for (day, name), value in decided.items():
        if day not in raw.index:
            new.setdefault(day, {})[name] = value
        elif value and value != accepted.at[day, name]:
            restated.append((day, name, raw.at[day, name], value))
            raw.at[day, name] = value
    required = [name for name, one in held.table.fields.items() if one.get("constraints", {}).get("required")]
    ready = {day: row for day, row in new.items() if all(row.get(name) for name in required if name != key)}
    rows = pd.DataFrame.from_dict(ready, orient="index", dtype="str").reindex(columns=raw.columns).fillna("")
    cells = pd.concat([raw, rows]).sort_index().rename_axis(key).reset_index()[list(held.table.fields)]
    return Change(held.table, cells, sorted(ready), sorted(restated)), sorted(set(new) - set(ready))


def _judge(name: str, held: Claim, change: Change, own: list[Limits], today: date) -> list[Result]:
    """The decided series against the strictest limits of its sources."""
    strictest = Limits(
        missing_max=0,
        revised_share_max=min(one.revised_share_max for one in own),
        revised_change_max=min(one.revised_change_max for one in own),
        revised_slack=min(one.revised_slack for one in own),
        step_max=min(one.step_max for one in own),
        step_slack=min(one.step_slack for one in own),
    )
    (key,) = held.table.key
    full = change.cells.set_index(key)
    accepted = held.accepted.set_index(key)
    shown = full.copy()
    shown.loc[accepted.index] = accepted
    for day, field, _, value in change.restated:
        shown.at[day, field] = value
    shown = shown.reset_index()[list(held.table.fields)]
    return judge(name, held.accepted, shown, Change(held.table, shown, change.added), strictest, today)


def _disagreements(held: Claim, readings: Readings, change: Change) -> Change:
    """The table of disagreements with every day and column added on which readings differ."""
    (key,) = held.table.key
    known = {}
    for one in held.disagreements.itertuples():
        known.setdefault((one.date, one.field), {})[one.transcription] = one.value
    series = change.cells.set_index(key)
    accepted = held.accepted.set_index(key)
    for day, name, _, value in change.restated:
        accepted.at[day, name] = value
    groups, until = {}, held.table.says("transcribedUntil") or ""
    for place, read in readings.items():
        if len(set(read.values())) > 1 and {**known.get(place, {}), **read} != known.get(place, {}):
            day, name = place
            used = accepted.at[day, name] if day in accepted.index else series[name].get(day, "")
            groups[place] = _group(place, {**known.get(place, {}), **read}, used, frozen=day <= until)
    if not groups:
        return Change(held.disputed, held.disagreements)
    old = held.disagreements
    stays = [place not in groups for place in zip(old["date"], old["field"], strict=True)]
    rows = pd.DataFrame([row for group in groups.values() for row in group], dtype="str")
    cells = pd.concat([old[stays], rows])[list(held.disputed.fields)]
    cells = cells.sort_values(["date", "field", "transcription"]).reset_index(drop=True)
    return Change(
        held.disputed,
        cells,
        sorted(
            ";".join([*place, name]) for place, one in groups.items() for name in (row["transcription"] for row in one)
        ),
    )


def _group(place: tuple[str, str], read: Mapping[str, str], used: str, *, frozen: bool) -> list[dict[str, str]]:
    """The readings of one day and column; where the frozen transcription has no entry the majority is named, unused."""
    (top, most), *others = Counter(read.values()).most_common()
    majority = top if not others or others[0][1] < most else ""
    used = used or (majority if frozen else "")
    count = sum(value == used for value in read.values())
    if not used:
        verdict = f"none yet; {len(read)} transcriptions read {len(set(read.values()))} values"
    elif used == majority:
        verdict = f"{int(used):,}, read by {count} of {len(read)}"
    elif not majority:
        verdict = f"{int(used):,}, as accepted before; {len(read)} transcriptions tie"
    else:
        verdict = f"{int(used):,}, as accepted before; read by {count} of {len(read)}"
    return [
        {
            "date": place[0],
            "field": place[1],
            "transcription": name,
            "value": value,
            "majority": majority,
            "decided": used,
            "verdict": verdict,
        }
        for name, value in read.items()
    ]
