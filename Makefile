# Each target does its own set-up: uv (fetched with pip when it is missing) makes .venv from the lock.
.PHONY: demo test test-slow lint bench bench-evaluate setup build clean
.DEFAULT_GOAL := demo

UV := $(shell command -v uv 2>/dev/null || echo python3 -m uv)
RUN := $(UV) run --frozen

setup:
	@command -v uv >/dev/null 2>&1 || python3 -m uv --version >/dev/null 2>&1 || python3 -m pip install --quiet uv \
		|| python3 -m pip install --quiet --user --break-system-packages uv
	@$(UV) sync --frozen --quiet

demo: setup  ## 20 new rows from the sample data with the embedded model
	$(RUN) syngen generate src/syngen/data/reviews.csv -n 20 -o demo.csv --seed 1 --force

test: setup  ## the quick tests
	$(RUN) pytest --cov --cov-report=

test-slow: setup  ## the tests with the real model, killed processes and built packages
	$(RUN) pytest -m slow --cov --cov-append --cov-report=term

lint: setup  ## style, types, layers
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) mypy
	$(RUN) lint-imports

bench: setup  ## speed and memory of the embedded model, planning and parsing
	$(RUN) python benchmarks/speed.py

PEERS ?= .venv-peers/bin/python

bench-evaluate: setup $(PEERS)  ## time, memory and planted faults of the evaluation, beside its peers
	$(RUN) python benchmarks/evaluate.py --peers $(PEERS)

.venv-peers/bin/python:  # their packages bring PyTorch; with PEERS=… a Python that has them is used instead
	$(UV) venv --quiet --no-project --python 3.11 .venv-peers
	$(UV) pip install --quiet --no-config --python $@ -r benchmarks/peers.txt

build: setup  ## wheel and source archive in dist/
	$(UV) build

clean:
	rm -rf .venv .venv-peers dist demo.csv runs .coverage .pytest_cache .mypy_cache .ruff_cache .hypothesis
