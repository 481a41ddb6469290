# Every target installs what it needs into .venv; nothing has to be set up by hand.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test lint bench drop lock clean

run: $(VENV)/.run ## install, migrate and serve on http://127.0.0.1:3000
	exec $(BIN)/gunicorn wsgi:app

test: $(VENV)/.dev ## the whole test suite
	$(BIN)/pytest $(ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

bench: $(VENV)/.dev ## throughput and latency beside a bare Flask hello
	$(BIN)/python -m benchmarks.bench $(ARGS)

drop: $(VENV)/.dev ## 60 clients x 10 seats on 500 seats against a scratch server
	$(BIN)/python -m benchmarks.drop $(ARGS)

lock: $(VENV)/.dev ## renew requirements*.txt from pyproject.toml
	$(BIN)/python -m pip install --quiet uv==0.13.9
	$(BIN)/uv pip compile $(LOCK) pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile $(LOCK) --extra dev pyproject.toml -o requirements-dev.txt

LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --custom-compile-command "make lock"

$(VENV)/bin/python:
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "TicketBoss needs Python's venv module: install it with 'apt install python3-venv' (or your system's package of that name)." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
