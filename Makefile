# Everything a person or a machine does here. `make` alone says what there is.
#
# Needs Python 3.11 or newer; git is not needed. Packages come from the lock, by uv where it is there, else by pip.

.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory
.DELETE_ON_ERROR:

VENV  := .venv
BIN   := $(VENV)/bin
STAMP := $(VENV)/.installed
# Tests run on so many processes: one more than the two cores they are written for, since many of them wait.
JOBS  ?= 3

# A room is a part of the tests that can be run by itself: `make test-core`. Another one is a word here and its paths.
ROOMS         := core time alarms api browser spark
ALARMS        := tests/rules tests/alerts tests/notify
API           := tests/api tests/client
BROWSER       := tests/browser tests/dashboards
TIME          := tests/chaos tests/scheduler
SPARK         := tests/spark
TESTS-core    := tests monitor dashboards README.md $(addprefix --ignore=,$(ALARMS) $(API) $(BROWSER) $(TIME) $(SPARK))
TESTS-time    := $(TIME)
TESTS-alarms  := $(ALARMS)
TESTS-api     := $(API)
TESTS-browser := $(BROWSER)
TESTS-spark   := $(SPARK)

export UV_PYTHON_DOWNLOADS := never
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Tests start hundreds of interpreters: without its bytecode on disk each compiles all that it imports, for seconds.
export PYTHONDONTWRITEBYTECODE :=

# A checkout that was moved or whose Python has gone is installed anew.
ifneq ($(shell cat $(STAMP) 2>/dev/null && $(BIN)/python -c '' 2>/dev/null && echo works),$(CURDIR) works)
.PHONY: $(STAMP)
endif

.PHONY: help
help:  ## say what there is
	@awk -F ':.*## ' '/^[a-z%-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.PHONY: install
install: $(STAMP)  ## make .venv with everything in it; the command is then .venv/bin/monitor

$(STAMP): requirements.lock pyproject.toml deploy/install.sh
	@bash deploy/install.sh $(VENV)
	@echo "$(CURDIR)" > $@

.PHONY: demo
demo: install  ## monitor five sample models over their whole history and say what was found
	@$(BIN)/monitor demo

.PHONY: test
test: $(ROOMS:%=test-%) check  ## every room's tests, then check

# Tests run side by side: threads of linear algebra beside them only spin.
test-%: export OPENBLAS_NUM_THREADS := 1
# Browsers, databases and kills meet a busy machine here: what failed is tried once more, alone, and named either way.
test-%: install  ## the tests of one room: test-core
	@tests="$(or $(TESTS-$*),$(error no room is called $*: there are $(ROOMS)))"; \
	  $(BIN)/python -m pytest -q -rs -n $(JOBS) --dist worksteal --durations=10 --durations-min=1 $$tests && exit 0; \
	  [ $$? = 1 ] || exit 1; echo "test-$*: what failed is tried once more, alone; what passes now is unsteady: mend it"; \
	  $(BIN)/python -m pytest -rA --tb=short --show-capture=no --last-failed --last-failed-no-failures none --maxfail=1 $$tests

.PHONY: check
check: install  ## lint, format, types, who may import whom, written pages up to date
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { echo "not formatted: make format"; exit 1; }
	@if $(BIN)/python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))'; then $(BIN)/mypy --no-error-summary; \
	  else echo "check: types are left out: they are written for the numpy that the lock has for Python 3.11"; fi
	@$(BIN)/lint-imports --no-cache --no-logo > $(VENV)/lint-imports.txt || { cat $(VENV)/lint-imports.txt; exit 1; }
	@$(BIN)/python -m monitor.metrics.catalogue | cmp -s - docs/metrics.md || { echo "docs/metrics.md is old: make docs"; exit 1; }
	@$(BIN)/python -m monitor.api.description | cmp -s - docs/openapi.json || { echo "docs/openapi.json is old: make docs"; exit 1; }
	@$(BIN)/python -m benchmarks.page | cmp -s - docs/benchmarks.md || { echo "docs/benchmarks.md is not of benchmarks/results.json: make docs"; exit 1; }
	@echo "check: lint, format, types, imports and pages are in order"

.PHONY: format
format: install  ## put the code in order
	@$(BIN)/ruff check --quiet --fix .
	@$(BIN)/ruff format --quiet .

.PHONY: docs
docs: install  ## write the pages and the schema that are made from the code
	@$(BIN)/python -m monitor.metrics.catalogue > $(VENV)/metrics.md
	@mv $(VENV)/metrics.md docs/metrics.md
	@$(BIN)/python -m monitor.api.description > $(VENV)/openapi.json
	@mv $(VENV)/openapi.json docs/openapi.json
	@$(BIN)/python -m benchmarks.page > $(VENV)/benchmarks.md
	@mv $(VENV)/benchmarks.md docs/benchmarks.md
	@$(BIN)/python -c 'from monitor.config.schema import FILE, schema_text; FILE.write_text(schema_text(), encoding="utf-8")'

.PHONY: fuzz
fuzz: install  ## ask the API everything that its description allows, for some minutes
	@MONITOR_FUZZ=long $(BIN)/python -m pytest -q -rP tests/api/test_fuzz.py

.PHONY: chaos
chaos: install  ## kill, stop and crash workers and databases for half an hour; prints figures
	@MONITOR_CHAOS=long $(BIN)/python -m pytest -q -rP tests/chaos/test_kills.py tests/chaos/test_command_kills.py tests/chaos/test_replicas.py tests/chaos/test_network.py tests/chaos/test_source_network.py tests/chaos/test_full_disk.py

.PHONY: screenshots
screenshots: install  ## pictures of every page of the demo, light and dark, wide and narrow, in shots/
	@test -f .demo/monitor.yaml || $(BIN)/monitor demo --no-serve
	@$(BIN)/python -m tests.browser.screenshots .demo shots

.PHONY: bench
bench: install  ## measure speed, memory and honesty of the numbers, beside peers; BENCH="drift peers" for some
	@$(BIN)/python -m benchmarks $(BENCH)

.PHONY: lock
lock:  ## choose the newest versions that pyproject.toml allows and pin them; needs uv
	@uv pip compile pyproject.toml --quiet --extra test --extra spark --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header --upgrade --output-file requirements.lock > /dev/null

.PHONY: build
build: install  ## make dist/*.whl and dist/*.tar.gz
	@rm -rf dist
	@$(BIN)/python -m hatchling build -d dist 2>&1 | sed 's/^/  /'

.PHONY: clean
clean:  ## remove what was made here: .venv, .demo, caches, dist
	@rm -rf $(VENV) .bench .demo shots dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
