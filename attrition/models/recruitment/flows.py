"""The rate of recruits by month behind totals that overlap: best path, doubt and evidence, solved in closed form.

The states are the logarithm of the daily rate in each month, a random walk, and one lasting bias for each family.
A total is a sum over days, so its logarithm is linear only nearby: linearised at the best path the posterior is
Gaussian in closed form, and the path is linearised again until nothing moves. This is the disaggregation of Chow & Lin
(1971, doi 10.2307/1928739) with the random walk of Fernandez (1981, doi 10.2307/1924371), on the
logarithmic scale, where no flow of people can become negative.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

START_SD = 3.0  # of the logarithm of the first month's rate: nothing is known
WALK_GUESS = (0.2, 0.7)  # movement of the logarithm from month to month: typical size, and how unsure that is (log)
WALKS = np.geomspace(0.03, 1.5, 18)
ROUNDS, CLOSE, LONGEST_STEP = 60, 1e-7, 1.0


@dataclass(frozen=True)
class System:
    """Totals in the form that is solved: n totals, T months, B biases.

    Attributes
    ----------
    days : array (n, T)
        Days of each month that a total covers.
    log_value, sd : array (n,)
        Logarithm of the total, and its standard deviation.
    group : array (n,)
        Number of the bias that a total carries, from 0 to B - 1; not used where B is 0.
    bias_sd : array (B,)
        Prior standard deviation of each bias, as a logarithm.
    step : array (T - 1,)
        Months between neighbouring steps of the walk: 1 for months, 3 for quarters.
    """

    days: np.ndarray
    log_value: np.ndarray
    sd: np.ndarray
    group: np.ndarray
    bias_sd: np.ndarray
    step: np.ndarray

    def keep(self, rows: np.ndarray) -> System:
        """Take some of the totals only; months and biases stay."""
        return System(self.days[rows], self.log_value[rows], self.sd[rows], self.group[rows], self.bias_sd, self.step)

    def press(self, by: np.ndarray) -> System:
        """Narrow the spread of each total by a factor."""
        return System(self.days, self.log_value, self.sd / by, self.group, self.bias_sd, self.step)

    @property
    def start(self) -> float:
        """Logarithm of the typical daily rate, where the walk begins."""
        return float((self.log_value - np.log(self.days.sum(axis=1))).mean())


@dataclass(frozen=True)
class Course:
    """The best course: states (log daily rates, then biases), their covariance, the walk, and the log evidence."""

    states: np.ndarray
    cov: np.ndarray
    walk_sd: float
    evidence: float


def solve(system: System, walk_sd: float | None = None) -> Course:
    """Find the best path; the size of the walk is the most probable one unless it is given.

    The size is chosen among `WALKS` by Laplace's approximation of the evidence, with a broad log-normal belief around
    `WALK_GUESS`.
    """
    if walk_sd is not None:
        return _at(system, walk_sd)
    return max((_at(system, size) for size in WALKS), key=lambda path: path.evidence)


def sample(system: System, walk_sd: float, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Draw states (draws × states) by randomised maximum likelihood: totals and walk are shaken, the path found again.

    Exact where the model is linear (Kitanidis 1995, doi 10.1029/95WR01945), and every draw still adds up to its own
    shaken totals, which draws from the Gaussian at the best path do not.
    """
    size = len(system.log_value) + len(system.step) + 1 + len(system.bias_sd)
    return _descend(system, walk_sd, rng.standard_normal((draws, size)))


def fitted(system: System, states: np.ndarray) -> np.ndarray:
    """Logarithm of each total as the states (… × states) imply it, bias included."""
    months = system.days.shape[1]
    sums = np.log(np.exp(states[..., :months]) @ system.days.T)
    return sums + (states[..., months:][..., system.group] if len(system.bias_sd) else 0.0)


def leave_one_out(system: System, path: Course) -> np.ndarray:
    """How many standard deviations each total lies from what all the others say of it."""
    slopes = _slopes(system, path.states)
    pull = np.einsum("ij,jk,ik->i", slopes, path.cov, slopes) / system.sd**2
    return (system.log_value - fitted(system, path.states)) / (system.sd * np.sqrt(np.maximum(1 - pull, 1e-9)))


def _at(system: System, walk_sd: float) -> Course:
    size = len(system.log_value) + len(system.step) + 1 + len(system.bias_sd)
    states = _descend(system, walk_sd, np.zeros((1, size)))[0]
    slopes = _weighted_slopes(system, states, walk_sd)
    precision = slopes.T @ slopes
    misfit = _misfit(system, states, walk_sd)
    typical, unsure = WALK_GUESS
    belief = -0.5 * (np.log(walk_sd / typical) / unsure) ** 2
    evidence = belief - 0.5 * misfit @ misfit - len(system.step) * np.log(walk_sd)
    return Course(states, np.linalg.inv(precision), walk_sd, float(evidence - 0.5 * np.linalg.slogdet(precision)[1]))


def _descend(system: System, walk_sd: float, shaken: np.ndarray) -> np.ndarray:
    """Least squares for many shaken targets (draws × residuals) at once, by Gauss-Newton steps of limited length."""
    states = np.zeros((len(shaken), system.days.shape[1] + len(system.bias_sd)))
    states[:, : system.days.shape[1]] = system.start
    for _ in range(ROUNDS):
        slopes = _weighted_slopes(system, states, walk_sd)
        turned = np.swapaxes(slopes, -1, -2)
        wanted = turned @ (_misfit(system, states, walk_sd) - shaken)[..., None]
        step = np.linalg.solve(turned @ slopes, wanted)[..., 0]
        longest = np.abs(step).max(axis=-1, keepdims=True)
        states = states + step * np.minimum(1.0, LONGEST_STEP / np.maximum(longest, 1e-12))
        if longest.max() < CLOSE:
            break
    return states


def _misfit(system: System, states: np.ndarray, walk_sd: float) -> np.ndarray:
    """What is left of totals, walk, first month and biases, each in its standard deviations."""
    months = system.days.shape[1]
    parts = [
        (system.log_value - fitted(system, states)) / system.sd,
        -np.diff(states[..., :months], axis=-1) / (walk_sd * np.sqrt(system.step)),
        (system.start - states[..., :1]) / START_SD,
        -states[..., months:] / system.bias_sd,
    ]
    return np.concatenate(parts, axis=-1)


def _weighted_slopes(system: System, states: np.ndarray, walk_sd: float) -> np.ndarray:
    """Slopes of everything that is fitted, each over its standard deviation: (… × residuals × states)."""
    months, size = system.days.shape[1], states.shape[-1]
    prior = np.zeros((len(system.step) + 1 + len(system.bias_sd), size))
    prior[: months - 1, :months] = np.diff(np.eye(months), axis=0) / (walk_sd * np.sqrt(system.step))[:, None]
    prior[months - 1, 0] = 1 / START_SD
    prior[months:, months:] = np.diag(1 / system.bias_sd)
    data = _slopes(system, states) / system.sd[:, None]
    return np.concatenate([data, np.broadcast_to(prior, (*data.shape[:-2], *prior.shape))], axis=-2)


def _slopes(system: System, states: np.ndarray) -> np.ndarray:
    months = system.days.shape[1]
    parts = system.days * np.exp(states[..., None, :months])
    slopes = np.zeros((*parts.shape[:-1], states.shape[-1]))
    slopes[..., :months] = parts / parts.sum(axis=-1, keepdims=True)
    if len(system.bias_sd):
        slopes[..., np.arange(len(system.group)), months + system.group] = 1.0
    return slopes
