"""The Gaussian state-space model behind the consensus, solved for all months at once.

States are the logarithms of the daily rate of killed and of the ratio of casualties to killed, both random walks by
month, and one lasting bias for each family and thing counted. Figures are sums over days, so their logarithm is linear
only nearby: the model is linearised where the states are, solved, and linearised again until nothing moves, which is
the iterated Kalman smoother (Bell 1994, doi 10.1137/0804035). A war has few months, so one system of equations is
both simpler and faster than a recursion, and a total since the first day needs no state of its own.
"""

from dataclasses import dataclass

import numpy as np

START_SD = 3.0  # of the logarithm of the first month's rate: nothing is known
RATIO_START = (np.log(4.0), 1.0)  # logarithm of casualties for one killed in the first month: mean and sd
WEIGHT = 4.0  # degrees of freedom of what is stated on noise and movement: about as many observations
ROUNDS, CLOSE = 200, 1e-5


@dataclass(frozen=True)
class System:
    """Observations in the form the smoother takes: n figures, T months, B biases.

    Attributes
    ----------
    days : array (n, T)
        Days of each month that a figure covers.
    casualties : array (n,)
        Whether a figure counts casualties; else killed.
    group : array (n,)
        Number of the bias, from 0 to B - 1, that a figure carries.
    log_value, sd : array (n,)
        Logarithm of the figure, and the stated error of it.
    bias_sd : array (B,)
        Prior standard deviation of each bias; its mean is nought.
    walk_sd, noise_sd : float, float, float
        Stated monthly movement of the killed and of the ratio, and stated noise of a family.
    """

    days: np.ndarray
    casualties: np.ndarray
    group: np.ndarray
    log_value: np.ndarray
    sd: np.ndarray
    bias_sd: np.ndarray
    walk_sd: tuple[float, float]
    noise_sd: float


@dataclass(frozen=True)
class Posterior:
    """What is believed after all figures: states in the order killed, ratio, biases.

    `gain` (states × figures) says how far each figure moves each state; `noise` is the standard deviation found for
    each bias's family, `walk` that of the monthly movements.
    """

    mean: np.ndarray
    cov: np.ndarray
    gain: np.ndarray
    noise: np.ndarray
    walk: np.ndarray


def smooth(system: System, *, learn: bool = True) -> Posterior:
    """Find states, noise and movement from all figures together.

    Noise and movement are found by expectation-maximisation (Shumway & Stoffer 1982, doi
    10.1111/j.1467-9892.1982.tb00349.x), each variance as the mean of a scaled inverse chi-squared belief whose scale is
    the stated size, with `WEIGHT` degrees of freedom: a mean and not a mode, because unsure variances ask for wider
    intervals. With `learn` false they stay as stated.
    """
    months, biases = system.days.shape[1], len(system.bias_sd)
    walk, noise = np.array(system.walk_sd, dtype=float), np.full(biases, system.noise_sd)
    mean = _first_guess(system)
    for _ in range(ROUNDS):
        prior, centre = _prior(system, months, walk)
        fitted, slopes = _linearise(system, mean)
        variance = system.sd**2 + noise[system.group] ** 2
        weighted = slopes.T / variance
        cov = np.linalg.inv(prior + weighted @ slopes)
        step = cov @ (weighted @ (system.log_value - fitted) - prior @ (mean - centre))
        mean = mean + step
        before = np.concatenate([walk, noise])
        if learn:
            fitted, slopes = _linearise(system, mean)
            walk, noise = _walk(system, months, mean, cov), _noise(system, mean, cov, fitted, slopes, noise)
        if max(np.abs(step).max(), np.abs(np.concatenate([walk, noise]) / before - 1).max()) < CLOSE:
            break
    return Posterior(mean, cov, cov @ weighted, noise, walk)


def _first_guess(system: System) -> np.ndarray:
    months = system.days.shape[1]
    ratio = RATIO_START[0]
    rates = system.log_value - np.log(system.days.sum(axis=1)) - ratio * system.casualties
    return np.concatenate([np.full(months, rates.mean()), np.full(months, ratio), np.zeros(len(system.bias_sd))])


def _prior(system: System, months: int, walk: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Precision and mean of the states before any figure is seen."""
    size = 2 * months + len(system.bias_sd)
    precision, centre = np.zeros((size, size)), np.zeros(size)
    change = np.diff(np.eye(months), axis=0)
    level = (system.log_value - np.log(system.days.sum(axis=1)) - RATIO_START[0] * system.casualties).mean()
    for part, start in enumerate([(level, START_SD), RATIO_START]):
        rows = slice(part * months, (part + 1) * months)
        precision[rows, rows] = change.T @ change / walk[part] ** 2
        precision[part * months, part * months] += start[1] ** -2
        centre[rows] = start[0]
    biases = np.arange(2 * months, size)
    precision[biases, biases] = system.bias_sd**-2.0
    return precision, centre


def _linearise(system: System, mean: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Logarithm of each figure as the states have it, and its slopes in the states."""
    n, months = system.days.shape
    counted = mean[:months] + np.outer(system.casualties, mean[months : 2 * months])
    parts = system.days * np.exp(counted)
    total = parts.sum(axis=1)
    shares = parts / total[:, None]
    own = np.zeros((n, len(system.bias_sd)))
    own[np.arange(n), system.group] = 1.0
    fitted = np.log(total) + mean[2 * months + system.group]
    return fitted, np.hstack([shares, shares * system.casualties[:, None], own])


def _walk(system: System, months: int, mean: np.ndarray, cov: np.ndarray) -> np.ndarray:
    """Movement a month that the states show, pulled to the stated one."""
    change = np.diff(np.eye(months), axis=0)
    found = []
    for part, stated in enumerate(system.walk_sd):
        rows = slice(part * months, (part + 1) * months)
        seen = ((change @ mean[rows]) ** 2).sum() + ((change @ cov[rows, rows]) * change).sum()
        found.append(np.sqrt((WEIGHT * stated**2 + seen) / (WEIGHT + months - 3)))
    return np.array(found)


def _noise(system, mean, cov, fitted, slopes, noise) -> np.ndarray:
    """Noise that each family's figures show beyond their stated errors, pulled to the stated one."""
    own = noise[system.group] ** 2
    share = own / (own + system.sd**2)
    spread = ((slopes @ cov) * slopes).sum(axis=1)
    seen = share**2 * ((system.log_value - fitted) ** 2 + spread) + (1 - share) * own
    biases = len(system.bias_sd)
    sums = np.bincount(system.group, seen, minlength=biases)
    count = np.bincount(system.group, minlength=biases)
    return np.sqrt((WEIGHT * system.noise_sd**2 + sums) / (WEIGHT + count - 2))
