"""Sweeps: one chapter, or one model function, run with many parameters, on this machine or on a cluster.

A sweep file says what varies (`plan`), the runs are written out and checked (`runs`), workers do them (`cluster`,
`worker`, `runner`), each finished run is kept at once (`ledger`), and at the end one tidy table holds the values
(`table`) and one page shows them (`page`). The same runs give the same bytes, whoever did them and however many.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from attrition import limits
from attrition.files import write_atomically
from attrition.sweeps import ledger, plan, table
from attrition.sweeps.plan import SweepError

__all__ = ["Outcome", "SweepError", "sweep"]

BATCH = 100  # calls of a function that go to a worker together
TOLD = 5  # failures named on the command line; all are in the table


@dataclass(frozen=True)
class Outcome:
    """What a sweep did: how many runs are done, were done before, and failed, and where the results are."""

    done: int
    before: int
    failed: int
    out: Path

    @property
    def code(self) -> int:
        """Exit code: 0 if every run is done, 1 if some failed."""
        return 1 if self.failed else 0


def sweep(
    root: Path,
    path: Path,
    *,
    room: Path,
    out: Path | None = None,
    scheduler: str | None = None,
    jobs: int = 1,
    within: Mapping[str, Any] | None = None,
    say: Callable[[str], None] = print,
) -> Outcome:
    """Do every run of a sweep file that is not done yet, then write its tables and its page.

    Parameters
    ----------
    root, room : Path
        The project's top folder; the data room.
    path : Path
        The sweep file.
    out : Path, optional
        Folder of the results; by default one in ``_build/sweeps`` named after the file.
    scheduler : str, optional
        Address of a Dask scheduler; by default a cluster of `jobs` workers on this machine.
    within : mapping, optional
        Limits of a single run as typed by the user (`attrition.limits.choose`); those of the file stand behind them.

    Raises
    ------
    SweepError, attrition.parameters.ParameterError, attrition.limits.LimitError
        Before anything starts: the file or a parameter is not as it should be. Later: no scheduler, or it is lost, a
        worker with other code or data, a full disk. Finished runs are kept in any case.
    """
    from attrition.sweeps import runs

    started = time.perf_counter()
    wanted = plan.read(path)
    allowed = asdict(limits.choose(wanted.limits, within or {}))
    laid = runs.lay_out(root, wanted, path.parent, room)
    out = out or root / "_build" / "sweeps" / path.stem
    with ledger.held(out):
        done = ledger.finished(out, {run.key for run in laid.good})
        before, failures = len(done), {}
        waiting = {run.key: run for run in laid.good if run.key not in done}
        if waiting:
            job = {"target": laid.target, "identity": laid.identity, "limits": allowed}
            _do(wanted, job, waiting, done, failures, out, scheduler, jobs, say)
        failed = [(run.number, run.given, failures[run.key]) for run in laid.good if run.key in failures]
        failed = sorted([*failed, *laid.bad], key=lambda row: row[0])
        _write(wanted, laid, done, failed, out)
    total, n_done = len(laid.good) + len(laid.bad), len(laid.good) + len(laid.bad) - len(failed)
    _tell(failed, out)
    old = f" ({before} of them before)" if before else ""
    bad = f", {len(failed)} failed" if failed else ""
    say(f"Sweep {path.stem}: {n_done} of {total} runs done{old}{bad}, in {time.perf_counter() - started:.1f} s: {out}")
    return Outcome(n_done, before, len(failed), out)


def _do(wanted: plan.Plan, job, waiting: Mapping, done: dict, failures: dict, out: Path, scheduler, jobs, say) -> None:
    """Let the workers do the runs that wait; keep each as it comes."""
    from tqdm import tqdm

    from attrition.sweeps import cluster

    tasks = [{"key": key, "parameters": run.parameters} for key, run in waiting.items()]
    size = min(BATCH, math.ceil(len(tasks) / (4 * jobs))) if wanted.function else 1
    batches = [tasks[start : start + size] for start in range(0, len(tasks), size)]
    try:
        with cluster.connect(scheduler, min(jobs, len(batches)), wanted.retries) as client:
            if scheduler is not None:
                cluster.refuse_strangers(client, job)
            with tqdm(total=len(tasks), unit="run", desc=out.name, file=sys.stderr, disable=None) as bar:
                for found in cluster.results(client, job, batches, wanted.retries):
                    for result in found:
                        _take(result, waiting[result["key"]], done, failures, out)
                    bar.update(len(found))
            cluster.finish(client)
    except KeyboardInterrupt:
        say(f"{len(done)} runs are kept in {out}; the same command goes on with the others.")
        raise


def _take(result: Mapping[str, Any], run, done: dict, failures: dict, out: Path) -> None:
    """Keep a result, or note why there is none."""
    if "failure" in result:
        failures[run.key] = result["failure"]
        return
    ledger.keep(out, run.key, run.parameters, result["values"])
    done[run.key] = result["values"]


def _write(wanted: plan.Plan, laid, done: Mapping, failed: list, out: Path) -> None:
    """Write the tables and the page, each whole or not at all."""
    from attrition.sweeps import page

    good = [(run.number, run.given, done[run.key]) for run in laid.good if run.key in done]
    header, rows = table.tidy(laid.columns, good)
    given = table.renamed(laid.columns)
    with ledger.guarded(out):
        write_atomically(out / "failures.csv", table.as_csv(*table.failed(laid.columns, failed), given))
        write_atomically(out / "values.csv", table.as_csv(header, rows, given))
        write_atomically(out / "values.parquet", table.as_parquet(header, rows))
        shown = page.page(wanted, header, rows, table.renamed(laid.varied), failed, len(good))
        write_atomically(out / "index.html", shown)


def _tell(failed: list, out: Path) -> None:
    """Name the first failures on stderr."""
    for number, _, reason in failed[:TOLD]:
        print(f"Run {number}: {reason}", file=sys.stderr)
    if len(failed) > TOLD:
        print(f"{len(failed) - TOLD} more failed runs are listed in {out / 'failures.csv'}.", file=sys.stderr)
