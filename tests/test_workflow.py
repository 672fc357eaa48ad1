"""The scheduled workflow: what it may do, what it runs, and that none of it trusts foreign text.

A checker of workflows was run by hand when this was written; it is not among the pinned packages, because the only
package of it fetches a program from elsewhere while it is installed. What matters is therefore held here.
"""

import re
import shlex
from pathlib import Path

import pytest
import yaml

from attrition import cli

ROOT = Path(__file__).parents[1]
PATH = ROOT / ".github" / "workflows" / "refresh.yml"
TEXT = PATH.read_text(encoding="utf-8")
WORKFLOW = yaml.safe_load(TEXT)
JOBS = WORKFLOW["jobs"]
STEPS = [(name, step) for name, job in JOBS.items() for step in job["steps"]]


def test_it_runs_once_a_day_and_one_at_a_time():
    (schedule,) = WORKFLOW[True]["schedule"]  # YAML reads the key `on` as true
    minute, hour, *rest = schedule["cron"].split()
    assert minute.isdigit() and hour.isdigit() and rest == ["*", "*", "*"]
    assert set(WORKFLOW[True]) == {"schedule", "workflow_dispatch"}  # no foreign pull request starts it
    assert WORKFLOW["concurrency"]["cancel-in-progress"] is False


def test_every_job_has_the_least_permissions():
    assert WORKFLOW["permissions"] == {}
    assert {name: job["permissions"] for name, job in JOBS.items()} == {
        "refresh": {"contents": "read"},
        "publish": {"pages": "write", "id-token": "write"},
        "keep": {"contents": "write"},
        "ask": {"issues": "write"},
    }
    assert all(job["timeout-minutes"] <= 60 for job in JOBS.values())


def test_it_needs_no_secret():
    assert "secrets." not in TEXT


def test_foreign_code_is_pinned_and_comes_from_one_place():
    for _, step in STEPS:
        if "uses" in step:
            assert re.fullmatch(r"actions/[a-z-]+@(v\d+(\.\d+)*|[0-9a-f]{40})", step["uses"]), step["uses"]


def test_no_expression_is_put_into_a_script():
    assert not [step["run"] for _, step in STEPS if "${{" in step.get("run", "")]


def test_the_job_that_reads_foreign_bytes_cannot_write():
    checkout = JOBS["refresh"]["steps"][0]
    assert checkout["with"]["persist-credentials"] is False
    assert not {"GH_TOKEN", "GITHUB_TOKEN"} & set(re.findall(r"[A-Z_]+", str(JOBS["refresh"])))


def test_an_issue_is_opened_on_exit_code_two_only():
    assert JOBS["ask"]["if"] == "needs.refresh.outputs.code == '2'"
    assert "gh issue create" in JOBS["ask"]["steps"][-1]["run"]


def test_the_site_is_published_after_a_fetch_failed_too():
    """Exit code 1 keeps what was accepted before; the book is built from that."""
    assert "if" not in JOBS["publish"] and JOBS["publish"]["needs"] == "refresh"
    (run,) = [step["run"] for _, step in STEPS if step.get("id") == "refresh"]
    assert 'test "$code" -le 2' in run


def commands():
    for _, step in STEPS:
        for line in step.get("run", "").splitlines():
            if "-m attrition " in line:
                yield line.split("-m attrition ")[1].split(" >")[0]


@pytest.mark.parametrize("command", list(commands()))
def test_its_commands_are_commands(command):
    assert cli.parser().parse_args(shlex.split(command))


def test_its_make_targets_are_there():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {step["run"].split()[1] for _, step in STEPS if step.get("run", "").startswith("make ")}
    assert named == {"env"} <= targets


def test_what_one_job_hands_to_another_is_there():
    for name, job in JOBS.items():
        for output in re.findall(r"needs\.refresh\.outputs\.([a-z]+)", str(job)):
            assert output in JOBS["refresh"]["outputs"], name
    ids = {step["id"] for _, step in STEPS if "id" in step}
    assert set(re.findall(r"steps\.([a-z]+)\.outputs", TEXT)) <= ids
    uploaded = {step["with"]["name"] for _, step in STEPS if "upload-artifact" in step.get("uses", "")}
    downloaded = {step["with"]["name"] for _, step in STEPS if "download-artifact" in step.get("uses", "")}
    assert downloaded <= uploaded


def test_scripts_are_sound_shell():
    import subprocess

    for _, step in STEPS:
        if "run" in step:
            done = subprocess.run(["bash", "-n"], input=step["run"], text=True, capture_output=True)
            assert done.returncode == 0, done.stderr
