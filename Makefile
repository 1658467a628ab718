# Two commands: `make run` shows what it does, `make test` proves it. Both set up what they need.
PYTHON ?= python3
BIN = .venv/bin
# the tests wait for sockets and processes more than they compute
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(2 * (os.cpu_count() or 1))')
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
  --no-emit-index-url --no-emit-find-links
.DEFAULT_GOAL := help
# what is set on many build machines makes each worker, and each program a test starts, compile all
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## say what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

.PHONY: run
run: .venv/ready ## set up and show the demo
	$(BIN)/whosthere demo

.PHONY: test
test: .venv/ready-dev ## set up and run the tests
	$(BIN)/pytest -q -n $(WORKERS)

.PHONY: test-slow
test-slow: .venv/ready-dev ## the long suites, which CI runs too
	$(BIN)/pytest -q -n $(WORKERS) -m slow

.PHONY: accuracy
accuracy: .venv/ready-dev ## what is found, missed and false on labelled footage
	$(BIN)/python -m benchmarks.accuracy

.PHONY: speed
speed: .venv/ready-dev ## processor time and memory, beside decoding alone and other algorithms
	$(BIN)/python -m benchmarks.speed

.PHONY: learning
learning: .venv/ready-dev ## what tags are worth: tuned on one half of the clips, measured on the other
	$(BIN)/python -m benchmarks.learning

.PHONY: household
household: .venv/ready-dev ## thirty days of a household: false and late arming, beside other rules
	$(BIN)/python -m benchmarks.household

.PHONY: lint
lint: .venv/ready-dev ## style, types and layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: check
check: lint test ## all that must be green before a commit

.PHONY: reference
reference: .venv/ready ## write the reference pages anew, from the program
	$(BIN)/python docs/make_reference.py

.PHONY: lock
lock: .venv/ready-dev ## write the lock files anew
	$(BIN)/pip install --quiet 'uv>=0.9'
	$(LOCK) pyproject.toml -o requirements.lock
	$(LOCK) pyproject.toml --extra slack -o requirements-slack.lock
	$(LOCK) pyproject.toml --all-extras --group dev -o requirements-dev.lock

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/ready: requirements-slack.lock pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --require-hashes -r requirements-slack.lock
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --editable .
	@touch $@

.venv/ready-dev: requirements-dev.lock .venv/ready
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --require-hashes -r requirements-dev.lock
	@touch $@

.PHONY: clean
clean: ## remove what was made
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache
