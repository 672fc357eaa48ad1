"""From cited figures and series to the observations of a consensus: what is counted, over which days, how sure.

Rows come in as a data room holds them and leave as one number with its error each. Figures that repeat another are set
aside, openly: a copy where the head of its family speaks, a version that its own speaker replaced, a blend of several
families, a bound without a list behind it. Nothing is smoothed or filled here.
"""

import numpy as np
import pandas as pd

from attrition.models.consensus.families import BLEND, ConsensusError, family_of

KILLED, CASUALTIES = "killed", "killed_wounded"
TWO_SIGMA = 1.959964  # stated ranges are read as 95 % intervals
LIST_KIND, HEARSAY = "independent_count", "commentary"
COVERED_SHARE = 0.95  # of the days of a figure, from which on others replace it
REVISION_DAYS = 31  # a total published so soon after its parts says the same as they
DAY = pd.Timedelta(days=1)
COLUMNS = ["id", "measure", "source", "kind", "bound", "period_start", "as_of", "published", "low", "central", "high"]


def from_running_total(total: pd.Series, *, measure: str, source: str, start, known) -> pd.DataFrame:
    """Turn a running total into sums between the last readings of each month, one row each.

    Parameters
    ----------
    total : Series
        Running total by day; days may be missing.
    measure, source : str
        Measure of the sums, and the speaker.
    start, known : date
        First day that is counted, and the day from which the rows are known.

    Returns
    -------
    DataFrame
        Rows as of a table of cited figures; months without growth are left out.
    """
    last = total.dropna().groupby(total.dropna().index.to_period("M")).tail(1)
    sums = last.diff().fillna(last.iloc[0])
    first = [pd.Timestamp(start), *(last.index[:-1] + DAY)]
    rows = {"period_start": first, "as_of": last.index, "central": sums.to_numpy()}
    frame = pd.DataFrame({"id": [f"{source}-{day:%Y-%m}" for day in last.index], **rows})
    details = {
        "measure": measure,
        "source": source,
        "kind": "series",
        "bound": "exact",
        "published": pd.Timestamp(known),
    }
    return _complete(frame[frame["central"] > 0].assign(**details))


def from_months(months: pd.DataFrame, *, measure: str, source: str, start, known, floor: bool = False) -> pd.DataFrame:
    """Turn monthly counts into rows, each over its calendar month.

    Parameters
    ----------
    months : DataFrame
        Indexed by a day of the month: `central`, and where known `low` and `high`; a floor has `low` alone.
    floor : bool
        Whether these are counts of verified names.
    """
    first = months.index.to_period("M").start_time
    rows = {
        "id": [f"{source}-{'floor-' * floor}{day:%Y-%m}" for day in months.index],
        "period_start": first.where(first > pd.Timestamp(start), pd.Timestamp(start)),
        "as_of": months.index.to_period("M").end_time.normalize(),
        **{name: months[name].to_numpy() for name in ("low", "central", "high") if name in months},
    }
    said = {"kind": LIST_KIND, "bound": "at_least"} if floor else {"kind": "series", "bound": "about"}
    frame = pd.DataFrame(rows).assign(measure=measure, source=source, published=pd.Timestamp(known), **said)
    return _complete(frame[frame["low"] > 0] if floor else frame)


def from_years(years: pd.DataFrame, *, measure: str, source: str, start, known) -> pd.DataFrame:
    """Turn yearly estimates (`year, excess, sd`) into rows with 95 % ranges; years before `start` are left out."""
    begin = pd.Timestamp(start)
    kept = years[(years["year"] >= begin.year) & (years["excess"] > 2 * years["sd"])]
    half = TWO_SIGMA * kept["sd"]
    rows = {
        "id": [f"{source}-{year}" for year in kept["year"]],
        "period_start": [max(begin, pd.Timestamp(int(year), 1, 1)) for year in kept["year"]],
        "as_of": [pd.Timestamp(int(year), 12, 31) for year in kept["year"]],
        "low": kept["excess"] - half, "central": kept["excess"], "high": kept["excess"] + half,
    }  # fmt: skip
    details = {"measure": measure, "source": source, "kind": "model_estimate", "bound": "about"}
    return _complete(pd.DataFrame(rows).assign(published=pd.Timestamp(known), **details))


def prepare(observations: pd.DataFrame, sources: pd.DataFrame, definitions: pd.DataFrame) -> pd.DataFrame:
    """Read cited figures as observations of the killed or of the casualties.

    Parameters
    ----------
    observations : DataFrame
        Rows of one side with the columns `COLUMNS`; further columns are allowed, `region` marks rows to leave out.
    sources, definitions : DataFrame
        Speakers indexed by `id` with `copies`; measures indexed by `measure` with `counts` and `nature`.

    Returns
    -------
    DataFrame
        `id, counts, source, family, start, end, known, value, sd, floor, set_aside`: a number of persons with the
        standard deviation of its logarithm; `set_aside` says why a row is not used, and is "" for the others. Rows of
        measures that are neither killed nor casualties, or no sums, are left out.

    Raises
    ------
    ConsensusError
        For an unknown measure or speaker, figures of two sides, a missing period, low above high, a number that is
        not above zero, or copying in a circle.
    """
    _check(observations, definitions)
    rows = observations[observations["measure"].isin(_wanted(definitions))].reset_index(drop=True)
    if "region" in rows:
        rows = rows[rows["region"].fillna("") == ""].reset_index(drop=True)
    frame = _read(rows, definitions)
    families = family_of(sources, set(observations["source"]))
    frame["family"] = frame["source"].map(families)
    frame["set_aside"] = _set_aside(frame)
    return _raised(frame)


def _complete(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.reindex(columns=COLUMNS).reset_index(drop=True)


def _wanted(definitions: pd.DataFrame) -> list[str]:
    return [name for name in definitions.index if name.removesuffix("_cumulative") in (KILLED, CASUALTIES)]


def _check(rows: pd.DataFrame, definitions: pd.DataFrame) -> None:
    for row in rows[~rows["measure"].isin(definitions.index)].itertuples():
        raise ConsensusError(f"Expected a measure of the definitions, found '{row.measure}' in '{row.id}': define it.")
    for row in rows[rows["low"] > rows["high"]].itertuples():
        raise ConsensusError(
            f"Expected low not above high in '{row.id}', found {row.low:g} and {row.high:g}: put them in order."
        )
    if "side" in rows and rows["side"].nunique() > 1:
        both = " and ".join(f"'{side}'" for side in sorted(rows["side"].unique()))
        raise ConsensusError(f"Expected figures on the losses of one side, found {both}: choose the rows of one.")


def _read(rows: pd.DataFrame, definitions: pd.DataFrame) -> pd.DataFrame:
    """Give each row its days, its number and its error."""
    cumulative = rows["measure"].map(definitions["cumulative"] == "yes")
    start = rows["period_start"].where(rows["period_start"].notna() | ~cumulative, rows["period_start"].min())
    middle = np.sqrt(rows["low"] * rows["high"])
    floor = (rows["bound"] == "at_least") & (rows["kind"] == LIST_KIND)
    value = rows["central"].fillna(middle).where(~floor, rows["low"].fillna(rows["central"]))
    spread = (np.log(rows["high"].where(rows["high"] > 0)) - np.log(rows["low"].where(rows["low"] > 0))) / (
        2 * TWO_SIGMA
    )
    end = rows["as_of"]
    known = rows["published"].fillna(rows["as_of"])
    parts = {"start": start, "end": end, "known": known, "value": value, "sd": spread.fillna(0.0), "floor": floor}
    frame = rows[["id", "source", "kind", "bound"]].assign(counts=rows["measure"].map(definitions["counts"]), **parts)
    for row in frame[frame["start"].isna() | (frame["end"] < frame["start"])].itertuples():
        raise ConsensusError(f"Expected the first and the last day of what '{row.id}' counts, found none: fill it in.")
    for row in frame[frame["value"] <= 0].itertuples():
        raise ConsensusError(f"Expected a number above zero in '{row.id}', found {row.value:g}: leave it out.")
    return frame


def _set_aside(frame: pd.DataFrame) -> list[str]:
    """Say of each figure why it is not used, or nothing."""
    bound = frame["bound"].isin(["at_least", "at_most"]) | frame["value"].isna()
    reasons = np.select(
        [frame["floor"], frame["kind"] == HEARSAY, bound, frame["family"] == BLEND],
        ["", "commentary", "bound without a list", "blend of families"],
        default="?",
    ).astype(object)
    origin = min(frame["start"].min(), frame["known"].min())
    stated = {name: (frame[name] - origin).dt.days.to_numpy() for name in ("start", "end", "known")}
    rows = pd.DataFrame(stated).assign(counts=frame["counts"], source=frame["source"], family=frame["family"])
    firm = {
        key: part[["start", "end", "known"]].to_numpy()
        for key, part in rows[reasons == "?"].groupby(["counts", "source"])
    }
    for at in np.flatnonzero(reasons == "?"):
        reasons[at] = _repeats(rows.loc[at], firm)
    return reasons.tolist()


def _repeats(row, firm: dict) -> str:
    own, head = firm[row["counts"], row["source"]], firm.get((row["counts"], row["family"]))
    if row["source"] != row["family"] and head is not None and _covers(head, row):
        return "copy where the first speaker speaks"
    return "replaced by its own speaker" if _replaced(row, own) else ""


def _replaced(row, own: np.ndarray) -> bool:
    """Tell whether a speaker's finer figures, or newer ones of the same days, say all that a figure says."""
    start, end, known = own.T
    finer = (end - start < 0.9 * (row["end"] - row["start"])) & (known >= row["known"] - REVISION_DAYS)
    newer = (start == row["start"]) & (end == row["end"]) & (known > row["known"])
    return bool(newer.any()) or _covers(own[finer], row)


def _covers(stretches: np.ndarray, row) -> bool:
    """Tell whether stretches of days hold nearly all days of a figure."""
    held = np.zeros(row["end"] - row["start"] + 1, dtype=bool)
    for start, end, _ in stretches - row["start"]:
        held[max(start, 0) : max(end + 1, 0)] = True
    return bool(held.mean() >= COVERED_SHARE)


def _raised(frame: pd.DataFrame) -> pd.DataFrame:
    """Raise an estimate that lies below the names that its own family verified for the same days."""
    frame = frame.copy()
    named = frame[frame["floor"]].groupby(["family", "counts", "start", "end"])["value"].max()
    keys = pd.MultiIndex.from_frame(frame[["family", "counts", "start", "end"]])
    least = named.reindex(keys).to_numpy()
    frame["value"] = np.fmax(frame["value"], least)
    return frame.drop(columns=["kind", "bound"])
