"""How many were killed and how many became casualties, from many speakers who do not all know it alike.

Each family of speakers says its own thing (killed, or killed and wounded together), with a lasting bias of its own and
noise of its own; both processes are smoothed by month together (`smoother`). What is documented name by name is a
floor under every result. The model knows no speaker: who copies whom and what a figure counts are data.
"""

import numpy as np
import pandas as pd

from attrition.models.consensus.families import ConsensusError, edges, effective_number, family_of, heads
from attrition.models.consensus.gathering import gather
from attrition.models.consensus.observations import (
    CASUALTIES,
    KILLED,
    from_months,
    from_running_total,
    from_years,
    prepare,
)
from attrition.models.consensus.outcome import Consensus, Settings
from attrition.models.consensus.smoother import Posterior, System, smooth
from attrition.models.stretches import Total, days_held

__all__ = [
    "CASUALTIES",
    "KILLED",
    "Consensus",
    "ConsensusError",
    "Settings",
    "Total",
    "edges",
    "effective_number",
    "family_of",
    "fit",
    "from_months",
    "from_running_total",
    "from_years",
    "gather",
    "heads",
    "leave_out",
    "prepare",
]
LEAST_MONTHS = 6
COUNTING_ROLES = ("independent_count", "statistical_office")  # speakers whose killed are counted, not asserted


def fit(
    observations: pd.DataFrame,
    sources: pd.DataFrame,
    definitions: pd.DataFrame,
    settings: Settings | None = None,
    *,
    end=None,
    seed: int = 0,
) -> Consensus:
    """Join figures of many speakers into killed, casualties and their ratio by month.

    Parameters
    ----------
    observations : DataFrame
        Cited figures of one side, as `observations.prepare` takes them.
    sources : DataFrame
        Speakers indexed by `id`, with `copies` and `role`.
    definitions : DataFrame
        Measures indexed by `measure`, with `counts` and `cumulative`.
    settings : Settings, optional
        What is assumed before a figure is seen.
    end : date, optional
        Last day to cover, by default the last of any figure; where figures stop earlier both walks go on unseen.
    seed : int
        Start of the draws.

    Raises
    ------
    ConsensusError
        For what `prepare` refuses; if no family speaks of the killed or none of the casualties; if the figures cover
        fewer than six months.

    Notes
    -----
    Floors: draws that fall below what a list documents for some days are lifted onto it, short stretches first, so no
    limit and no median can lie below the names. A family's own monthly estimates are first raised to its own names.
    """
    settings = settings or Settings()
    rows = prepare(observations, sources, definitions)
    used = rows[(rows["set_aside"] == "") & ~rows["floor"]]
    _check_families(used)
    days = _months(used, end)
    groups = pd.MultiIndex.from_frame(used[["family", "counts"]].drop_duplicates().sort_values(["counts", "family"]))
    system = _system(used, days, groups, _bias_sd(groups, sources["role"], settings), settings)
    found = smooth(system)
    killed, casualties, biases = _draw(found, days, rows[rows["floor"]], settings.draws, seed)
    weights = _weights(found, system, len(groups))
    table = _bias_table(used, groups, system, found, biases, weights, settings.level)
    number = effective_number(table.xs(KILLED, level="counts")["weight"])
    monthly = _monthly(killed, casualties, days, settings.level)
    return Consensus(monthly, table, number, rows, settings, days, killed, casualties)


def leave_out(observations: pd.DataFrame, sources: pd.DataFrame, name: str) -> pd.DataFrame:
    """Take a speaker's figures out, and those of everybody who only repeats that speaker; names on lists stay.

    Raises
    ------
    ConsensusError
        If nobody of that name has a figure.
    """
    family = family_of(sources, set(observations["source"]))
    gone = {name} | ({one for one in family.index if family[one] == name} if name in set(family) else set())
    floors = (observations["bound"] == "at_least") & (observations["kind"] == "independent_count")
    out = observations["source"].isin(gone) & ~floors
    if not out.any():
        raise ConsensusError(
            f"Expected a speaker or family with at least one figure, found '{name}' with none: choose one of "
            f"{', '.join(sorted(set(observations['source'])))}."
        )
    return observations[~out]


def _check_families(used: pd.DataFrame) -> None:
    for counts in (KILLED, CASUALTIES):
        if not (used["counts"] == counts).any():
            raise ConsensusError(
                f"Expected a family with figures of '{counts}', found none with an observation: give figures of one."
            )


def _months(used: pd.DataFrame, end=None) -> pd.Series:
    """Days of each month from the first day of any figure to the last, indexed by the first of these days."""
    first, last = used["start"].min(), max(used["end"].max(), pd.Timestamp(end or used["end"].max()))
    periods = pd.period_range(first, last, freq="M")
    if len(periods) < LEAST_MONTHS:
        raise ConsensusError(
            f"Expected figures for at least {LEAST_MONTHS} months, found {len(periods)}: give a longer series."
        )
    starts = [max(first, month.start_time) for month in periods]
    ends = [min(last, month.end_time.normalize()) for month in periods]
    return pd.Series([(b - a).days + 1.0 for a, b in zip(starts, ends, strict=True)], index=pd.DatetimeIndex(starts))


def _bias_sd(groups, roles: pd.Series, settings: Settings) -> np.ndarray:
    """Prior width of each bias: narrow for killed that somebody counted, wide for all else."""
    narrow = [counts == KILLED and roles[family] in COUNTING_ROLES for family, counts in groups]
    return np.where(narrow, settings.counted_bias_sd, settings.claimed_bias_sd)


def _system(used, days, groups, bias_sd, settings: Settings) -> System:
    group = groups.get_indexer(pd.MultiIndex.from_frame(used[["family", "counts"]]))
    casualties = (used["counts"] == CASUALTIES).to_numpy(dtype=float)
    numbers = np.log(used["value"].to_numpy()), used["sd"].to_numpy()
    walk = (settings.killed_walk_sd, settings.ratio_walk_sd)
    covered = days_held(used["start"], used["end"], days)
    return System(covered, casualties, group, *numbers, bias_sd, walk, settings.noise_sd)


def _draw(found: Posterior, days: pd.Series, floors: pd.DataFrame, draws: int, seed: int):
    """Draw killed and casualties by month (draws × months), lifted onto the floors, and the biases."""
    months = len(days)
    noise = np.random.default_rng(seed).standard_normal((draws, len(found.mean)))
    states = found.mean + noise @ np.linalg.cholesky((found.cov + found.cov.T) / 2).T
    killed = np.exp(states[:, :months]) * days.to_numpy()
    casualties = killed * np.exp(states[:, months : 2 * months])
    known = floors[floors["start"].notna() & (floors["counts"] == KILLED)]
    shares = days_held(known["start"], known["end"], days) / days.to_numpy() if len(known) else np.zeros((0, months))
    for row in np.argsort((known["end"] - known["start"]).to_numpy(), kind="stable"):
        inside = shares[row] > 0
        short = known["value"].iloc[row] / np.maximum(killed @ shares[row], 1e-9)
        killed[:, inside] *= np.maximum(short, 1.0)[:, None]
    return killed, np.maximum(casualties, killed), states[:, 2 * months :]


def _weights(found: Posterior, system: System, groups: int) -> dict[str, np.ndarray]:
    """How far each family pulls the logarithm of all killed and of all casualties, one percent for one percent."""
    months = system.days.shape[1]
    killed, ratio = found.mean[:months], found.mean[months : 2 * months]
    pulls = {}
    for counts, logs, parts in ((KILLED, killed, (1, 0)), (CASUALTIES, killed + ratio, (1, 1))):
        share = np.exp(logs) / np.exp(logs).sum()
        slope = np.concatenate([share * parts[0], share * parts[1], np.zeros(groups)])
        pulls[counts] = np.bincount(system.group, slope @ found.gain, minlength=groups)
    return pulls


def _bias_table(used, groups, system, found, biases, pulls, level) -> pd.DataFrame:
    ends = np.quantile(biases, [(1 - level) / 2, (1 + level) / 2], axis=0)
    own = used.groupby(["family", "counts"])
    pull = {counts: np.abs(values) / np.abs(values).sum() for counts, values in pulls.items()}
    columns = {
        "members": own["source"].agg(lambda names: ";".join(sorted(set(names)))).reindex(groups),
        "figures": own.size().reindex(groups),
        "bias": np.expm1(found.mean[-len(groups) :]), "lower": np.expm1(ends[0]), "upper": np.expm1(ends[1]),
        "level": level, "prior_sd": system.bias_sd, "noise_sd": found.noise,
        "weight": [pull[counts][at] for at, (_, counts) in enumerate(groups)],
    }  # fmt: skip
    return pd.DataFrame(columns, index=groups)


def _monthly(killed, casualties, days: pd.Series, level: float) -> pd.DataFrame:
    probabilities = [0.5, (1 - level) / 2, (1 + level) / 2]
    frame = pd.DataFrame(index=(days.index + pd.to_timedelta(days.to_numpy() - 1, unit="D")).rename("month"))
    for name, draws in {"killed": killed, "casualties": casualties, "ratio": casualties / killed - 1}.items():
        for suffix, values in zip(("", "_lower", "_upper"), np.quantile(draws, probabilities, axis=0), strict=True):
            frame[f"{name}{suffix}"] = values
    return frame.assign(level=level)
