"""Sweep files say what is run; whatever is wrong with one is said in a sentence, before anything starts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from projects import write_project, write_sweep

from attrition.parameters import ParameterError
from attrition.sweeps import plan, runs
from attrition.sweeps.plan import SweepError

ROOT = Path(__file__).parents[2]
FUNCTION = "function: attrition.models.balance:break_even_return_share\n"
REST = "fixed: {recruits: 30000, wounded_per_killed: 2.36}\n"


def laid(tmp_path, text):
    project = tmp_path / "project"
    if not project.exists():
        write_project(project)
    path = write_sweep(tmp_path, text)
    return runs.lay_out(project, plan.read(path), tmp_path, project / "data")


def test_a_grid_is_every_combination_in_the_order_of_the_file(tmp_path):
    found = laid(tmp_path, "chapter: tiny\ngrid:\n  seed: [1, 2]\n  cutoff: ['2026-01-31', '2026-02-28']\n")
    assert [tuple(run.given.values()) for run in found.good] == [
        (1, "2026-01-31"),
        (1, "2026-02-28"),
        (2, "2026-01-31"),
        (2, "2026-02-28"),
    ]
    assert len({run.key for run in found.good}) == 4 and found.columns == found.varied == ["seed", "cutoff"]


def test_steps_hold_both_ends_and_whole_numbers_stay_whole(tmp_path):
    found = laid(tmp_path, "chapter: tiny\ngrid: {seed: {from: 1, to: 9, steps: 3}}\n")
    assert [run.parameters["seed"] for run in found.good] == [1, 5, 9]


def test_a_latin_hypercube_has_one_point_in_each_stratum(tmp_path):
    sample = "sample: {size: 20, seed: 4, ranges: {casualties: [20000, 40000], other_exits: [0, 1]}}\n"
    found = laid(tmp_path, FUNCTION + REST + sample)
    for name, low, high in (("casualties", 20000, 40000), ("other_exits", 0, 1)):
        strata = [int((run.given[name] - low) / (high - low) * 20) for run in found.good]
        assert sorted(strata) == list(range(20))
    again = laid(tmp_path, FUNCTION + REST + sample)
    other = laid(tmp_path, FUNCTION + REST + sample.replace("seed: 4", "seed: 5"))
    assert [run.key for run in found.good] == [run.key for run in again.good] != [run.key for run in other.good]


def test_whole_parameters_are_sampled_whole_over_the_whole_range(tmp_path):
    found = laid(tmp_path, "chapter: tiny\nsample: {size: 30, ranges: {seed: [1, 3]}}\n")
    drawn = [run.parameters["seed"] for run in found.good]
    assert {drawn.count(seed) for seed in (1, 2, 3)} == {10}


def test_bad_rows_of_a_table_are_listed_and_the_others_kept(tmp_path):
    (tmp_path / "rows.csv").write_text("seed,cutoff\n1,2026-01-31\nmany,\n2,2026-02-30\n3\n4,\n")
    found = laid(tmp_path, "chapter: tiny\nrows: rows.csv\n")
    assert [run.number for run in found.good] == [1, 5]
    assert found.good[1].parameters == {"seed": 4, "cutoff": "2026-05-31"}  # an empty cell: the edition's
    reasons = {number: reason for number, _, reason in found.bad}
    assert "Expected a whole number from 0" in reasons[2] and "found 'many'" in reasons[2]
    assert "Expected a date such as" in reasons[3] and reasons[4] == "Expected 2 cells, found 1."


def test_the_key_of_a_run_changes_with_parameters_code_and_data(tmp_path):
    text = "chapter: tiny\ngrid: {seed: [1]}\n"
    (first,) = laid(tmp_path, text).good
    assert laid(tmp_path, text).good[0].key == first.key
    assert laid(tmp_path, text.replace("1", "2")).good[0].key != first.key
    (tmp_path / "project" / "data" / "a.csv").write_text("x\n2\n")
    (data,) = laid(tmp_path, text).good
    notebook = tmp_path / "project" / "notebooks" / "tiny.ipynb"
    notebook.write_text(notebook.read_text().replace("2 * seed", "3 * seed"))
    (code,) = laid(tmp_path, text).good
    assert len({first.key, data.key, code.key}) == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n", "Expected entries such as 'chapter: manpower_balance' in"),
        ("a: [\n", "Expected YAML in"),
        ("chapter: tiny\n", "expected one of 'grid', 'sample' and 'rows', found none: choose one"),
        ("chapter: tiny\ngrid: {seed: [1]}\nrows: a.csv\n", "found grid and rows"),
        ("grid: {seed: [1]}\n", "expected one of 'chapter' and 'function', found both or none"),
        ("chapter: tiny\ngird: {seed: [1]}\n", "Unknown entry 'gird': did you mean 'grid'"),
        ("chapter: tiny\ngrid: {seed: []}\n", "found an empty list"),
        ("chapter: tiny\ngrid: {seed: 3}\n", "entry 'grid.seed': input should be a valid list, found '3'"),
        ("chapter: tiny\nfixed: {seed: 1}\ngrid: {seed: [1]}\n", "expected 'seed' either fixed or varied, found both"),
        ("chapter: tiny\nsample: {size: 3, ranges: {seed: [3, 1]}}\n", "expected a range of 'seed' from low to high"),
        ("chapter: tiny\nsample: {size: 0, ranges: {seed: [1, 3]}}\n", "entry 'sample.size': input should be greater"),
        (
            "chapter: tiny\ngrid: {seed: {from: 1, to: 200001, steps: 90000}, cutoff: [1, 2]}\n",
            "found a grid of 180,000",
        ),
        ("chapter: tiny\nrows: nowhere.csv\n", "Expected a CSV file with a header at .*nowhere.csv, found none"),
        ("chapter: tiny\ngrid: {sed: [1]}\n", "Unknown parameter of tiny 'sed': did you mean 'seed'"),
        ("chapter: tyni\ngrid: {seed: [1]}\n", "Unknown chapter 'tyni': did you mean 'tiny'"),
        ("chapter: tiny\ngrid: {seed: [-1]}\n", "Expected a whole number from 0"),
        ("function: os:system\ngrid: {a: [1]}\n", "Expected a function of attrition.models, such as .* 'os:system'"),
        ("function: attrition.models.balance:nothing\ngrid: {a: [1]}\n", "Expected a function of attrition.models"),
        (
            FUNCTION + REST + "grid: {casulties: [1]}\n",
            "Unknown parameter of .* 'casulties': did you mean 'casualties'",
        ),
        (FUNCTION + "grid: {casualties: [1]}\n", "Expected a value for 'recruits' of .*, found none"),
        (FUNCTION + REST + "grid: {casualties: [many]}\n", "Expected a finite number for 'casualties' of .* 'many'"),
        (FUNCTION + REST + "grid: {casualties: [.nan]}\n", "Expected a finite number for 'casualties' of .* 'nan'"),
    ],
)
def test_a_bad_file_gets_one_sentence(tmp_path, text, message):
    with pytest.raises((SweepError, ParameterError), match=message) as caught:
        laid(tmp_path, text)
    assert "\n" not in str(caught.value)


def test_no_file(tmp_path):
    with pytest.raises(SweepError, match="Expected a sweep file as in examples/sweeps at .*, found none"):
        plan.read(tmp_path / "nothing.yml")


def test_a_table_without_rows(tmp_path):
    (tmp_path / "rows.csv").write_text("seed\n")
    with pytest.raises(SweepError, match="Expected a header of different names and 1 to 100,000 rows"):
        laid(tmp_path, "chapter: tiny\nrows: rows.csv\n")


def test_a_bad_sweep_is_refused_without_loading_the_science_stack(tmp_path):
    path = write_sweep(tmp_path, "chapter: loss_trends\ngrid: {horizon_weeks: [99]}\n")
    loaded = "import sys; from attrition.cli import main; code = main(sys.argv[1:])"
    heavy = "{'pandas', 'papermill', 'matplotlib', 'distributed', 'dask', 'pyarrow', 'scipy'}"
    check = f"{loaded}; sys.exit(code if not {heavy} & set(sys.modules) else 9)"
    command = [sys.executable, "-c", check, "sweep", str(path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT)
    assert done.returncode == 1 and "Expected a whole number from 1 to 52" in done.stderr, done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("path", sorted((ROOT / "examples").rglob("*.yml")), ids=lambda path: path.stem)
def test_the_shipped_examples_are_sound(path):
    if path.parent.name not in ("examples", "sweeps"):
        pytest.skip("no sweep file")
    assert runs.lay_out(ROOT, plan.read(path), path.parent, ROOT / "data").good
