"""Sweeps as a whole: the same bytes whoever does the runs, and nothing lost when something breaks."""

import csv
import errno
import json
import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from projects import RECORD, write_project, write_sweep

from attrition import kernels, limits, sweeps
from attrition.sweeps import SweepError, cluster, ledger, targets, worker

ROOT = Path(__file__).parents[2]
SEEDS = "chapter: tiny\ngrid: {seed: [%s]}\nlimits: {minutes: 5}\n"
FUNCTION = "function: attrition.models.balance:break_even_return_share\n"


CLUSTER = """
from distributed import LocalCluster
options = {"processes": False, "protocol": "tcp://", "host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
with LocalCluster(1, threads_per_worker=1, silence_logs=50, **options) as there:
    print(there.scheduler_address, flush=True)
    input()
"""


@contextmanager
def a_cluster():
    """A Dask cluster in a process of its own, of one worker with ordinary kernels; its address and process."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), kernels.ORDINARY: "1"}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "env": environment}
    with subprocess.Popen([sys.executable, "-c", CLUSTER], **pipes) as process:
        yield process.stdout.readline().strip(), process
        process.kill()


@pytest.fixture(scope="module")
def elsewhere():
    """The address of a Dask cluster that was there before."""
    with a_cluster() as (address, _):
        yield address


@pytest.fixture
def project(tmp_path):
    return write_project(tmp_path / "project")


@pytest.fixture
def at_once(monkeypatch):
    """Runs are done here and now, without a cluster; returns the list of keys that were run."""
    ran = []

    class Nobody:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

    def results(client, job, batches, retries):
        target = targets.find(job["target"])
        for batch in batches:
            ran.extend(run["key"] for run in batch)
            yield [{"key": run["key"], "values": target.run(run["parameters"], limits.Limits())} for run in batch]

    monkeypatch.setattr(cluster, "connect", lambda *_: Nobody())
    monkeypatch.setattr(cluster, "results", results)
    monkeypatch.setattr(cluster, "finish", lambda client: None)
    return ran


def sweep(project, path, out, **options):
    return sweeps.sweep(project, path, room=project / "data", out=out, say=lambda _: None, **options)


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_same_bytes_from_two_warm_workers_one_of_them_killed_and_an_ordinary_one_elsewhere(tmp_path, elsewhere):
    project = write_project(tmp_path / "project", record="import time\ntime.sleep(0.3)\n" + RECORD)
    path = write_sweep(tmp_path, SEEDS % "4, 13, 1, 2, 4, 3, 5")
    here, there = tmp_path / "here", tmp_path / "there"
    killed = []

    def kill_one():
        while not list((here / "runs").glob("*.json")):
            time.sleep(0.02)
        at_work = next(one for one in psutil.Process().children(recursive=True) if _has_runner(one))
        killed.append(at_work.pid)
        at_work.kill()

    threading.Thread(target=kill_one, daemon=True).start()
    done = sweep(project, path, here, jobs=2)
    assert killed and (done.done, done.failed, done.code) == (6, 1, 1)
    assert all(not _has_runner(one) for one in psutil.Process().children(recursive=True))
    assert sweep(project, path, there, scheduler=elsewhere).done == 6
    for name in ("values.csv", "values.parquet", "failures.csv", "index.html"):
        assert (here / name).read_bytes() == (there / name).read_bytes(), name
    doubles = [row for row in rows(here / "values.csv") if row["key"] == "tiny.double"]
    assert [(row["run"], row["seed"], row["value"], row["lower"], row["level"]) for row in doubles] == [
        ("1", "4", "8", "7", "0.9"),
        ("3", "1", "2", "1", "0.9"),
        ("4", "2", "4", "3", "0.9"),
        ("5", "4", "8", "7", "0.9"),  # asked twice, run once
        ("6", "3", "6", "5", "0.9"),
        ("7", "5", "10", "9", "0.9"),
    ]
    assert len(list((here / "runs").iterdir())) == 5  # none lost, none doubled
    words = [row["word"] for row in rows(here / "values.csv") if row["key"] == "tiny.word"]
    assert words == ["even", "odd", "even", "even", "odd", "odd"]
    (failed,) = rows(here / "failures.csv")
    assert failed["run"] == "2" and failed["seed"] == "13"
    assert failed["reason"] == "Chapter tiny stopped at cell 3: ValueError: thirteen is out of luck."


def test_parquet_holds_the_same_table_with_numbers_as_numbers(project, tmp_path, at_once):
    import pandas as pd

    path = write_sweep(
        tmp_path, FUNCTION + "fixed: {recruits: 30000, wounded_per_killed: 3}\ngrid: {casualties: [3e4, 4e4]}"
    )
    sweep(project, path, tmp_path / "out")
    table, text = pd.read_parquet(tmp_path / "out" / "values.parquet"), pd.read_csv(tmp_path / "out" / "values.csv")
    assert table["value"].tolist() == text["value"].tolist() == pytest.approx([0, 1 / 3])
    assert list(table.columns) == list(text.columns)
    assert list(text.columns[:5]) == ["run", "recruits", "wounded_per_killed", "casualties", "key"]


def test_ten_thousand_rows_of_which_three_are_bad(project, tmp_path, elsewhere):
    """Two cannot be read, one is refused by the model: those are listed, all others are done."""
    lines = [f"{20000 + number},30000,2.5" for number in range(10_000)]
    lines[17], lines[4000], lines[9998] = "many,30000,2.5", "25000,30000", "25000,-1,2.5"
    (tmp_path / "rows.csv").write_text("casualties,recruits,wounded_per_killed\n" + "\n".join(lines) + "\n")
    out = tmp_path / "out"
    done = sweep(project, write_sweep(tmp_path, FUNCTION + "rows: rows.csv\n"), out, scheduler=elsewhere)
    assert (done.done, done.failed, done.code) == (9997, 3, 1)
    reasons = {row["run"]: row["reason"] for row in rows(out / "failures.csv")}
    assert list(reasons) == ["18", "4001", "9999"]
    assert "found 'many'" in reasons["18"] and reasons["4001"] == "Expected 3 cells, found 2."
    assert "BalanceError: Expected recruits of at least 0, found -1" in reasons["9999"]
    found = rows(out / "values.csv")
    assert [row["run"] for row in found] == [str(n) for n in range(1, 10_001) if str(n) not in reasons]
    assert found[0]["value"] == repr(1 - (30000 - 20000 / 3.5) / (20000 - 20000 / 3.5))


RECORD_ONLY = """from attrition import values
values.record("tiny.double", 2 * seed, unit="persons", label="a", definition="A.", as_of=cutoff, sources=["nobody"])"""


def _has_runner(process):
    try:
        return any("attrition.sweeps.runner" in " ".join(child.cmdline()) for child in process.children())
    except psutil.Error:
        return False


ONCE_SLOW = """import pathlib, time
if seed == 7 and not pathlib.Path("../slept").exists():
    pathlib.Path("../slept").touch()
    time.sleep(1000)
"""


def test_a_scheduler_that_goes_away_is_said_and_the_sweep_goes_on_later(tmp_path, elsewhere):
    project = write_project(tmp_path / "project", record=ONCE_SLOW + RECORD_ONLY)
    path, out = write_sweep(tmp_path, SEEDS % "1, 7"), tmp_path / "out"

    def end(process):
        while not (project / "slept").exists():
            time.sleep(0.05)
        process.kill()

    with a_cluster() as (address, process):
        threading.Thread(target=end, args=(process,), daemon=True).start()
        with pytest.raises(SweepError, match="Expected the scheduler at .* to stay, found it gone: start it again"):
            sweep(project, path, out, scheduler=address)
    assert len(list((out / "runs").iterdir())) == 1
    again = sweep(project, path, out, scheduler=elsewhere)
    assert (again.done, again.before, again.failed) == (2, 1, 0)


def test_a_notebook_that_hangs_is_ended_and_listed(project, tmp_path, elsewhere):
    path = write_sweep(tmp_path, SEEDS.replace("5", "0.04") % "1000")
    done = sweep(project, path, tmp_path / "out", scheduler=elsewhere)
    assert (done.done, done.failed, done.code) == (0, 1, 1)
    (failed,) = rows(tmp_path / "out" / "failures.csv")
    assert failed["seed"] == "1000" and "it had not ended after 0.04 minutes, the limit" in failed["reason"]


def test_a_function_that_hangs_or_hoards_is_ended_and_the_others_go_on(monkeypatch, tmp_path):
    """The process that calls it is watched from outside."""
    lines = "import sys, time\nfor line in sys.stdin:\n    print('{}', flush=True)\n    time.sleep(9)\n"
    monkeypatch.setattr(worker, "COMMAND", [sys.executable, "-c", lines])
    job = {
        "target": {"function": "a"},
        "limits": {"minutes": 0.01, "memory_gb": 1},
        "runs": [{"key": "x"}, {"key": "y"}],
    }
    told = worker.do({**job, "identity": ""})
    assert [one["key"] for one in told] == ["x", "y"]
    assert all(
        one["failure"].startswith("It was ended beyond its limits of 0.01 minutes and 1 GB: raise") for one in told
    )


def test_what_is_done_is_not_done_again_and_failures_are_tried_again(project, tmp_path, at_once):
    fixed = FUNCTION + "fixed: {recruits: 30000, wounded_per_killed: 3}\n"
    out = tmp_path / "out"
    assert sweep(project, write_sweep(tmp_path, fixed + "grid: {casualties: [30000, 40000]}"), out).done == 2
    again = sweep(project, write_sweep(tmp_path, fixed + "grid: {casualties: [30000, 40000, 50000]}"), out)
    assert (again.done, again.before) == (3, 2) and len(at_once) == 3
    cut_off = next(iter((out / "runs").iterdir()))
    cut_off.write_text("{")  # as a crash of the machine leaves it
    assert sweep(project, write_sweep(tmp_path, fixed + "grid: {casualties: [30000, 40000, 50000]}"), out).done == 3
    assert at_once[-1] == cut_off.stem and json.loads(cut_off.read_text())["values"]


def test_a_full_disk_is_said_in_one_sentence_and_what_was_written_stays(
    project, tmp_path, at_once, monkeypatch, capsys
):
    path = write_sweep(tmp_path, "chapter: tiny\ngrid: {seed: [1, 2, 3]}\n")
    monkeypatch.setattr(targets.ChapterTarget, "run", lambda self, given, within: [])
    written = ledger.write_atomically

    def full(there, content, **options):
        if len(list((tmp_path / "out" / "runs").glob("*.json"))) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        written(there, content, **options)

    monkeypatch.setattr(ledger, "write_atomically", full)
    with pytest.raises(SweepError, match="found 'No space left on device': make room there and give the same command"):
        sweep(project, path, tmp_path / "out")
    assert len(list((tmp_path / "out" / "runs").iterdir())) == 2
    monkeypatch.setattr(ledger, "write_atomically", written)
    assert sweep(project, path, tmp_path / "out").before == 2


def test_two_sweeps_do_not_share_a_folder(project, tmp_path):
    path = write_sweep(tmp_path, SEEDS % "1")
    with ledger.held(tmp_path / "out"), pytest.raises(SweepError, match="found another sweep at work: wait, or name"):
        sweep(project, path, tmp_path / "out")


def test_a_worker_with_other_code_is_refused_before_anything_runs(project, tmp_path, elsewhere):
    words = targets.describe(
        project, one=targets.chapter.load(project / "notebooks" / "tiny.ipynb"), room=project / "data"
    )
    with (
        cluster.connect(elsewhere, 1, 0) as client,
        pytest.raises(
            SweepError, match=r"Expected the worker at tcp://.* found: Expected the code and data of the sweep"
        ),
    ):
        cluster.refuse_strangers(client, {"target": words, "identity": "0" * 64})


def test_no_scheduler_at_an_address(monkeypatch):
    monkeypatch.setattr(cluster, "FIND_SECONDS", 1)
    with pytest.raises(SweepError, match=r"Expected a Dask scheduler at tcp://127.0.0.1:9, found none"):  # noqa: SIM117
        with cluster.connect("tcp://127.0.0.1:9", 1, 0):
            pass


def test_an_interrupt_says_what_is_kept(project, tmp_path, at_once, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(cluster, "connect", stop)
    told = []
    with pytest.raises(KeyboardInterrupt):
        sweeps.sweep(
            project, write_sweep(tmp_path, SEEDS % "1"), room=project / "data", out=tmp_path / "out", say=told.append
        )
    assert told == [f"0 runs are kept in {tmp_path / 'out'}; the same command goes on with the others."]


def test_the_page_shows_values_against_parameters_and_lists_failures(project, tmp_path, at_once):
    path = write_sweep(
        tmp_path, FUNCTION + "fixed: {recruits: 30000, wounded_per_killed: 3}\ngrid: {casualties: [3e4, 4e4]}"
    )
    sweep(project, path, tmp_path / "out")
    page = Path(tmp_path / "out" / "index.html").read_text()
    assert page.count("<figure>") == 1 and "result against casualties; each dot is a run" in page
    assert 'alt="Dots of result against casualties (no unit), casualties 30,000 to 40,000.' in page
    assert "http" not in page.replace("http-equiv", "") and "Two runs done, none failed." in page
