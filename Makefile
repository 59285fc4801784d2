# The verbs of a working day. A machine needs only Linux, make and Python >= 3.11 with venv.

PYTHON ?= $(shell for p in python3.14 python3.13 python3.12 python3.11 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$p && break; done)
BIN := .venv/bin
STAMP := .venv/.installed
UV_COMPILE := $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-strip-extras \
	--custom-compile-command "make lock" pyproject.toml

.DEFAULT_GOAL := help
.PHONY: help setup run test lint format bench lock

help:  ## List the verbs
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

setup: $(STAMP)  ## Install the locked dependencies in .venv

$(STAMP): requirements-dev.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 ou plus récent est nécessaire, avec son module venv (sous Debian : apt install python3-venv)." >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements-dev.txt
	@touch $(STAMP)

run: setup  ## Start the application: embedded servers, web, worker and cron
	@exec $(BIN)/python run.py

test: setup  ## Check everything: style, types, architecture, behaviour, browser
	@sh tests/navigateur/installer_chromium.sh
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: setup  ## Style, types and import contracts only
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

format: setup  ## Rewrite the code in the house style
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

bench: setup  ## Measure at national scale: synchronisations, operations, journal, pages, exports
	@$(BIN)/python -m bench.synchro_finess
	@$(BIN)/python -m bench.synchro_rpps
	@$(BIN)/python -m bench.lot
	@$(BIN)/python -m bench.fusion
	@$(BIN)/python -m bench.journal
	@$(BIN)/python -m bench.pages
	@$(BIN)/python -m bench.pages_terrains
	@$(BIN)/python -m bench.exports_terrains

lock: setup  ## Upgrade and lock the dependencies, with hashes
	@$(UV_COMPILE) -o requirements.txt
	@$(UV_COMPILE) --group dev -c requirements.txt -o requirements-dev.txt
