# Everything a person does with this project. `make` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export DAGSTER_HOME ?= $(CURDIR)/.dagster
export DAGSTER_DISABLE_TELEMETRY := 1
export GX_ANALYTICS_ENABLED := false
export PYTHONDONTWRITEBYTECODE ?=
# trust what the machine trusts, as pip does: package indexes behind a company proxy
export UV_SYSTEM_CERTS ?= true

.DEFAULT_GOAL := help
.PHONY: help setup demo cluster-demo ui test test-slow test-lake test-all check lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

setup: $(VENV)/.ready ## the environment in .venv, from hashed requirements

$(VENV)/.ready: requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; found $$($(PYTHON) --version). Set PYTHON=..."; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@if command -v uv >/dev/null 2>&1; then uv=uv; else test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt; uv=$(BIN)/uv; fi; \
	 echo "installing into $(VENV)"; \
	 VIRTUAL_ENV=$(VENV) $$uv pip install --quiet --require-hashes -r requirements/dev.txt && \
	 VIRTUAL_ENV=$(VENV) $$uv pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

demo: setup ## 100 pairs of the 20 most prevalent codes, offline
	@mkdir -p $(DAGSTER_HOME) && test -f $(DAGSTER_HOME)/dagster.yaml || cp dagster.yaml $(DAGSTER_HOME)/
	@$(BIN)/medsynth run --top 20 --per-code 5 --engine offline --example

cluster-demo: setup ## 200 codes on PostgreSQL, Redis and 3 workers of this machine; one is killed on the way
	@$(BIN)/python -m deploy.cluster_demo $(ARGS)

ui: setup ## Dagster's UI on http://127.0.0.1:3000
	@mkdir -p $(DAGSTER_HOME) && test -f $(DAGSTER_HOME)/dagster.yaml || cp dagster.yaml $(DAGSTER_HOME)/
	@$(BIN)/dagster dev -w workspace.yaml -h 127.0.0.1 -p $${PORT:-3000}

test: setup ## the test suite
	@$(BIN)/pytest

test-slow: setup ## the slow proof alone: servers, kills, a browser; one after another
	@$(BIN)/pytest -m slow -n 0

test-lake: setup ## the suite's proof of features once more, on a DuckLake in PostgreSQL
	@$(BIN)/pytest -m lake -n 0

test-all: test test-slow test-lake ## all of them

check: setup ## style, types, layers
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

LOCK := pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	--no-emit-index-url --no-emit-find-links

lock: setup ## requirements/*.txt anew from pyproject.toml
	@uv=$$(command -v uv || echo $(CURDIR)/$(BIN)/uv) && \
	 $$uv $(LOCK) --extra ui pyproject.toml -o requirements/ui.txt && \
	 $$uv $(LOCK) --extra ui --extra dev pyproject.toml -o requirements/dev.txt && \
	 $$uv $(LOCK) --extra ui --extra cluster --extra kubernetes pyproject.toml -o requirements/cluster.txt && \
	 echo uv | $$uv $(LOCK) - -o requirements/uv.txt

clean: ## the environment and what tools left; data stays
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
