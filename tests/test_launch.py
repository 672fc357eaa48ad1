"""Launch buttons: addresses that parse and name what exists, on a fork as well; none without a repository."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import yaml

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "book" / "_ext"))

from attrition_book import again, launch  # noqa: E402
from bs4 import BeautifulSoup  # noqa: E402

HUB = {**launch.DEFAULTS, "jupyterhub": "https://hub.example.org/"}
FORK = "https://github.com/someone/own-book"


def hrefs(settings, environment, notebook="notebooks/loss_trends.ipynb"):
    soup = BeautifulSoup(launch.paragraph(settings, notebook, environment), "html.parser")
    return {link.get_text(): link["href"] for link in soup.select("p.figure-files a")}


def test_no_repository_no_buttons():
    assert launch.paragraph(HUB, "notebooks/loss_trends.ipynb", {}) == ""


def test_the_shipped_configuration_names_no_repository_and_only_known_settings():
    shipped = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["sphinx"]["config"]["launch"]
    assert set(shipped) <= set(launch.DEFAULTS) and not any(shipped.values())


def test_every_button_leads_to_a_file_of_the_repository():
    found = {name: urlsplit(href) for name, href in hrefs({**HUB, "repository": FORK, "branch": "a/b"}, {}).items()}
    assert list(found) == ["Binder", "Colab", "JupyterHub", "Codespaces"]
    assert all(one.scheme == "https" and one.netloc for one in found.values())
    binder, colab, hub = found["Binder"], found["Colab"], parse_qs(found["JupyterHub"].query)
    assert binder.path == "/v2/gh/someone/own-book/a%2Fb"
    assert (ROOT / parse_qs(binder.query)["urlpath"][0].removeprefix("lab/tree/")).is_file()
    assert colab.path.startswith("/github/someone/own-book/blob/a/b/")
    assert (ROOT / unquote(colab.path).removeprefix("/github/someone/own-book/blob/a/b/")).is_file()
    assert found["JupyterHub"].path == "/hub/user-redirect/git-pull"
    assert (hub["repo"], hub["branch"]) == ([FORK], ["a/b"])
    assert (ROOT / hub["urlpath"][0].removeprefix("lab/tree/own-book/")).is_file()
    assert found["Codespaces"].path == "/someone/own-book"


def test_on_a_fork_the_environment_of_its_continuous_integration_names_it():
    environment = {"GITHUB_REPOSITORY": "other/fork", "GITHUB_REF_TYPE": "branch", "GITHUB_REF_NAME": "main"}
    assert hrefs(launch.DEFAULTS, environment)["Binder"].startswith("https://mybinder.org/v2/gh/other/fork/main?")
    asked = {**environment, "GITHUB_REF_NAME": "12/merge", "GITHUB_HEAD_REF": "topic"}
    assert "/other/fork/main?" in hrefs(launch.DEFAULTS, asked)["Binder"]
    assert "/someone/own-book/" in hrefs({**HUB, "repository": FORK}, environment)["Binder"]


def test_elsewhere_than_on_github_only_what_works_there_is_offered():
    found = hrefs({**HUB, "repository": "https://git.example.org/group/book"}, {})
    assert list(found) == ["Binder", "JupyterHub"]
    assert "/v2/git/https%3A%2F%2Fgit.example.org%2Fgroup%2Fbook/main?" in found["Binder"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"repository": "me/fork"},
            "expected 'launch: repository' as https://github.com/.*, found 'me/fork'",
        ),
        ({"repository": 'https://github.com/a/b"><script>'}, "expected 'launch: repository' as https://"),
        (
            {"binderhub": "x"},
            "expected repository, branch, .* under 'launch' in _config.yml, found 'binderhub'",
        ),
    ],
)
def test_a_setting_that_leads_nowhere_is_a_warning(given, message, monkeypatch):
    import re

    told = []
    monkeypatch.setattr(launch, "warn", lambda kind, where, text: told.append(text))
    config = SimpleNamespace(launch=dict(given))
    launch.check(None, config)
    assert len(told) == 1 and re.match(message, told[0])
    assert config.launch["repository"] == "" or "repository" not in given


def test_a_chapter_ends_with_them_and_one_of_an_older_edition_does_not(monkeypatch):
    monkeypatch.setenv("GITHUB_REPOSITORY", "other/fork")
    cells = [
        {"cell_type": "code", "metadata": {"tags": [tag]}, "source": "cutoff: str = '2026-05-31'"}
        for tag in ("parameters", "injected-parameters")
    ]
    for newest, expected in ((None, True), ({"title": "Newer"}, False)):
        source = [json.dumps({"cells": cells})]
        app = SimpleNamespace(
            env=SimpleNamespace(doc2path=lambda name: f"{name}.ipynb", found_docs=set()),
            attrition_results=SimpleNamespace(values={}, newest=newest),
            config=SimpleNamespace(launch=launch.DEFAULTS),
        )
        again.source_read(app, "notebooks/trial", source)
        last = json.loads(source[0])["cells"][-1]["source"]
        assert "attrition run trial" in last and ("mybinder.org/v2/gh/other/fork" in last) is expected


def test_the_files_behind_the_buttons_are_sound():
    for script in (".binder/postBuild", "tests/site/install_browser.sh"):
        assert subprocess.run(["bash", "-n", ROOT / script]).returncode == 0
        assert (ROOT / script).stat().st_mode & 0o100
    assert (ROOT / ".binder" / "runtime.txt").read_text().strip() in ("python-3.11", "python-3.12", "python-3.13")
    told = (ROOT / ".binder" / "postBuild").read_text()
    assert "-r requirements.txt" in told and "-e ." in told
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    assert container["image"].startswith("mcr.microsoft.com/devcontainers/python:") and "image" in container
    target = container["postCreateCommand"].split()[1]
    assert f"\n{target}:" in (ROOT / "Makefile").read_text()
    colab = json.loads((ROOT / launch.COLAB_NOTEBOOK).read_text())
    for cell in colab["cells"]:
        if cell["cell_type"] == "code":
            compile("".join(cell["source"]), cell["id"], "exec")
            assert cell["outputs"] == []


def test_the_notebook_for_colab_runs_a_chapter_in_a_clone(tmp_path, monkeypatch):
    """All but the installing, which continuous integration does with the same file of versions."""
    cells = {
        cell["id"]: "".join(cell["source"]) for cell in json.loads((ROOT / launch.COLAB_NOTEBOOK).read_text())["cells"]
    }
    asked, space = [], {}
    monkeypatch.setattr(subprocess, "run", lambda command, **options: asked.append(command))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "chapter.html").write_text("<p>done</p>")
    for name in ("form", "environment", "run", "show"):
        exec(cells[name], space)
    set_up, run, show = asked
    assert set_up[0:2] == ["bash", "-c"] and "requirements.txt" in set_up[2]
    from attrition import cli

    options = cli.parser().parse_args(run[3:])
    assert options.chapter == "loss_trends" and str(options.out) == "../chapter.ipynb"
    assert show[-1] == "chapter.ipynb"
