# Every target works on a fresh machine with Python 3.11 or newer and make; the environment is made on demand.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# An inherited PYTHONDONTWRITEBYTECODE makes every start about three times slower.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= $(firstword $(foreach p,python3 python3.13 python3.12 python3.11,$(if $(shell command -v $(p) >/dev/null 2>&1 && $(p) -c 'import sys; sys.exit(sys.version_info < (3, 11))' && echo yes),$(p))))
ENV := .venv
RUN := $(ENV)/bin/python
READY := $(ENV)/ready
EDITION ?=
GRID ?= examples/sweeps/break_even.yml
JOBS ?= $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)

.PHONY: help env book test refresh sweep serve bench lint browser screenshots budgets pdf lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: $(READY) ## make .venv with the exact pinned versions

$(READY): requirements.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Expected Python 3.11 or newer, found none: install one, or name it with make PYTHON=/path/to/python3." >&2; exit 1; }
	@rm -rf $(ENV)
	$(PYTHON) -m venv $(ENV)
	$(RUN) -m pip install --quiet --require-hashes -r requirements.txt
	$(RUN) -m pip install --quiet --no-deps --no-build-isolation --no-index -e .
	@$(RUN) -m compileall -q -j 0 $(ENV)/lib attrition >/dev/null || true
	@touch $@

book: $(READY) ## build the newest edition into _build/html (EDITION=2026-02 for another)
	@$(RUN) -m attrition build $(if $(EDITION),--edition $(EDITION)) --jobs $(JOBS)

test: $(READY) browser ## everything that CI checks: style, the book, tests, the site in a browser
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m attrition check
	$(RUN) -m attrition build --jobs $(JOBS)
	ATTRITION_REQUIRE_BROWSER=1 $(RUN) -m pytest -n $(JOBS) --dist loadfile -q

refresh: $(READY) ## fetch fresh data into data/, refuse what is out of bounds
	@$(RUN) -m attrition refresh

sweep: $(READY) ## run a chapter or model with many parameters (GRID=examples/sweeps/balance.yml for another)
	@$(RUN) -m attrition sweep $(GRID) --jobs $(JOBS)

serve: book ## build, then serve the site on http://localhost:8000
	$(RUN) -m http.server --bind 127.0.0.1 --directory _build/html 8000

bench: $(READY) ## ratios measured side by side, written to bench/results.md
	$(RUN) bench/run.py

lint: $(READY) ## put code and notebooks into the house style
	$(RUN) -m ruff check --fix .
	$(RUN) -m ruff format .

browser: ## install Chromium and fonts where the system's package manager allows it
	@tests/site/install_browser.sh

screenshots: book browser ## pictures of every page in _build/screenshots, and three for the README
	$(RUN) tests/site/screenshots.py _build/html _build/screenshots --front book

budgets: book browser ## what every page weighs and breaks, as a table
	$(RUN) tests/site/budgets.py _build/html

pdf: book browser ## the whole book as one PDF, _build/book.pdf
	PYTHONPATH=. $(RUN) tests/site/printing.py _build/html _build/book.pdf

lock: ## renew requirements.txt from requirements.in (needs uv)
	uv pip compile --universal --python-version 3.11.5 --generate-hashes --no-annotate --no-header --no-emit-index-url --no-emit-find-links requirements.in -o requirements.txt

clean: ## remove everything generated, the environment included
	rm -rf _build $(ENV) .pytest_cache .ruff_cache .hypothesis *.egg-info
