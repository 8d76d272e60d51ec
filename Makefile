# `make demo` needs Python 3.11 to 3.13 and nothing else; `make test` runs every check.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test examples clean

demo: .venv/installed
	$(BIN)/graphkit demo --out demo-run

test: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

examples: .venv/installed-dev
	$(BIN)/python pipelines/examples.py

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis demo-run dist

.venv/installed: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

# Dependency groups need pip 25.1 or later; a fresh environment often brings an older one.
.venv/installed-dev: .venv/installed
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable . --group dev
	touch $@
