# Each target does its own set-up: uv (fetched with pip when it is missing) makes .venv from the lock.
.PHONY: torch demo demo-fit test test-slow coverage lint docs bench bench-controls bench-fit bench-evaluate bench-engine bench-tables golden setup build clean
.DEFAULT_GOAL := demo

UV := $(shell command -v uv 2>/dev/null || echo python3 -m uv)
RUN := $(UV) run --frozen

setup:
	@command -v uv >/dev/null 2>&1 || python3 -m uv --version >/dev/null 2>&1 || python3 -m pip install --quiet uv \
		|| python3 -m pip install --quiet --user --break-system-packages uv
	@$(UV) sync --frozen --quiet --inexact

# PyTorch's build for processors, a tenth of the one the lock would bring: from PIP_FIND_LINKS where that is set,
# else from where PyTorch publishes it.
torch: setup
	@$(RUN) python -c "import torch" 2>/dev/null || if [ -n "$$PIP_FIND_LINKS" ]; \
		then $(UV) pip install --quiet --python .venv --find-links "$$PIP_FIND_LINKS" torch==2.13.0; \
		else $(UV) pip install --quiet --python .venv --torch-backend cpu torch==2.13.0; fi

demo: setup  ## 20 new rows from the sample data with the embedded model, and what they are like
	$(RUN) syngen demo

demo-fit: torch  ## fit the embedded model to the sample data (4 minutes), ten rows before and after
	$(RUN) syngen generate src/syngen/data/reviews.csv -n 10 -o demo-before.csv --seed 1 --diversity low --force --no-report
	$(RUN) syngen fit src/syngen/data/reviews.csv --minutes 4 --name demo --force --no-measure
	$(RUN) syngen generate src/syngen/data/reviews.csv -n 10 -o demo-after.csv --seed 1 --diversity low --force --no-report --model fitted/demo
	@$(RUN) python -c "import polars as pl; [print(f'\n{name}\n' + '\n'.join('- ' + ' '.join(text.split()) \
		for text in pl.read_csv(f'demo-{name}.csv')['text'])) for name in ('before', 'after')]"

# Two tests at a time and a thread each, so that they don't wait for each other; what is compiled is kept, since
# tests start the program anew again and again.
test test-slow coverage: export OMP_NUM_THREADS := 1
test test-slow coverage: export OPENBLAS_NUM_THREADS := 1
test test-slow coverage: export POLARS_MAX_THREADS := 1
test test-slow coverage: export RAYON_NUM_THREADS := 1
test test-slow coverage: export PYTHONDONTWRITEBYTECODE :=

test: torch  ## the quick tests
	$(RUN) pytest -n 2 --dist loadfile

test-slow: torch  ## the real model, trained models, killed processes, built packages, many splits of real rows
	$(RUN) pytest -n 2 --dist loadfile -m slow

coverage: torch  ## which lines the quick and the slow tests run
	$(RUN) pytest -n 2 --dist loadfile -m "" --cov --cov-report=term

golden: torch  ## write the golden values of tests/golden anew; look at their difference before committing it
	SYNGEN_RENEW_GOLDEN=1 $(RUN) pytest -q tests/golden
	git diff --stat tests/golden/values

docs: export NO_MKDOCS_2_WARNING := 1
docs: setup  ## the documentation as a site in ./site; a broken link is an error
	$(RUN) mkdocs build --quiet --strict

lint: torch  ## style, types, layers
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) mypy
	$(RUN) lint-imports

bench: setup  ## speed and memory of the embedded model, planning and parsing
	$(RUN) python benchmarks/speed.py

bench-tables: setup  ## seconds and memory of reading and profiling tables
	$(RUN) python benchmarks/tables.py --gigabyte $(TABLES_ARGS)

bench-controls: setup  ## controls: target and achieved, each strategy compared with base; embedded model, 30 minutes
	$(RUN) python benchmarks/controls.py $(CONTROLS_ARGS)

PEERS ?= .venv-peers/bin/python

bench-evaluate: setup $(PEERS)  ## time, memory and planted faults of the evaluation, compared with peers
	$(RUN) python benchmarks/evaluate.py --peers $(PEERS)

.venv-peers/bin/python:  # their packages install PyTorch; PEERS=… names a Python that has them
	$(UV) venv --quiet --no-project --python 3.11 .venv-peers
	$(UV) pip install --quiet --no-config --python $@ -r benchmarks/peers.txt

BENCH ?= ../shared/bench
IN_BENCH := $(CURDIR)/.venv-bench
BENCH_PY ?= $(IN_BENCH)/bench/bin/python
BENCH_PY_DATA_DESIGNER ?= $(IN_BENCH)/data-designer/bin/python
BENCH_PY_CURATOR ?= $(IN_BENCH)/curator/bin/python
BENCH_PY_DISTILABEL ?= $(IN_BENCH)/distilabel/bin/python
BENCH_PY_DISTILABEL_INSTRUCTOR ?= $(IN_BENCH)/distilabel-instructor/bin/python
BENCH_PY_OPENAI ?= $(IN_BENCH)/openai/bin/python
BENCH_PYS = BENCH_PY BENCH_PY_DATA_DESIGNER BENCH_PY_CURATOR BENCH_PY_DISTILABEL BENCH_PY_DISTILABEL_INSTRUCTOR
export BENCH $(BENCH_PYS)

bench-engine: setup $(foreach py,$(BENCH_PYS),$($(py))) $(BENCH_PY_OPENAI)  ## speed, faults and kills, compared with peers: 40 minutes
	$(RUN) python benchmarks/engine/run.py $(BENCH_ARGS)
	$(RUN) python benchmarks/engine/memory.py
	$(RUN) python benchmarks/engine/clients.py --openai $(BENCH_PY_OPENAI)

$(IN_BENCH)/bench/bin/python: peer = -r $(BENCH)/requirements.txt
$(IN_BENCH)/data-designer/bin/python: peer = data-designer==0.9.6
$(IN_BENCH)/curator/bin/python: peer = bespokelabs-curator==0.1.31
$(IN_BENCH)/distilabel/bin/python: peer = 'distilabel[openai]==1.5.3' requests
$(IN_BENCH)/distilabel-instructor/bin/python: peer = 'distilabel[openai,instructor]==1.5.3'
$(IN_BENCH)/openai/bin/python: peer = openai aiohttp
$(IN_BENCH)/%/bin/python:  # one per contender, because their packages conflict; BENCH_PY_…=… names an existing one
	$(UV) venv --quiet --no-project --python 3.11 $(IN_BENCH)/$*
	$(UV) pip install --quiet --no-config --python $@ $(peer)

bench-fit: torch  ## a fitted model compared with its targets: half an hour; smaller with FIT_ARGS="--rows 400 --minutes 6 --made 200"
	$(RUN) python benchmarks/fit.py $(FIT_ARGS)

build: setup  ## wheel and source archive in dist/
	$(UV) build

clean:
	rm -rf .venv .venv-peers .venv-bench dist demo.csv demo-before.csv demo-after.csv runs .coverage .pytest_cache .mypy_cache .ruff_cache .hypothesis
