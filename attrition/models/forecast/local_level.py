"""The method `local_level`: exponential smoothing, averaged over how fast the level moves and how long it matters."""

import numpy as np
from scipy.special import gammaincinv, gammaln

from attrition.models.forecast.tasks import Task, exponential, from_paths, normals, uniforms

# Weights of the last week that are tried, with a prior that falls to nothing at 0 and 1.3. A weight of 1 makes a random
# walk: it lies well inside, so that a series which is one does not look steadier than it is.
WEIGHTS = np.arange(1, 13) / 10
LOG_PRIOR = np.log(WEIGHTS * (1.3 - WEIGHTS) / (WEIGHTS * (1.3 - WEIGHTS)).sum())
MEMORIES_WEEKS = np.array([5.0, 10.0, 20.0, 40.0, 80.0, np.inf])
LOG_PRIOR_OF_MEMORIES = np.log([0.1, 0.1, 0.1, 0.1, 0.1, 0.5])  # forgetting has to be earned
FIRST_WEEKS = 13  # their changes give the first idea of the size of the noise, which is worth one week
SMALLEST_VARIANCE = 1e-8  # of log sums that do not move at all: one part in ten thousand


def local_level(task: Task) -> np.ndarray:
    """Follow the level of the series, averaging over how fast it moves and how long its past stays relevant.

    Simple exponential smoothing of log sums (the local level model in its innovation form: Hyndman et al. 2008, doi
    10.1007/978-3-540-71918-2) with every pair of a weight of the last week and a memory. A memory of M weeks discounts
    older weeks by 1 − 1/M per week, both in the size of the noise (West & Harrison 1997, doi 10.1007/b98971) and in
    the standing of the weights. Pairs count by how well they foresaw each next week (dynamic model averaging: Raftery,
    Kárný & Ettler 2010, doi 10.1198/TECH.2009.08104), an endless memory starting with half of the say. The errors of a
    pair are Student t, since the size of its noise is itself estimated; the future keeps the noise of the present.

    Returns
    -------
    ndarray, shape (origins, measures, quantiles, horizons)
        As every candidate: see `candidates.baseline`.
    """
    choices = uniforms(task.seed)[:, :2]
    normal = normals(task.seed)[:, : task.steps]
    weights = np.broadcast_to(WEIGHTS, (len(MEMORIES_WEEKS), len(WEIGHTS))).ravel()
    states = _states(np.log(task.values), set(task.origins))
    forecasts = []
    for origin in task.origins:
        centre, squares, degrees, share = states[origin]
        pick = np.searchsorted(share.cumsum()[:-1], choices[:, 0], side="right")
        scale = np.sqrt(squares[pick] / 2 / gammaincinv(degrees[pick] / 2, choices[:, 1]))
        moves = _moves(weights[pick], scale[:, None] * normal)
        logs = centre[pick][:, None] + np.stack([moves, -moves])
        forecasts.append(from_paths(exponential(logs).reshape(-1, task.steps), task))
    return np.stack(forecasts)


def _moves(weights, noise):
    """Distance of each week ahead from today's level: its own noise, and what earlier noise left behind."""
    moves = noise.copy()
    moves[:, 1:] += weights[:, None] * noise[:, :-1].cumsum(axis=1)
    return moves


def _states(logs, origins):
    """Centre, sum of squares, degrees of freedom and share of every pair at each origin.

    Pairs lie in a grid of memories (rows) by weights (columns); the arrays that are handed out are flat.
    """
    keep = (1 - 1 / MEMORIES_WEEKS)[:, None]
    grid = np.broadcast_shapes(keep.shape, WEIGHTS.shape)
    errors, centres = _one_week_ahead(logs[: max(origins) + 1])
    squares, degrees = _discounted(errors, keep, logs)
    density = _log_density(errors[:, None, :], keep * squares[:-1], keep * degrees[:-1])
    standing, record = np.broadcast_to(LOG_PRIOR, grid), LOG_PRIOR_OF_MEMORIES[:, None]
    states = {}
    for week in range(1, len(errors) + 1):
        joint = _normalised(keep * standing + (1 - keep) * LOG_PRIOR) + density[week - 1]
        gain = _log_sum(joint)
        standing, record = joint - gain, record + gain
        if week in origins:
            share = np.exp(_normalised((standing + record).ravel()))
            flat = (np.broadcast_to(x[week], grid).ravel() for x in (centres, squares, degrees))
            states[week] = (*flat, share)
    return states


def _one_week_ahead(logs):
    """Errors of each weight in foreseeing the second and later weeks, and its centre after every week."""
    centres, errors = np.empty((len(logs), len(WEIGHTS))), np.empty((len(logs) - 1, len(WEIGHTS)))
    centres[0] = logs[0]
    for week in range(1, len(logs)):
        errors[week - 1] = logs[week] - centres[week - 1]
        gain = np.maximum(WEIGHTS, 1 / (week + 1))  # at first the plain mean, whatever the weight
        centres[week] = centres[week - 1] + gain * errors[week - 1]
    return errors, centres


def _discounted(errors, keep, logs):
    """Sums of squared errors, and the number of weeks they are worth, after every week."""
    weeks = len(errors) + 1
    squares, degrees = np.empty((weeks, len(keep), errors.shape[1])), np.empty((weeks, len(keep), 1))
    squares[0] = max(np.mean(np.diff(logs[: FIRST_WEEKS + 1]) ** 2), SMALLEST_VARIANCE)
    degrees[0] = 1
    for week, error in enumerate(errors, start=1):
        squares[week] = keep * squares[week - 1] + error**2
        degrees[week] = keep * degrees[week - 1] + 1
    return squares, degrees


def _log_density(error, squares, degrees):
    """Log density of a Student t error with sum of squares `squares` worth `degrees` weeks."""
    height = gammaln((degrees + 1) / 2) - gammaln(degrees / 2) - np.log(np.pi * squares) / 2
    return height - (degrees + 1) / 2 * np.log1p(error**2 / squares)


def _log_sum(logs):
    top = logs.max(axis=-1, keepdims=True)
    return top + np.log(np.exp(logs - top).sum(axis=-1, keepdims=True))


def _normalised(logs):
    return logs - _log_sum(logs)
