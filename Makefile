# make demo: a virtual environment, the package, and a map of a sample article.
# make test: everything that tests need, then lint, types and tests.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt
SAMPLE := samples/port-levy.md
OUT := out
# Processes that run the tests, of up to 2 GB each.
PROCESSES ?= 2

.PHONY: demo test test-all check lint types clean

demo: $(VENV)/.demo
	@mkdir -p $(OUT)
	@$(BIN)/oped map $(SAMPLE) --format tree
	@$(BIN)/oped map $(SAMPLE) -o $(OUT)/demo.json
	@$(BIN)/oped map $(SAMPLE) -o $(OUT)/demo.html
	@echo
	@echo "The map as data:     $(abspath $(OUT)/demo.json)"
	@echo "The map as a page:   $(abspath $(OUT)/demo.html)"

test: $(VENV)/.test
	@sh tests/system-packages.sh
	@sh tests/consumers/install-python.sh
	$(MAKE) check

test-all: $(VENV)/.test
	@sh tests/system-packages.sh
	@sh tests/consumers/install-python.sh
	@sh tests/consumers/install.sh
	$(MAKE) check

check: lint types
	$(BIN)/python -m pytest --numprocesses $(PROCESSES) --dist loadfile

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types:
	$(BIN)/mypy

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP) .
	@touch $@

$(VENV)/.test: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP) --editable '.[train,entities,llm,formats,metrics,ray,serve,compare,docs,dev]'
	@touch $@ $(VENV)/.demo

clean:
	rm -rf $(VENV) $(OUT) dist build site
