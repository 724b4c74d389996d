# `make` alone lists the targets. Each sets up the environment it needs, once.

PYTHON ?= python3
ENVIRONMENT := .venv
BENCH_ENVIRONMENT := .venv-bench
PEERS_ENVIRONMENT := .venv-peers
BIN := $(ENVIRONMENT)/bin
NATIVE := autograd/*.so autograd/*.pyd autograd/engine/*.so autograd/engine/*.pyd autograd/engine/extensions
PAGE := autograd/explore/page
PLAYGROUND := playground
PACKAGES := $(PAGE)/node_modules/.package-lock.json $(PLAYGROUND)/node_modules/.package-lock.json docs/node_modules/.package-lock.json

.DEFAULT_GOAL := help
.PHONY: help setup demo test quick native plain check lint types format scripts notebooks playground site bench rules fuzz dist minimal peers pyodide pythons clean

help: ## lists the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(ENVIRONMENT)/ready $(PACKAGES) ## makes the environment, and fetches what the pages need (this needs npm)

demo: $(ENVIRONMENT)/ready ## checks every primitive, then learns to read handwritten digits (a few seconds)
	$(BIN)/python examples/digits.py

TESTS ?=
test: $(ENVIRONMENT)/ready ## runs the tests (some of them: make test TESTS=tests/nn)
	$(BIN)/python -m pytest $(TESTS)

# An area is a folder or a module of autograd, or a folder of tests.
AREAS = $(sort $(filter-out autograd conftest,$(patsubst test_%,%,$(basename $(notdir $(wildcard tests/autograd/[a-z]* tests/[a-z]*))))))
TESTS_OF = $(wildcard tests/autograd/$(1) tests/autograd/test_$(1).py autograd/$(1) autograd/$(1).py tests/$(1) tests/test_$(1).py $(filter nn,$(1)))
AREA ?=
quick: $(ENVIRONMENT)/ready ## runs the tests that are not slow; of one area: make quick AREA=engine (or nn, compiler, ...)
	$(BIN)/python -m pytest -m 'not slow' $(if $(AREA),$(or $(call TESTS_OF,$(AREA)),$(error there is no area $(AREA); there are: $(AREAS))))

native: $(ENVIRONMENT)/ready ## compiles the engine in place; tests, demo and benchmarks then run it (again after a change)
	rm -rf $(NATIVE)
	$(BIN)/python build_native.py .
	$(BIN)/python -c 'import autograd; print("the engine is", autograd.backend())'

plain: ## removes the compiled engine
	rm -rf $(NATIVE)

check: lint types ## formatting, lint and types

lint: $(ENVIRONMENT)/ready ## formatting and lint, of notebooks too, what the workflows may do, and whether the reference shows every public name
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/zizmor --offline --persona auditor --quiet .
	$(BIN)/nbstripout --verify notebooks/*.ipynb
	$(BIN)/python docs/check_reference.py

types: $(ENVIRONMENT)/ready $(PAGE)/node_modules/.package-lock.json ## types, in notebooks too (this needs npm)
	$(BIN)/mypy
	$(BIN)/nbqa mypy notebooks
	$(PAGE)/node_modules/.bin/pyright --pythonpath $(BIN)/python

format: $(ENVIRONMENT)/ready ## formats the code, and mends what the linter can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

scripts: $(PAGE)/node_modules/.package-lock.json ## formatting and lint of the pages' scripts, and of the workflows (this needs npm)
	$(PAGE)/node_modules/.bin/prettier --config $(PAGE)/package.json --check "{$(PAGE),$(PLAYGROUND),docs,.ci}/*.{js,mjs,css}" "!$(PAGE)/primitives.js"
	$(PAGE)/node_modules/.bin/eslint --config $(PAGE)/eslint.config.mjs --max-warnings 0 $(PAGE) $(PLAYGROUND) docs .ci
	node .ci/check_workflows.mjs

notebooks: $(ENVIRONMENT)/ready ## runs every notebook of the course from top to bottom
	$(BIN)/python -m pytest --nbmake --override-ini addopts= notebooks

playground: $(ENVIRONMENT)/ready $(PLAYGROUND)/node_modules/.package-lock.json ## builds the playground into out/playground (this needs npm)
	mkdir -p out
	$(BIN)/python playground/build.py out/playground
	@echo "to use it: $(BIN)/python -m http.server --directory out/playground, and open http://localhost:8000"

site: $(ENVIRONMENT)/ready $(PAGE)/node_modules/.package-lock.json docs/node_modules/.package-lock.json ## builds the site into out/site, and tests it in a browser (this needs npm)
	$(BIN)/python docs/build.py out/site
	SITE=out/site $(BIN)/python -m pytest tests/site

bench: $(BENCH_ENVIRONMENT)/ready ## measures the engine beside its peers
	$(BENCH_ENVIRONMENT)/bin/python benchmarks/eager.py
	$(BENCH_ENVIRONMENT)/bin/python benchmarks/chain.py
	$(BENCH_ENVIRONMENT)/bin/python benchmarks/training.py
	$(BENCH_ENVIRONMENT)/bin/python benchmarks/replay.py
	$(BENCH_ENVIRONMENT)/bin/python benchmarks/own_primitive.py
	$(BENCH_ENVIRONMENT)/bin/python benchmarks/accuracy.py
	$(BENCH_ENVIRONMENT)/bin/python benchmarks/checker.py --draws 300
	$(BENCH_ENVIRONMENT)/bin/python benchmarks/checker_peers.py
	$(BENCH_ENVIRONMENT)/bin/python benchmarks/pictures.py

peers: $(PEERS_ENVIRONMENT)/ready ## checks functions of PyTorch, JAX and SciPy with these installed, in an environment of their own
	$(PEERS_ENVIRONMENT)/bin/python -m pytest tests/peers

rules: $(ENVIRONMENT)/ready ## makes the rules of the compiler and of the pages from autograd/engine/ops.py
	$(BIN)/python -m autograd.rules

MINUTES ?= 5
fuzz: $(ENVIRONMENT)/ready ## compares every way to run a function with another on random programs, for MINUTES=5
	$(BIN)/python -m tests.fuzz --minutes $(MINUTES)

# The same sources give the same files: those that are distributed bear the date of the commit.
dist: export SOURCE_DATE_EPOCH ?= $(shell git log -1 --format=%ct 2>/dev/null || date -r pyproject.toml +%s)
dist: $(ENVIRONMENT)/ready ## builds the sources, a native and a pure wheel, and pytest-gradcheck, twice, and tests what pip installs
	rm -rf dist
	SCALAR_AUTOGRAD_NATIVE=1 $(BIN)/python -m build --outdir dist
	SCALAR_AUTOGRAD_PURE=1 $(BIN)/python -m build --wheel --outdir dist
	$(BIN)/python -m build --outdir dist plugin
	$(BIN)/twine check --strict dist/*
	$(BIN)/check-wheel-contents dist/scalar_autograd-*.whl
	$(BIN)/check-wheel-contents --no-config --package plugin/pytest_gradcheck --package-omit __pycache__ dist/pytest_gradcheck-*.whl
	$(BIN)/python .ci/try_distributions.py dist

minimal: $(ENVIRONMENT)/ready ## draws on a Linux that holds nothing but Python and a wheel of `make dist` (as root, with debootstrap)
	$(BIN)/python .ci/try_minimal.py dist

pyodide: $(ENVIRONMENT)/ready $(PLAYGROUND)/node_modules/.package-lock.json ## draws in Pyodide, where micropip installs the pure wheel of `make dist` (this needs npm)
	$(BIN)/python .ci/try_pyodide.py dist

pythons: $(ENVIRONMENT)/ready ## builds the engine in Python 3.12, 3.13 and 3.14, where they can be had, and runs its tests there
	$(BIN)/python .ci/try_pythons.py 3.12 3.13 3.14

clean: plain ## removes everything that the other targets made
	rm -rf $(ENVIRONMENT) $(BENCH_ENVIRONMENT) $(PEERS_ENVIRONMENT) out build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis $(PAGE)/node_modules $(PLAYGROUND)/node_modules docs/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

%/node_modules/.package-lock.json: %/package.json
	cd $* && npm install --silent --no-audit --no-fund --no-package-lock
	@touch $@

$(ENVIRONMENT)/ready: pyproject.toml plugin/pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, this is " + sys.version)'
	$(PYTHON) -m venv $(ENVIRONMENT)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]' --editable ./plugin
	@touch $@

$(BENCH_ENVIRONMENT)/ready: pyproject.toml setup.py build_native.py $(wildcard autograd/*.py autograd/*/*.py autograd/*/*/*.py nn/*.py nn/*/*.py)
	$(PYTHON) -m venv $(BENCH_ENVIRONMENT)
	$(BENCH_ENVIRONMENT)/bin/python -m pip install --quiet --disable-pip-version-check '.[bench]'
	@touch $@

# For Linux, PyPI has PyTorch with gigabytes of CUDA. PIP_EXTRA_INDEX_URL may name an index of its builds for the CPU.
$(PEERS_ENVIRONMENT)/ready: pyproject.toml
	$(PYTHON) -m venv $(PEERS_ENVIRONMENT)
	$(PEERS_ENVIRONMENT)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[peers]'
	@touch $@
