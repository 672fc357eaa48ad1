"""The commands: one sentence on stderr, an exit code, and the examples of `--help` that work."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rooms import set_cell, write_room

from attrition import cli

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def at_the_top(monkeypatch):
    monkeypatch.chdir(ROOT)


def test_parameters_lists_names_ranges_and_meaning(capsys):
    assert cli.main(["parameters", "loss_trends"]) == 0
    told = capsys.readouterr().out
    assert "horizon_weeks = 26" in told and "a whole number from 1 to 52" in told


def test_parameters_as_json(capsys):
    assert cli.main(["parameters", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    names = {row["name"] for row in listed["loss_trends"]}
    assert {"cutoff", "horizon_weeks", "penalty", "seed"} <= names


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["parameters", "los_trends"], "Unknown chapter 'los_trends': did you mean 'loss_trends'?"),
        (["run", "los_trends"], "Unknown chapter 'los_trends': did you mean 'loss_trends'?"),
        (["run", "loss_trends", "-p", "horizon=8"], "Unknown parameter of loss_trends 'horizon': did you mean"),
        (["run", "loss_trends", "-p", "horizon_weeks=many"], "Expected a whole number from 1 to 52"),
        (["run", "loss_trends", "-p", "horizon_weeks=99"], "Expected a whole number from 1 to 52"),
        (["run", "loss_trends", "-p", "cutoff=2024-02-30"], "Expected a date such as 2026-05-31"),
        (
            ["run", "loss_trends", "-p", "cutoff=2031-01-01"],
            "Expected loss_trends's cutoff from 2023-09-30 to 2026-05-31",
        ),
        (
            ["run", "loss_trends", "-p", "cutoff=2022-03-01"],
            "Expected loss_trends's cutoff from 2023-09-30 to 2026-05-31",
        ),
        (["run", "loss_trends", "-p", "cutoff"], "Expected a parameter as name=value, found 'cutoff'"),
        (["build", "--edition", "2026-5"], "Unknown edition '2026-5': did you mean '2026-05'"),
        (["build", "--only", "loss"], "Unknown chapter 'loss': did you mean 'loss_trends'"),
        (["check", "--room", "nowhere"], "Expected a data room at .*nowhere, found no such folder"),
        (["refresh", "--room", "nowhere"], "Expected a data room at .*nowhere, found no such folder"),
        (["refresh", "brent"], "found 'brent' .nearest: 'brent_daily'"),
        (["refresh", "--mirror", "http://192.0.2.1/"], "Expected an address with https, or a loopback mirror"),
    ],
)
def test_a_bad_wish_gets_one_sentence_and_code_one(capsys, arguments, message):
    import re

    assert cli.main(arguments) == 1
    told = capsys.readouterr().err
    assert re.search(message, told) and told.count("\n") == 1 and "Traceback" not in told


def test_debug_shows_the_traceback():
    with pytest.raises(ValueError, match="did you mean"):
        cli.main(["run", "los_trends", "--debug"])


def test_check_lists_every_fault_and_says_two(tmp_path, capsys):
    room = write_room(tmp_path / "room")
    set_cell(room, "evidence/losses", "L7", "low", "2000")
    set_cell(room, "evidence/losses", "L8", "source", "nobody")
    assert cli.main(["check", "--room", str(room)]) == 2
    told = capsys.readouterr()
    assert "L7" in told.err or "row 8" in told.err
    assert "nobody" in told.err
    assert "problems in" in told.out


def test_the_shipped_room_is_sound(capsys):
    assert cli.main(["check"]) == 0
    assert capsys.readouterr().out.startswith("0 problems")


@pytest.mark.parametrize(
    "command", ["build", "run", "sweep", "parameters", "refresh", "check", "new edition", "new chapter"]
)
def test_help_ends_with_an_example(command, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main([*command.split(), "--help"])
    assert stop.value.code == 0
    assert f"Example: {cli.EXAMPLES[command.split()[-1]]}" in " ".join(capsys.readouterr().out.split())


def test_a_bad_parameter_is_refused_without_starting_a_kernel():
    """A whole process, its start included, does not load the science stack to say no."""
    loaded = "import sys; from attrition.cli import main; code = main(sys.argv[1:])"
    check = f"{loaded}; sys.exit(code if not {{'pandas', 'papermill', 'matplotlib'}} & set(sys.modules) else 9)"
    command = [sys.executable, "-c", check, "run", "loss_trends", "-p", "horizon=8"]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert done.returncode == 1 and "did you mean 'horizon_weeks'" in done.stderr


STOPPED = "Stopped; nothing half-written is left in place."
EDITION = """name: "interrupted"
title: Interrupted
cutoff: 2026-02-19
parameters:
  loss_trends:
    seed: 78
"""


@pytest.mark.parametrize("command", ["run loss_trends -p seed=77 --out", "build --edition EDITION --jobs 2 --out"])
def test_ctrl_c_ends_a_run_and_leaves_nothing_half_written(tmp_path, command):
    """Interrupt a real run in the middle: the process ends, and what it was to write is not there."""
    edition, target = tmp_path / "edition.yml", tmp_path / "out" / "mine.ipynb"
    edition.write_text(EDITION)
    words = [str(edition) if word == "EDITION" else word for word in command.split()]
    arguments = [sys.executable, "-m", "attrition", *words, str(target)]
    running = subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    time.sleep(4)
    running.send_signal(2)
    _, told = running.communicate(timeout=60)
    assert (running.returncode, told.strip().splitlines()[-1]) == (130, STOPPED)
    assert not target.parent.exists()


def test_ctrl_c_while_libraries_are_still_being_imported_is_as_quiet():
    half = "import sys, types; sys.modules['attrition.kernels'] = types.ModuleType('attrition.kernels')"
    interrupt = "from attrition import cli; cli._check = lambda options: (_ for _ in ()).throw(KeyboardInterrupt)"
    command = [sys.executable, "-c", f"{half}; {interrupt}; cli.main(['check'])"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stderr) == (130, f"{STOPPED}\n")
