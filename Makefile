# The two commands: `make repro` and `make test`. What they stand for is in the README.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export MLFLOW_DISABLE_TELEMETRY := true

.PHONY: help repro test lint types install install-dev clean

help:
	@echo "make repro   install into $(VENV) and run the pipeline; only what changed runs again"
	@echo "make test    install what the tests need and run them"
	@echo "make lint    ruff: lint and format;  make types  mypy --strict"

install: $(VENV)/installed
install-dev: $(VENV)/installed-dev

repro: install
	$(BIN)/ganbench repro --threads 1
	@echo
	@echo "Done. Where to look next:"
	@echo "  results/report.html            samples, losses and the table, in a browser"
	@echo "  source $(BIN)/activate      then:"
	@echo "  dvc metrics show results/metrics --precision 3    the same numbers in the terminal"
	@echo "  mlflow ui                      compare the runs at http://127.0.0.1:5000"
	@echo "  edit params.yaml, then make repro: only what changed runs again"

test: install-dev
	$(BIN)/pytest -n auto --dist loadgroup

lint: install-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install-dev
	$(BIN)/mypy

clean:
	rm -rf $(VENV)

$(VENV)/created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "ganbench needs Python 3.11 or newer; $(PYTHON) is not. Try: make PYTHON=python3.12 repro" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/installed: $(VENV)/created pyproject.toml constraints.txt
	$(BIN)/pip install --quiet --constraint constraints.txt --editable .
	touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@
