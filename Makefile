# Two commands, on a machine that has nothing but Python 3.11 or newer:
#   make demo    refine the bundled digits with 40% of the labels made wrong
#   make test    lint, types, floors, and all tests
PYTHON ?= python3
BIN := .venv/bin
DEMO := runs/demo

.PHONY: demo test lint clean

demo: .venv/core.installed
	rm -rf $(DEMO)
	$(BIN)/softlabel refine digits --corrupt symmetric:0.4 --jobs 2 --out $(DEMO)

# One thread a worker: threads of two workers on two cores wait for each other, and took ten times as long beside anything else.
test: .venv/dev.installed lint
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal -q

lint: .venv/dev.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

clean:
	rm -rf .venv runs/demo

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "softlabel needs Python 3.11 or newer, this is " + sys.version.split()[0] + "; try make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv .venv

# The core is installed without torch; the stamp is newer than pyproject.toml when it is up to date.
.venv/core.installed: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

.venv/dev.installed: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@
	touch .venv/core.installed
