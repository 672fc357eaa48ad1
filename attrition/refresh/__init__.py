"""Fresh data: fetched at once, kept as they came, read strictly, reconciled, bounded, and written whole or not at all.

The room that is refreshed is the last accepted state. What arrives is measured against it; what is out of bounds is
refused, so that the last good values stay, and a person decides. Nothing is estimated, smoothed or filled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd

from attrition import sources
from attrition.files import recover
from attrition.refresh import reconciling, writing
from attrition.refresh.comparing import Change, judge, merge
from attrition.refresh.holding import SERIES, Held
from attrition.refresh.results import CONTRACT_BROKEN, FETCH_FAILED, Outcome, RefreshError, Result, told
from attrition.room.contract import RoomError, load_contract, nearest
from attrition.room.validation import check
from attrition.snapshots import SnapshotError, Snapshots
from attrition.sources import Manifest

__all__ = ["Outcome", "RefreshError", "Result", "chosen", "refresh"]


def refresh(
    room: Path,
    snapshots: Path,
    *,
    names: Iterable[str] = (),
    mirror: str | None = None,
    patience: sources.Patience | None = None,
    today: date | None = None,
    manifests: Mapping[str, Manifest] | None = None,
    say: Callable[[str], None] = print,
) -> Outcome:
    """Bring a data room up to date; only a room that keeps its contract takes the place of the old one.

    Parameters
    ----------
    room, snapshots
        Folders of the data room and of the raw bytes.
    names
        Sources to ask; by default all whose speaker the room knows.
    mirror
        Where copies of the sources are served instead, as `mirror/host/path`.
    today
        Day of the refresh, in UTC.
    manifests
        What is known of the sources; by default `sources.manifests()`.

    Returns
    -------
    Outcome
        Its `code`: 0 all is well, 1 something could not be fetched, 2 something broke the contract.

    Raises
    ------
    RefreshError
        If another refresh is at work or a name is unknown.
    RoomError
        If the room cannot be opened.
    """
    today = today or datetime.now(UTC).date()
    known = sources.manifests() if manifests is None else manifests
    outcome = Outcome()
    with writing.locked(room):
        problems = check(room, today=today)
        if problems:
            note = f"expected a sound room to start from, found {len(problems)} problems, first: {problems[0]}"
            outcome.add([Result("room", False, True, note)])
        else:
            held = Held(load_contract(room))
            asked = chosen(known, names, held)
            store = Snapshots(snapshots)
            arrived = _fetch(asked, store, mirror, patience, today, outcome)
            offered = _parse(asked, arrived, outcome)
            changes = _decide(held, asked, offered, today, outcome)
            _write(room, changes, asked, arrived, today, outcome)
    for result in outcome.results:
        say(str(result))
    say(_decision(outcome))
    return outcome


def chosen(known: Mapping[str, Manifest], names: Iterable[str], room: Held) -> dict[str, Manifest]:
    """The sources to ask: those named, else all whose speaker the room knows.

    Raises
    ------
    RefreshError
        If a name is unknown or its speaker is not in the room.
    """
    names = list(dict.fromkeys(names))
    for name in names:
        if name not in known:
            raise RefreshError(f"Expected one of {', '.join(sorted(known))}, found '{name}'{nearest(name, known)}.")
        if known[name].speaker not in room.speakers:
            raise RefreshError(
                f"Expected the speaker '{known[name].speaker}' of the source '{name}' in sources.csv, found none: "
                "add the speaker or leave the source out."
            )
    return {
        name: source
        for name, source in known.items()
        if (name in names or not names) and source.speaker in room.speakers
    }


def _fetch(asked, store: Snapshots, mirror, patience, today: date, outcome: Outcome) -> dict[str, dict[str, tuple]]:
    """Fetch every payload of every source at once; returns body and receipt of each, for whole sources only."""
    places = [(source, name, address) for source in asked.values() for name, address in source.on(today).items()]
    receipts = [
        _last(store, f"{source.name}/{name}", sources.mirrored(address, mirror)) for source, name, address in places
    ]
    requests = [
        sources.Request(
            address,
            source.limit_bytes,
            receipt.validators if receipt is not None and source.link is None else {},
            source.link,
        )
        for (source, _, address), receipt in zip(places, receipts, strict=True)
    ]
    answers = sources.fetch_all(requests, mirror=mirror, patience=patience)
    arrived: dict[str, dict[str, tuple]] = {}
    failed = set()
    for (source, name, address), receipt, answer in zip(places, receipts, answers, strict=True):
        if isinstance(answer, sources.FetchError):
            outcome.add(
                [Result(f"{source.name}, {name}", False, True, f"{answer} What was accepted stays.", FETCH_FAILED)]
            )
            failed.add(source.name)
            continue
        if answer.body is None:
            arrived.setdefault(source.name, {})[name] = (store.read(receipt), receipt)
            outcome.add([told(f"{source.name}, {name}", "nothing changed since the last time, says its server.")])
            continue
        place = f"{source.name}/{name}", sources.mirrored(address, mirror)
        kept = store.keep(*place, answer.body, answer.fetched, answer.validators)
        arrived.setdefault(source.name, {})[name] = (answer.body, kept)
        outcome.add([told(f"{source.name}, {name}", f"{kept.size:,} bytes, sha256 {kept.sha256[:12]}.")])
    return {name: payloads for name, payloads in arrived.items() if name not in failed}


def _last(store: Snapshots, name: str, address: str):
    """The last receipt whose bytes can still be read, or None."""
    receipt = store.latest(name, address)
    try:
        if receipt is not None:
            store.read(receipt)
    except SnapshotError:
        return None
    return receipt


def _parse(asked, arrived, outcome: Outcome) -> dict[str, dict[str, pd.DataFrame]]:
    """Read every source that arrived whole; what is not as it is known to be is told and left out."""
    offered = {}
    for name, payloads in arrived.items():
        try:
            offered[name] = sources.parse(asked[name], {key: body for key, (body, _) in payloads.items()})
        except sources.SourceError as error:
            outcome.add([Result(name, False, True, f"{error} What was accepted stays.")])
    return offered


def _decide(held: Held, asked, offered, today: date, outcome: Outcome) -> dict[str, list[Change]]:
    """What is to be written, by source or, for a claim with several transcriptions, by series: all of it or nothing."""
    changes: dict[str, list[Change]] = {}
    claims: dict[str, dict[str, tuple]] = {}
    for name, frames in offered.items():
        results, own = [], []
        for series, frame in frames.items():
            target = asked[name].series[series]
            refused = _refused(held, f"{name}, {series}", series, target, frame)
            if refused:
                results.append(refused)
            elif target.transcription is not None:
                claims.setdefault(series, {})[target.transcription] = (frame, target)
            else:
                table = held.table(series, target)
                raw = held.raw(table)
                own.append(merge(raw, frame, table, target))
                results += judge(f"{name}, {series}", raw, frame, own[-1], target.limits, today)
        if outcome.add(results):
            changes[name] = [change for change in own if not change.empty]
    for series, transcriptions in claims.items():
        changes[series] = _reconcile(held, series, transcriptions, today, outcome)
    return {name: own for name, own in changes.items() if own}


def _refused(held: Held, name: str, series: str, target: sources.Target, frame: pd.DataFrame) -> Result | None:
    """Why a series cannot be taken into this room at all, or None."""
    try:
        table = held.table(series, target)
        if target.transcription is not None:
            held.claim(table)
    except RoomError as error:
        return Result(name, False, True, str(error))
    unknown = [column for column in frame if column not in table.fields]
    note = "expected columns of {}, found '{}': add it to the room's contract."
    return Result(name, False, True, note.format(table.path, unknown[0])) if unknown else None


def _reconcile(held: Held, series: str, transcriptions, today: date, outcome: Outcome) -> list[Change]:
    first = next(iter(transcriptions.values()))[1]
    table = held.table(series, first)
    found, results = reconciling.reconcile(series, held.claim(table), transcriptions, today)
    overruled = {(key, name) for change in found for key, name, _, _ in change.restated} & held.corrected_cells(table)
    if overruled:
        key, name = min(overruled)
        note = f"expected the correction of {name} on {key} to hold, found the transcriptions against it: look again."
        results.append(Result(series, False, True, note))
    outcome.add(results)
    return [] if overruled else [change for change in found if not change.empty]


def _write(room: Path, changes: dict[str, list[Change]], asked, arrived, today: date, outcome: Outcome) -> None:
    """Stage, check, leave out what breaks the contract, and put the rest in place."""
    while changes:
        written = [change for own in changes.values() for change in own]
        folder = writing.stage(room, written, _receipts(written, asked, arrived), today)
        problems = check(folder, today=today)
        if not problems:
            writing.put_in_place(room, folder)
            outcome.written = sorted(change.table.name for change in written)
            return
        broken = _broken(changes, {problem.file for problem in problems})
        for name in broken:
            first = next((one for one in problems if one.file in _files(changes[name])), problems[0])
            outcome.add([Result(name, False, True, f"breaks the room's contract, so what was accepted stays: {first}")])
        changes = {name: own for name, own in changes.items() if name not in broken}
        recover(room)


def _broken(changes: Mapping[str, list[Change]], files: set[str]) -> list[str]:
    """Those whose files have problems; all of them where the problem is none of theirs."""
    return [name for name, own in changes.items() if _files(own) & files] or list(changes)


def _files(own: Iterable[Change]) -> set[str]:
    return {path for one in own for path in (one.table.path, one.table.path.replace("series/", "vintages/", 1))}


def _receipts(changes: Iterable[Change], asked, arrived) -> dict[str, dict]:
    """For each series written, which sources stand behind it: when they were fetched, and the hashes."""
    found: dict[str, dict] = {}
    for change in changes:
        series = change.table.name.removeprefix(SERIES)
        behind = [name for name in arrived if series in asked[name].series]
        if behind:
            found[change.table.name] = {
                name: {
                    part: {"fetched": kept.fetched, "sha256": kept.sha256} for part, (_, kept) in arrived[name].items()
                }
                for name in behind
            }
    return found


def _decision(outcome: Outcome) -> str:
    """One sentence on what was decided."""
    written = f"written: {', '.join(outcome.written)}" if outcome.written else "nothing to write, the room is as it was"
    why = {0: "All is well", FETCH_FAILED: "Something could not be fetched", CONTRACT_BROKEN: "A person has to decide"}
    return f"{why[outcome.code]}; {written}."
