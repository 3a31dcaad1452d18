# Everything here makes its own virtual environment in .venv; a Python and a package index are all it needs.
PYTHON ?= python3

VENV := .venv
BIN := $(VENV)/bin
NODE_TOOLS := axe-core@4.14.1 html-validate@10.17.0 @microsoft/sarif-multitool-linux@5.7.0
PIP := $(BIN)/python -m pip --quiet --quiet --disable-pip-version-check --no-input

.DEFAULT_GOAL := help
.PHONY: help demo arm test test-deep lint format clauses bench package dev clean

help:  ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.installed  ## audit a bundled estate and print what it finds
	@$(BIN)/egress-audit scan --example broken --fail-on never --allow-incomplete

test: $(VENV)/.installed-dev  ## run the tests
	@$(BIN)/python -m pytest

test-deep: $(VENV)/.installed-dev  ## run the long forms of the tests, which take hours
	@$(BIN)/python -m pytest -m deep
	@$(BIN)/python -m tests.mutants --json out/mutants.json

node-tools:  ## install what tests of pages and SARIF use from npm, into out/node_modules
	@npm install --prefix out --no-save --no-audit --no-fund --ignore-scripts --loglevel=error $(NODE_TOOLS)
	@chmod u+x out/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool

lint: $(VENV)/.installed-dev  ## ruff, mypy and the import contracts
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --quiet --check
	@$(BIN)/mypy auditor tests benchmarks tools
	@$(BIN)/lint-imports --no-logo

format: $(VENV)/.installed-dev  ## let ruff mend what it can
	@$(BIN)/ruff check --quiet --fix
	@$(BIN)/ruff format --quiet

clauses: $(VENV)/.installed-dev  ## print the clauses that no case reaches, and why; table in out/clauses.json
	@$(BIN)/python tools/clauses.py --json out/clauses.json

bench: $(VENV)/.installed-dev  ## measure the command, pages, and the work with sets beside z3 and CUDD
	@$(BIN)/python benchmarks/run.py

arm: $(VENV)/.installed-dev  ## play a live Azure on loopback from an example (EXAMPLE=broken), for trying the live commands
	@$(BIN)/python -m tests.arm --example $(or $(EXAMPLE),broken) --port $(or $(PORT),0)

package: $(VENV)/.installed-dev  ## build the wheel and the source archive into dist/
	@rm -rf dist
	@log=$$($(BIN)/python -m build --outdir dist . 2>&1) || { echo "$$log" >&2; exit 1; }
	@ls -1 dist/*

dev: $(VENV)/.installed-dev  ## set up .venv for work on the code
	@echo "ready; activate it with: . $(BIN)/activate"

clean:  ## remove .venv, dist, out and caches
	@rm -rf $(VENV) dist build out .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find auditor tests -name __pycache__ -type d -prune -exec rm -rf {} +

# Editable, so nothing has to be installed again when the code changes; pyproject.toml alone asks for that.
$(VENV)/.installed: pyproject.toml | $(BIN)/python
	@echo "installing egress-audit into $(VENV) ..." >&2
	@$(PIP) install --editable .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(BIN)/python
	@echo "installing egress-audit and the tools of its tests into $(VENV) ..." >&2
	@$(PIP) install --editable '.[dev]'
	@touch $@ $(VENV)/.installed

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "egress-audit needs Python 3.11 or later; name one with: make PYTHON=python3.12 ..." >&2; exit 1; }
	@echo "making the virtual environment $(VENV) ..." >&2
	@$(PYTHON) -m venv $(VENV) \
	  || { rm -rf $(VENV); echo "$(PYTHON) cannot make a virtual environment (on Debian: apt install python3-venv)" >&2; exit 1; }
