# Every target installs what it needs into .venv; nothing has to be set up by hand.
PYTHON ?= python3
VENV := .venv
EXPRESS := benchmarks/peers/express
PEERS := $(VENV)/.bench $(EXPRESS)/node_modules/.package-lock.json
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help run test test-quick test-postgres test-failover test-peers lint fuzz soak mutants bench bench-growth bench-post drop demo lock clean
.DEFAULT_GOAL := help

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: $(VENV)/.run ## install, migrate and serve on http://127.0.0.1:3000
	@$(BIN)/python -m ticketboss settings >/dev/null && exec $(BIN)/python -m gunicorn wsgi:app

# What is chosen need not be enough for two parts at once.
test: $(VENV)/.dev ## the test suite but for the peers; ARGS="-k name" chooses
	$(BIN)/python -m $(if $(ARGS),pytest --ignore tests/peers $(ARGS),tests.suites whole)

test-quick: $(VENV)/.dev ## unit, contract, API and documents, for every change, in a few minutes
	$(BIN)/python -m tests.suites quick $(ARGS)

test-postgres: $(VENV)/.dev ## the suites that ask a database, once more on PostgreSQL
	$(BIN)/python -m pytest --backend postgres $(ON_POSTGRES) $(ARGS)

# What the contract suite does not show: the whole way from a request to PostgreSQL and back.
# The first have the machine to themselves, for they start servers and measure times.
ON_POSTGRES_ALONE := tests/concurrency tests/faults tests/client
ON_POSTGRES_BESIDE := tests/api tests/unit/test_state_machine.py tests/unit/test_sweeper.py \
	$(wildcard tests/unit/test_batch*.py tests/unit/test_committer*.py)
ON_POSTGRES := $(ON_POSTGRES_ALONE) $(ON_POSTGRES_BESIDE)

test-failover: $(VENV)/.dev ## 20 failovers, lost COMMITs and partitions; ARGS="--seed 2"
	$(BIN)/python -m pytest tests/failover
	$(BIN)/python -m tests.failover.run --rounds 20 $(ARGS)

test-peers: $(PEERS) ## what `make bench` measures beside TicketBoss keeps the contract
	$(BIN)/python -m pytest tests/peers $(ARGS)

lint: $(VENV)/.dev ## ruff, mypy --strict and bandit
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml $(SHIPPED)

# What serves or is imported by partners; ruff's S rules look at the tests and benchmarks as well.
SHIPPED := ticketboss $(wildcard *.py)

fuzz: $(VENV)/.dev ## schemathesis for long; ARGS="--seed 2 --examples 500 --mode open"
	$(BIN)/python -m tests.fuzzing.fuzz $(ARGS)

soak: $(VENV)/.dev ## the fault tests for hours; ARGS="--seconds 3600 --seed 2"
	$(BIN)/python -m tests.faults.soak $(ARGS)

mutants: $(VENV)/.mutants ## changes of domain/ and engine/ that no test notices; takes an hour
	$(BIN)/python -m mutmut run $(ARGS)
	$(BIN)/python -m tests.mutants

bench: $(PEERS) ## beside its peers, for half an hour; QUICK=1 takes two minutes
	$(BIN)/python -m benchmarks.bench $(if $(QUICK),--quick) $(ARGS)

bench-growth: $(VENV)/.bench ## large events, memory, start; ARGS="--reservations 1000000"
	$(BIN)/python -m benchmarks.growth $(ARGS)

bench-post: $(VENV)/.dev ## where the microseconds of a POST go, in a minute
	$(BIN)/python -m benchmarks.post $(ARGS)

drop: $(VENV)/.dev ## a rehearsal: 60 clients x 10 seats on 500 seats, scratch server
	$(BIN)/python -m ticketboss rehearse $(ARGS)

demo: $(VENV)/.dev ## a drop at human speed, and its live page until Ctrl-C
	$(BIN)/python -m ticketboss rehearse --stay $(DEMO) $(ARGS)

# What a popular evening looks like: sold out in a minute or two, then what comes back, over in five.
DEMO := --requests 700 --burst 40 --seconds-max 900 --seats 1000 --group-sizes 1:3,2:5,4:2 --partners 8 \
	--hold-share 0.6 --hold-seconds 20 --confirm-share 0.8 --cancel-share 0.05 --think 5

lock: $(VENV)/.lock ## renew requirements*.txt from pyproject.toml
	$(BIN)/uv pip compile $(LOCK) pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile $(LOCK) --extra postgres pyproject.toml -o requirements-postgres.txt
	$(BIN)/uv pip compile $(LOCK) --extra litestream pyproject.toml -o requirements-litestream.txt
	$(BIN)/uv pip compile $(LOCK) --extra dev pyproject.toml -o requirements-dev.txt
	$(BIN)/uv pip compile $(LOCK) --extra bench -c requirements-dev.txt pyproject.toml -o requirements-bench.txt
	$(BIN)/uv pip compile $(LOCK) --extra mutants -c requirements-dev.txt pyproject.toml -o requirements-mutants.txt
	$(BIN)/uv pip compile $(LOCK) --extra lock -c requirements-dev.txt pyproject.toml -o requirements-lock.txt

LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --custom-compile-command "make lock"

clean: ## remove .venv and the caches; the database stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis mutants

# bin/pip, not bin/python: it comes last, so a venv that was interrupted is made again.
$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "TicketBoss needs Python 3.11 or newer, which '$(PYTHON)' is not: name one, as in 'make run PYTHON=python3.12'." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "TicketBoss needs Python's venv module: install it with 'apt install python3-venv' (or your system's package of that name)." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt | $(BIN)/pip
	$(PIP_INSTALL) --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.bench: requirements-bench.txt $(VENV)/.dev | $(BIN)/pip
	$(PIP_INSTALL) --require-hashes -r requirements-bench.txt
	@touch $@

$(VENV)/.mutants: requirements-mutants.txt $(VENV)/.dev | $(BIN)/pip
	$(PIP_INSTALL) --require-hashes -r requirements-mutants.txt
	@touch $@

$(VENV)/.lock: requirements-lock.txt $(VENV)/.dev | $(BIN)/pip
	$(PIP_INSTALL) --require-hashes -r requirements-lock.txt
	@touch $@

# Without npm, or where this fails, the bench says which peers it leaves out.
$(EXPRESS)/node_modules/.package-lock.json: $(EXPRESS)/package-lock.json
	-@if command -v npm >/dev/null; then cd $(EXPRESS) && npm ci; fi

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run | $(BIN)/pip
	$(PIP_INSTALL) --require-hashes -r requirements-dev.txt
	@touch $@
