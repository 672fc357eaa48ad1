"""Runs on a Dask cluster: one made for the sweep on this machine, or any other by its address. Results as they come."""

from __future__ import annotations

import logging
import queue
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from attrition.sweeps import worker
from attrition.sweeps.plan import SweepError

if TYPE_CHECKING:
    from distributed import Client

FIND_SECONDS = 30  # for a scheduler to answer
WORKER_SECONDS = 120  # for its first worker to be there
LOOK_SECONDS = 1.0  # between two looks at whether the scheduler still is


@contextmanager
def connect(scheduler: str | None, jobs: int, retries: int) -> Iterator[Client]:
    """Open a client of the scheduler at an address, or of a cluster of `jobs` workers on this machine.

    Raises
    ------
    SweepError
        If no scheduler answers, or it has no worker.
    """
    import dask
    from distributed import Client, LocalCluster

    settings = {
        "distributed.scheduler.allowed-failures": retries,
        "distributed.worker.daemon": False,
        "distributed.comm.timeouts.connect": f"{FIND_SECONDS}s",
    }
    for name in [name for name in logging.root.manager.loggerDict if name.startswith("distributed")]:
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what matters reaches the user as one sentence
    with dask.config.set(settings):
        if scheduler is not None:
            with _found(scheduler, Client) as client:
                yield client
            return
        options = {"threads_per_worker": 1, "processes": True, "memory_limit": 0, "host": "127.0.0.1"}
        with (
            LocalCluster(jobs, dashboard_address="127.0.0.1:0", silence_logs=logging.CRITICAL, **options) as cluster,
            Client(cluster) as client,
        ):
            yield client


def refuse_strangers(client: Client, job: Mapping[str, Any]) -> None:
    """Refuse a cluster of which a worker has other code or data.

    Raises
    ------
    SweepError
        Naming the worker and what is wrong with it.
    """
    try:
        found = client.run(worker.check, dict(job), on_error="return")
    except (OSError, TimeoutError) as error:
        raise SweepError(f"Expected the workers to answer, found {type(error).__name__}: start them again.") from None
    for address, told in found.items():
        if told:
            raise SweepError(
                f"Expected the worker at {address} to have this project with the same code, data and versions, found:"
                f" {str(told).rstrip('.')}; bring it to the same state."
            )


def results(
    client: Client, job: Mapping[str, Any], batches: Sequence[Sequence[Mapping]], retries: int
) -> Iterator[list[dict[str, Any]]]:
    """Hand batches of runs to the workers and yield their results as they come.

    Raises
    ------
    SweepError
        If the scheduler goes away.
    """
    finished: queue.Queue = queue.Queue()
    futures = {}
    for number, runs in enumerate(batches):
        words = {**job, "runs": list(runs)}
        future = client.submit(worker.do, words, pure=False, retries=retries, priority=-number)
        futures[future] = runs
        future.add_done_callback(finished.put)
    while futures:
        try:
            future = finished.get(timeout=LOOK_SECONDS)
        except queue.Empty:
            _refuse_lost(client)
            continue
        if future.status not in ("finished", "error"):
            _refuse_lost(client, True)
        yield _outcome(future, futures.pop(future))


def finish(client: Client) -> None:
    """Let the workers end the processes that did the runs."""
    client.run(worker.end_all, on_error="return")


def _outcome(future, runs: Sequence[Mapping]) -> list[dict[str, Any]]:
    """Results of a batch; where its workers were lost again and again, or refused, the reason for each of its runs."""
    if future.status == "finished":
        return future.result()
    error = future.exception()
    lost = type(error).__name__ == "KilledWorker"
    told = "Its worker was lost again and again." if lost else " ".join(str(error).split())
    return [{"key": run["key"], "failure": told} for run in runs]


def _refuse_lost(client: Client, certain: bool = False) -> None:
    if certain or client.status != "running":
        raise SweepError(
            f"Expected the scheduler at {client.scheduler.address} to stay, found it gone: start it again and give the"
            " same command; finished runs are kept."
        )


@contextmanager
def _found(scheduler: str, opened) -> Iterator[Client]:
    try:
        client = opened(scheduler, timeout=FIND_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise SweepError(
            f"Expected a Dask scheduler at {scheduler}, found none ({type(error).__name__}): start one, or leave"
            " --scheduler out to run on this machine."
        ) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=WORKER_SECONDS)
        except TimeoutError:
            raise SweepError(
                f"Expected a worker at the scheduler {scheduler}, found none after {WORKER_SECONDS} seconds: start one."
            ) from None
        yield client
