"""Where a chapter can be run without installing anything: addresses made from the repository's own.

The repository is named in ``_config.yml`` (``launch: repository``) or by the environment of GitHub Actions, so that a
fork's pages lead to the fork. Where neither names one there are no buttons. They are plain links: opening a page asks
no other host.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from html import escape
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from sphinx.application import Sphinx

from .messages import warn

DEFAULTS = {
    "repository": "",
    "branch": "",
    "binder": "https://mybinder.org",
    "colab": "https://colab.research.google.com",
    "jupyterhub": "",
}
GITHUB = "github.com"
COLAB_NOTEBOOK = ".colab/run_a_chapter.ipynb"
PARTS = re.compile(r"/[\w.-]+(/[\w.-]+)+")


def place(settings: Mapping[str, str], environment: Mapping[str, str]) -> tuple[str, str]:
    """Return the repository's address and branch; both empty where nobody names one.

    >>> place({"repository": "https://github.com/me/fork.git"}, {})
    ('https://github.com/me/fork', 'main')
    >>> place({}, {"GITHUB_REPOSITORY": "me/fork", "GITHUB_REF_TYPE": "branch", "GITHUB_REF_NAME": "trunk"})
    ('https://github.com/me/fork', 'trunk')
    >>> place({}, {})
    ('', '')
    """
    named = environment.get("GITHUB_REPOSITORY", "")
    server = environment.get("GITHUB_SERVER_URL", f"https://{GITHUB}")
    address = settings.get("repository") or (f"{server}/{named}" if named else "")
    on_branch = environment.get("GITHUB_REF_TYPE") == "branch" and not environment.get("GITHUB_HEAD_REF")
    branch = settings.get("branch") or (environment.get("GITHUB_REF_NAME", "") if on_branch else "") or "main"
    return (address.rstrip("/").removesuffix(".git"), branch) if address else ("", "")


def addresses(settings: Mapping[str, str], repository: str, branch: str, notebook: str) -> dict[str, str]:
    """Return what opens a notebook elsewhere, by name of the service.

    Parameters
    ----------
    settings : mapping
        ``binder``, ``colab`` and ``jupyterhub``: their addresses; an empty one leaves its button out.
    repository, branch, notebook : str
        As `place` returns them; the notebook's path in the repository.

    Examples
    --------
    >>> told = addresses(DEFAULTS, "https://github.com/me/fork", "main", "notebooks/a.ipynb")
    >>> told["Binder"]
    'https://mybinder.org/v2/gh/me/fork/main?urlpath=lab%2Ftree%2Fnotebooks%2Fa.ipynb'
    >>> list(told)
    ['Binder', 'Colab', 'Codespaces']
    """
    parts = urlsplit(repository)
    path, on_github = parts.path.strip("/"), parts.netloc == GITHUB
    binder, colab, hub = (settings.get(name, "").rstrip("/") for name in ("binder", "colab", "jupyterhub"))
    found = {}
    if binder:
        there = f"gh/{path}" if on_github else f"git/{quote(repository, safe='')}"
        found["Binder"] = (
            f"{binder}/v2/{there}/{quote(branch, safe='')}?{urlencode({'urlpath': f'lab/tree/{notebook}'})}"
        )
    if colab and on_github:
        found["Colab"] = f"{colab}/github/{path}/blob/{quote(branch)}/{COLAB_NOTEBOOK}"
    if hub:
        wanted = {"repo": repository, "branch": branch, "urlpath": f"lab/tree/{path.split('/')[-1]}/{notebook}"}
        found["JupyterHub"] = f"{hub}/hub/user-redirect/git-pull?{urlencode(wanted)}"
    if on_github:
        found["Codespaces"] = f"https://codespaces.new/{path}?{urlencode({'ref': branch})}"
    return found


def paragraph(settings: Mapping[str, str], notebook: str, environment: Mapping[str, str]) -> str:
    """Return the buttons of one chapter as HTML; nothing where no repository is named."""
    repository, branch = place(settings, environment)
    if not repository:
        return ""
    links = addresses(settings, repository, branch, notebook)
    buttons = " ".join(f'<a href="{escape(address)}">{name}</a>' for name, address in links.items())
    chapter = notebook.split("/")[-1].removesuffix(".ipynb")
    ask = f"; on Colab, name <code>{escape(repository)}</code> and <code>{chapter}</code>" if "Colab" in links else ""
    told = f"Without installing anything, on a service of somebody else{ask}:"
    return f'<p>{told}</p>\n<p class="figure-files">{buttons}</p>'


def check(app: Sphinx, config: Any) -> None:
    """Warn of settings that lead nowhere, and fill in those that are not given."""
    for name in sorted(set(config.launch) - set(DEFAULTS)):
        warn("launch", None, f"expected {', '.join(DEFAULTS)} under 'launch' in _config.yml, found '{name}': remove it")
    config.launch = {**DEFAULTS, **{name: text or "" for name, text in config.launch.items()}}
    address = config.launch["repository"]
    parts = urlsplit(address)
    if address and not (parts.scheme == "https" and parts.netloc and PARTS.fullmatch(parts.path.rstrip("/"))):
        wanted = "expected 'launch: repository' as https://github.com/you/your-fork"
        warn("launch", None, f"{wanted}, found '{address}': write it so")
        config.launch["repository"] = ""


def buttons(app: Sphinx, docname: str) -> str:
    """Return the buttons of a chapter of the newest edition; an older one keeps its own numbers and has none."""
    if app.attrition_results.newest is not None:
        return ""
    return paragraph(app.config.launch, f"{docname}.ipynb", os.environ)


def setup(app: Sphinx) -> None:
    """Register the setting."""
    app.add_config_value("launch", {}, "env", dict)
    app.connect("config-inited", check)
