"""Every command in the documents for people who re-run and fork is run, in order, in a small copy of the project.

Small is the book, not the line: one chapter of a few cells stands in for ten, so that all commands take less than a
minute. A few need a stand-in, and `make` and `jupyter` below name them all: what continuous integration runs as a
whole (`make test`), what serves until it is stopped, what asks live publishers, and the making of an environment. A
command of a kind that is not listed here fails its test.
"""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from attrition import kernels, skeleton

ROOT = Path(__file__).parents[1]
DOCUMENTS = ("README.md", "book/rerun.md", "book/fork.md")
LANGUAGES = ("sh", "bash", "console", "shell")
KINDS = ("make", "cd", "git", "cat", "echo", ".venv/bin/python", ".venv/bin/papermill", ".venv/bin/jupyter")
KINDS += (".venv/bin/dask", "helm", "kubectl", "pip")
ELSEWHERE = {
    "test": "continuous integration runs it as a whole",
    "serve": "it serves until it is stopped; the build before it is run",
    "refresh": "it asks live publishers; tests/test_refresh.py runs it against loopback",
    "pdf": "it needs a browser; tests/site/test_printing.py prints the book",
    "bench": "it measures for minutes",
}
FOREIGN = {
    "helm": "it needs a Kubernetes cluster",
    "kubectl": "it needs a Kubernetes cluster",
    "pip": "it asks a package index",
}
SCHEDULER = "tcp://127.0.0.1:8786"
CLUSTER = """
from distributed import LocalCluster
options = {"processes": False, "protocol": "tcp://", "host": "127.0.0.1", "dashboard_address": "127.0.0.1:0"}
with LocalCluster(1, threads_per_worker=1, silence_logs=50, **options) as there:
    print(there.scheduler_address, flush=True)
    input()
"""
PAGES = ("values", "changes", "sources", "definitions", "data")
EDITION = "name: {name}\ntitle: {title}\ncutoff: {cutoff}\n"


def blocks(path):
    """The fenced blocks of commands in a document."""
    return re.findall(rf"```(?:{'|'.join(LANGUAGES)})\n(.*?)```", (ROOT / path).read_text(encoding="utf-8"), re.DOTALL)


def commands(block):
    """The commands of a block: its lines without comments, and without what is fed to them."""
    block = re.sub(r"<<'(\w+)'(.*?)\n.*?\n\1\n", r"\2\n", block, flags=re.DOTALL)
    lines = (line.split(" # ")[0].strip() for line in block.replace("\\\n", " ").splitlines())
    return [line.removeprefix("$ ") for line in lines if line and not line.startswith("#")]


def shim(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/usr/bin/env bash\nset -e\n" + text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def environment(folder):
    """An environment whose programs are those of the one that runs the tests."""
    store = "echo 'not here: it needs an account of a store'; exit 0"
    stored = f'case "$*" in *s3://*|*gs://*|*abs://*) {store}; esac\n'
    for name in ("papermill", "ruff", "pytest"):
        shim(folder / "bin" / name, f'{stored}exec "{sys.executable}" -m {name} "$@"\n')
    no_index = 'if [ "$1 $2" = "-m pip" ]; then echo "not here: it asks a package index"; exit 0; fi\n'
    shim(folder / "bin" / "python", f'{no_index}exec "{sys.executable}" "$@"\n')
    shim(folder / "bin" / "dask", f'exec "{sys.executable}" -m dask "$1" --help\n')  # it serves until it is stopped
    lab = f'if [ "$1" = lab ]; then test -e "$2"; exec "{sys.executable}" -m jupyterlab --version; fi\n'
    shim(folder / "bin" / "jupyter", f'{lab}exec "{sys.executable}" -m jupyter "$@"\n')
    (folder / "ready").touch()


def small_project(root):
    """The project with one small chapter of a known name and nothing published."""
    for name in ("_config.yml", "requirements.txt", "pyproject.toml", "Makefile", ".gitignore", "CHANGELOG.md"):
        shutil.copy(ROOT / name, root)
    skipped = shutil.ignore_patterns("__pycache__", "*.md")
    for name in ("attrition", "data", "book"):
        shutil.copytree(ROOT / name, root / name, ignore=skipped)
    for name in ("_ext", "_static"):
        assert (root / "book" / name).is_dir()
    toc = "format: jb-book\nroot: book/index\nchapters:\n  - file: notebooks/first\n"
    (root / "_toc.yml").write_text(toc + "".join(f"  - file: {page}\n" for page in PAGES))
    (root / "book" / "index.md").write_text("# Is it so?\n\nThat is asked here.\n")
    for name in ("methods", "rerun"):
        (root / "book" / f"{name}.md").write_text(f"# {name.capitalize()}\n\nSaid elsewhere.\n")
    (root / "notebooks").mkdir()
    shutil.copy(ROOT / "notebooks" / "parameters.yml", root / "notebooks")
    (root / "tests").mkdir()
    skeleton.begin("loss_trends", root, root / "data", "rub_usd")
    toc = (root / "_toc.yml").read_text().replace("  - file: notebooks/first\n", "")
    (root / "_toc.yml").write_text(toc + "  - file: book/methods\n  - file: book/rerun\n")
    notebook = root / "notebooks" / "loss_trends.ipynb"
    content = json.loads(notebook.read_text(encoding="utf-8"))
    real = json.loads((ROOT / "notebooks" / "loss_trends.ipynb").read_text(encoding="utf-8"))
    content["cells"][1]["source"] = next(
        cell["source"] for cell in real["cells"] if "parameters" in cell["metadata"].get("tags", ())
    )
    notebook.write_text(json.dumps(content, indent=1))
    (root / "editions").mkdir()
    for name, title, cutoff in (("2026-02", "February 2026", "2026-02-19"), ("2026-05", "May 2026", "2026-05-31")):
        told = EDITION.format(name=f'"{name}"', title=title, cutoff=cutoff)
        (root / "editions" / f"{name}.yml").write_text(told)
    (root / "my-edition.yml").write_text(EDITION.format(name="mine", title="Mine", cutoff="2026-03-31"))
    shutil.copytree(root / "data", root / "path" / "to" / "room")
    shutil.copytree(ROOT / "examples", root / "examples", ignore=skipped)
    (root / "examples" / "sweeps" / "balance.yml").write_text("chapter: loss_trends\ngrid: {horizon_weeks: [4, 8]}\n")
    environment(root / ".venv")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """The small project, its two editions built once, under version control for those who clone it."""
    root = tmp_path_factory.mktemp("small") / "project"
    root.mkdir()
    small_project(root)
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@localhost"]
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-qm", "All"]):
        subprocess.run([*git, *words], cwd=root, check=True)
    return root


@pytest.fixture(scope="module")
def surroundings(tmp_path_factory, project):
    """What the commands find: `make` with its stand-ins, and the local project at the address of the documents."""
    folder = tmp_path_factory.mktemp("surroundings")
    skipped = "".join(f"{name}) echo 'not here: {why}'; exit 0;;\n" for name, why in ELSEWHERE.items())
    make = shutil.which("make")
    for name, why in FOREIGN.items():
        shim(folder / name, f"echo 'not here: {why}'\n")
    shim(folder / "make", f'case "$1" in\n{skipped}esac\n[ -e .venv/ready ] || cp -r "{project}/.venv" .venv\n')
    with (folder / "make").open("a") as file:
        file.write(f'touch .venv/ready\nexec "{make}" "$@" JOBS=1\n')
    return {
        **{key: text for key, text in os.environ.items() if key not in ("MAKEFLAGS", "MAKELEVEL", "PYTHONPATH")},
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{project}.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/you/your-fork",
        "GITHUB_REPOSITORY": "",
        kernels.ORDINARY: "1",  # for one small chapter a command, quicker than loading every library first
    }


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_is_of_a_known_kind(document):
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    told = [command for block in blocks(document) for command in commands(block)]
    assert told
    for command in told:
        assert command.split()[0] in KINDS, f"say in {Path(__file__).name} how '{command}' of {document} is tested"
        if command.startswith("make "):
            assert command.split()[1] in targets


def test_what_is_only_counted_here_is_run_elsewhere():
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").split("\ntest:")[1].split("\n\n")[0]
    assert "attrition build" in recipe and "-m pytest" in recipe
    for name in ("test_refresh.py", "site/test_printing.py"):
        assert (ROOT / "tests" / name).exists()


@contextmanager
def cluster(script, surroundings):
    """The script with the address of a cluster that is there, if it asks for one."""
    if f"--scheduler {SCHEDULER}" not in script:
        yield script
        return
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "env": surroundings}
    with subprocess.Popen([sys.executable, "-c", CLUSTER], **pipes) as process:
        yield script.replace(SCHEDULER, process.stdout.readline().strip())
        process.kill()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_runs_in_order(document, project, surroundings, tmp_path):
    """As one script: what one command makes, the next may take."""
    here = shutil.copytree(project, tmp_path / "here", symlinks=True)
    script = "".join(f"{block}\n" for block in blocks(document)).replace("/tmp/", f"{tmp_path}/")
    wanted = {**surroundings, "PYTHONPATH": str(here)}
    with cluster(script, wanted) as whole:
        told = ["bash", "-euxo", "pipefail", "-c", whole]
        done = subprocess.run(told, cwd=here, env=wanted, capture_output=True, text=True)
    assert done.returncode == 0, f"{done.stdout[-1500:]}\n{done.stderr[-3000:]}"
    made = {"README.md": "_build/html/index.html", "book/rerun.md": "editions/2026-05.lock.json"}
    assert (here / made.get(document, "my-book/_build/html/notebooks/my_question.html")).exists()
