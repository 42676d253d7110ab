# The commands of this project; `make` alone lists them.
#
# Needs make and Python 3.11 or newer. The first command that needs it creates .venv from
# requirements.lock; nothing outside this folder is changed.

# make reproduce CORES=1 SCALE=paper CONFIG="seed=3 device=cpu" ARGS="--dry-run figures"
CORES = all
SCALE =
CONFIG =
ARGS =

VENV = .venv
PY = $(VENV)/bin/python
SOURCES = src tests workflow
SNAKEFILES = Snakefile workflow/rules
PIP = $(PY) -m pip --disable-pip-version-check --quiet install
# --config takes every word after it, so it goes last on Snakemake's command line.
SETTINGS = $(strip $(if $(SCALE),"scale=$(SCALE)") $(CONFIG))

.DELETE_ON_ERROR:
.PHONY: help reproduce status test test-slow torture browse benchmark publish lint lock install

help:
	@echo 'make reproduce   build every figure, claims.json, report.html and the MLflow store'
	@echo '                 (CORES=all  SCALE=quick|paper|tiny|FILE  CONFIG="seed=3 device=cpu"'
	@echo '                 ARGS="targets and options for snakemake")'
	@echo 'make status      what a build has done, what runs, what failed and what is left (SCALE=...)'
	@echo 'make test        unit tests, workflow tests and a tiny end-to-end run (ARGS="for pytest")'
	@echo 'make test-slow   tests that take minutes each: kills, waits, failing builds'
	@echo 'make torture     kill a tiny build at random moments; its results must not change'
	@echo '                 (ARGS="--kills 60 --seed 0")'
	@echo 'make browse      open the MLflow interface on 127.0.0.1'
	@echo 'make benchmark   compare training and measuring with the plain ways (ARGS="--threads 2")'
	@echo 'make publish     keep pictures, numbers and claims of SCALE in results/published, and write'
	@echo '                 the pages about them (ARGS=--part: of a build that made some figures;'
	@echo '                 ARGS=--pages: the pages alone)'
	@echo 'make lint        check style and format'
	@echo 'make lock        resolve requirements.in and bootstrap.in (ARGS=--upgrade: newest versions)'
	@echo 'make install     create .venv; the commands above do so by themselves'

install: $(VENV)/package.stamp

# Snakemake itself ends in many lines where a word is no key=value.
CHECK_CONFIG = for word in $(CONFIG); do case "$${word%%=*}" in \
	  "$$word" | "" | [!A-Za-z_]* | *[!A-Za-z0-9_]*) \
	    printf 'make: CONFIG: %s is no key=value, such as seed=3; of a key in a section write %s\n' \
	      "$$word" "tracking='{\"live_after_seconds\": 5}'" >&2; exit 1;; esac; done

reproduce: install
	@$(CHECK_CONFIG)
	$(PY) -m snakemake --cores $(CORES) $(ARGS) $(if $(SETTINGS),--config $(SETTINGS))

status: install
	$(PY) -m spectral_bias.report.status $(ARGS) $(if $(SCALE),"$(SCALE)")

test: install
	$(PY) -m pytest $(ARGS)

test-slow: install
	$(PY) -m pytest -m slow $(ARGS)

torture: install
	$(PY) -m tests.torture $(ARGS)

browse: install
	$(PY) -m spectral_bias.tracking browse $(ARGS)

benchmark: install
	$(PY) -m tests.benchmarks.engine $(ARGS)
	$(PY) -m tests.benchmarks.classifier $(ARGS)
	$(PY) -m tests.benchmarks.interpolation $(ARGS)
	$(PY) -m tests.benchmarks.own_network $(ARGS)

# Keeps the small files of a build under results/published/<scale>, which git tracks, and writes
# the pages about them.
publish: install
	@test -n "$(SCALE)" || { echo 'make publish: name the scale, such as SCALE=quick' >&2; exit 1; }
	$(PY) -m spectral_bias.report.published $(ARGS) "$(SCALE)"

lint: install
	$(PY) -m ruff check $(SOURCES)
	$(PY) -m ruff format --check $(SOURCES)
	$(VENV)/bin/snakefmt --check $(SNAKEFILES)

# --- environment -------------------------------------------------------------------------------

# The first Python that is new enough and runs (a launcher for a missing version does not).
FIND_PYTHON = for python in python3.11 python3.12 python3.13 python3 python; do \
	  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
	  python=; \
	done; \
	test -n "$$python" || { echo 'make: no Python >= 3.11 found; install one, or put it on PATH' >&2; exit 1; }

# The stamp is a copy of the lock file, written last: an interrupted installation leaves none and
# is begun anew, and a lock file that only looks newer (another branch and back) costs nothing.
$(VENV)/requirements.lock: requirements.lock
	@if cmp -s requirements.lock $@; then touch $@; exit 0; fi; \
	$(FIND_PYTHON); \
	echo "Creating $(VENV) with $$python: about 30 seconds with uv, a few minutes with pip."; \
	rm -f $@ && rm -rf $(VENV) && $$python -m venv $(VENV) || exit 1; \
	uv=`command -v uv || true`; \
	if test -z "$$uv" && $(PIP) --require-hashes -r bootstrap.lock; \
	then uv=$(VENV)/bin/uv; fi; \
	{ test -n "$$uv" && "$$uv" pip install --quiet --python $(PY) --compile-bytecode \
	    --require-hashes -r requirements.lock; } || \
	{ echo 'uv could not install the packages; going on with pip.'; \
	  $(PIP) --require-hashes -r requirements.lock; } || exit 1; \
	cp requirements.lock $@

# The project itself, editable; nothing is downloaded for it.
$(VENV)/package.stamp: $(VENV)/requirements.lock pyproject.toml
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

lock: install
	uv=`command -v uv || echo $(VENV)/bin/uv`; for name in bootstrap requirements; do \
	  "$$uv" pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url \
	    --python-version 3.11 $(ARGS) $$name.in -o $$name.lock || exit 1; \
	done
