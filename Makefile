# `make` alone lists the targets. Each makes the environment it needs, and is quick when that is already there.

PYTHON ?= python3
ENVIRONMENT := .venv
BENCH_ENVIRONMENT := .venv-bench
BIN := $(ENVIRONMENT)/bin

.DEFAULT_GOAL := help
.PHONY: help demo test check notebooks bench clean

help: ## lists the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(ENVIRONMENT)/ready ## checks every op, then learns to read handwritten digits (a few seconds)
	$(BIN)/python examples/digits.py

test: $(ENVIRONMENT)/ready ## runs the tests
	$(BIN)/python -m pytest

check: $(ENVIRONMENT)/ready ## formatting, lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/nbqa mypy notebooks
	$(BIN)/nbstripout --verify notebooks/*.ipynb

notebooks: $(ENVIRONMENT)/ready ## runs every notebook of the course from top to bottom
	$(BIN)/python -m pytest --nbmake --override-ini addopts= notebooks

bench: $(BENCH_ENVIRONMENT)/ready ## measures the engine beside its peers
	$(BENCH_ENVIRONMENT)/bin/python benchmarks/eager.py
	$(BENCH_ENVIRONMENT)/bin/python benchmarks/chain.py
	$(BENCH_ENVIRONMENT)/bin/python benchmarks/training.py

clean: ## removes what the other targets made
	rm -rf $(ENVIRONMENT) $(BENCH_ENVIRONMENT) out build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(ENVIRONMENT)/ready: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version)'
	$(PYTHON) -m venv $(ENVIRONMENT)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

$(BENCH_ENVIRONMENT)/ready: pyproject.toml
	$(PYTHON) -m venv $(BENCH_ENVIRONMENT)
	$(BENCH_ENVIRONMENT)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@touch $@
