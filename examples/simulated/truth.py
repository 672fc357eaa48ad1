"""What happens in the synthetic war, month by month: the truth that no chapter reads.

Killed, and casualties for one killed, are random walks on the logarithmic scale, as the book's estimate of the dead
assumes; recruiting answers to what is lost for good; the force is the sum of who comes and who goes. All numbers are
invented, and all are drawn from one seed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

START, AS_OF = pd.Timestamp("2021-06-07"), pd.Timestamp("2025-03-31")
DAY = pd.Timedelta(days=1)
KILLED_A_DAY, WOUNDED_PER_KILLED = 90.0, 3.0  # in the first month
KILLED_WALK_SD, RATIO_WALK_SD, RECRUITS_WALK_SD = 0.2, 0.1, 0.2  # of the logarithm, from month to month
OTHER_SIDE = 0.55  # killed of the other side for one of this, in the first month
RETURN_SHARE, RETURN_MONTHS = 0.55, 3  # of the wounded, and after how long
EXITS_A_MONTH = 450.0  # prisoners and deserters
GAP_MONTHS = 6  # in which a state would fill a gap of its force
FORCE, LEAST_FORCE = 240_000.0, 100_000.0  # of this side in the theatre: on the first day, and while war goes on


@dataclass(frozen=True)
class Truth:
    """The war as it was. `monthly` is indexed by the last day of the month; rates are persons in that month.

    Columns: `days, killed, casualties, recruits, returned, other_exits, force, killed_other, casualties_other`.
    """

    seed: int
    monthly: pd.DataFrame

    @property
    def last(self) -> pd.Timestamp:
        """Last day of the war as drawn."""
        return self.monthly.index[-1]

    def total(self, column: str, first=None, last=None) -> float:
        """Sum over days, both ends included; within a month every day counts alike."""
        ends = self.monthly.index
        begin = [max(START, day.replace(day=1)) for day in ends]
        first, last = pd.Timestamp(first or START), pd.Timestamp(last or self.last)
        inside = [(min(b, last) - max(a, first)).days + 1 for a, b in zip(begin, ends, strict=True)]
        share = np.clip(inside, 0, None) / self.monthly["days"].to_numpy()
        return float((self.monthly[column].to_numpy() * share).sum())


def happen(seed: int, last=AS_OF) -> Truth:
    """Draw one war; one that this side would lose, its force below `LEAST_FORCE`, is drawn again.

    Parameters
    ----------
    seed : int
        Start of all draws of the truth.
    last : date
        Last day; the room goes to `AS_OF`, a test may take a shorter war.
    """
    for attempt in range(1000):
        truth = _draw(np.random.default_rng([seed, 0, attempt]), seed, last)
        if truth.monthly["force"].min() >= LEAST_FORCE:
            break
    return truth


def _draw(rng, seed: int, last) -> Truth:
    months = pd.period_range(START, last, freq="M")
    ends = months.end_time.normalize()
    days = np.array([(end - max(START, month.start_time)).days + 1 for end, month in zip(ends, months, strict=True)])
    n = len(months)

    def walk(sd, first):
        return np.exp(np.log(first) + np.concatenate([[0.0], np.cumsum(rng.normal(0, sd, n - 1))]))

    killed = walk(KILLED_WALK_SD, KILLED_A_DAY) * days
    casualties = killed * (1 + walk(RATIO_WALK_SD, WOUNDED_PER_KILLED))
    killed_other = walk(KILLED_WALK_SD, OTHER_SIDE * KILLED_A_DAY) * days
    casualties_other = killed_other * (1 + walk(RATIO_WALK_SD, WOUNDED_PER_KILLED))
    wounded = casualties - killed
    back = RETURN_SHARE * wounded
    returned = np.concatenate([np.zeros(RETURN_MONTHS), back[:-RETURN_MONTHS]])
    exits = EXITS_A_MONTH * np.exp(rng.normal(0, 0.1, n)) * days / 30
    recruits, force = _recruit(casualties - back + exits, returned - casualties - exits, walk(RECRUITS_WALK_SD, 1.0))
    columns = {
        "days": days, "killed": killed, "casualties": casualties, "recruits": recruits, "returned": returned,
        "other_exits": exits, "force": force, "killed_other": killed_other, "casualties_other": casualties_other,
    }  # fmt: skip
    return Truth(seed, pd.DataFrame(columns, index=ends.rename("month")))


def _recruit(gone: np.ndarray, moved: np.ndarray, luck: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Recruits and force by month: the state replaces what it lost lately and fills gaps, with luck of its own."""
    recruits, force, now = [], [], FORCE
    for at in range(len(gone)):
        wanted = gone[max(at - 5, 0) : at + 1].mean() + (FORCE - now) / GAP_MONTHS
        recruits.append(max(wanted, 0.3 * gone[at]) * luck[at] ** (1 if wanted > 0 else 0))
        now += recruits[-1] + moved[at]
        force.append(now)
    return np.array(recruits), np.array(force)
