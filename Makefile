# Whistle: one command for each thing a person wants. `make help` lists them.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet
# Programs are called as modules: their scripts name the folder they were installed in, and a copied checkout moves it.
# The lock files are complete, so nothing is resolved (--no-deps): a resolver asks for `coverage[toml]` in its newest release, and a release
# that came after the lock has no hash in it. `make check` asks whether what is installed fits together.

export PORT ?= 8000
export HOST ?= 127.0.0.1

.PHONY: help install demo demo-reset test slow check faults schema bench e2e pictures lock messages
.DEFAULT_GOAL := help

help:
	@echo "make demo        run the whole system at http://127.0.0.1:8000 (PORT and HOST change that)"
	@echo "make demo-reset  delete the demo's data"
	@echo "make test        run the tests on servers of their own"
	@echo "make slow        a whole demo, random weeks, races and kill -9, at length"
	@echo "make check       format, lint, types, layers, migrations, system checks, lock files"
	@echo "make faults      kill and restart workers and servers, and look at what is left"
	@echo "make schema      ask a running demo for everything in its OpenAPI document, rightly and wrongly"
	@echo "make e2e         each role's day in a browser; needs Chromium and a Chinese font (docs/operations.md)"
	@echo "make pictures    take the pictures of the READMEs anew, from a demo of their own"
	@echo "make bench       measure, one JSON line for each figure"
	@echo "make install     make .venv with what the system needs to run"
	@echo "make messages    renew the Chinese catalogue from code and templates"
	@echo "make lock        renew the lock files after a change in pyproject.toml"

install: $(VENV)/.run

demo: $(VENV)/.run
	@$(PY) -m config.demo

demo-reset: $(VENV)/.run
	@$(PY) -m config.demo reset

test: $(VENV)/.dev
	@$(PY) -m pytest -n 2 -m "not slow" --ignore=tests/e2e --ignore=tests/faults --ignore=tests/bench $(ARGS)

slow: $(VENV)/.dev
	@$(PY) -m pytest -n 2 -m slow --ignore=tests/e2e --ignore=tests/faults --ignore=tests/bench $(ARGS)

check: export WHISTLE_MODE = test
check: $(VENV)/.dev
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(PY) -c 'from importlinter.cli import lint_imports_command as c; c()'
	@$(PY) -m tests.locks
	@$(PIP) check
	@$(PY) manage.py makemigrations --check --dry-run
	@$(PY) manage.py check --fail-level WARNING

bench: $(VENV)/.dev
	@$(PY) -m tests.bench $(ARGS)

faults: $(VENV)/.dev
	@$(PY) -m pytest -p no:randomly -q -n 2 --dist loadfile tests/faults $(ARGS)

schema: $(VENV)/.dev
	@$(PY) -m tests.contract_run

e2e: $(VENV)/.dev
	@$(PY) -m pytest -p no:randomly tests/e2e $(ARGS)

pictures: $(VENV)/.dev
	@$(PY) -m tests.e2e.pictures

messages: $(VENV)/.dev
	@$(PY) -m tests.messages

lock: $(VENV)/.dev
	$(PY) -m uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
		pyproject.toml -o requirements.txt
	$(PY) -m uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
		pyproject.toml --extra dev -o requirements-dev.txt

$(VENV)/.run: requirements.txt | $(VENV)/.made
	@echo "Installing what Whistle needs to run ..."
	@$(PIP) install --require-hashes --no-deps -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt | $(VENV)/.made
	@echo "Installing what Whistle needs for tests ..."
	@$(PIP) install --require-hashes --no-deps -r requirements-dev.txt
	@touch $@ $(VENV)/.run

$(VENV)/.made:
	@command -v $(PYTHON) >/dev/null || { \
		echo "There is no $(PYTHON) here; install Python 3.11 or newer, or name one: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Whistle needs Python 3.11 or newer and $(PYTHON) is older; name another: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
		echo "$(PYTHON) has no venv module; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@
