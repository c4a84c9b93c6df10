# Commands for people and CI. Each target creates .venv itself.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Two processes by default; JOBS=0 runs the tests in one.
JOBS ?= 2
# Each file in one process, so that what its tests share is made once; short files come last.
DISTRIBUTION := --dist loadfile --no-loadscope-reorder
# Port of the demo. Not taken from the environment, where other programs use PORT.
PORT := 9100
COMPILE = $(VENV)/lock/bin/uv pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.11 \
	--generate-hashes --no-annotate --custom-compile-command 'make lock'

.DEFAULT_GOAL := help
.PHONY: help demo test test-fast check dist bench bench-polling bench-journal boards docs translations lock clean

help:  ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

demo: $(VENV)/runtime  ## Run the exporter with simulated cars; PORT=9101 chooses another port
	$(BIN)/volvo-exporter demo --port $(PORT)

test: $(VENV)/development  ## Run all tests; with REQUIRE_SERVICES=1 a missing program is a failure
	$(BIN)/python -m pytest -n $(JOBS) $(DISTRIBUTION)

test-fast: $(VENV)/development  ## Run the tests that need neither a browser, other programs nor many seconds
	$(BIN)/python -m pytest -n $(JOBS) $(DISTRIBUTION) -m 'not slow and not services'

check: $(VENV)/development  ## Check style, types, imports between packages and wording
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tools.wording
	$(BIN)/zizmor --offline --quiet .github

dist: $(VENV)/development  ## Build the wheel and the source distribution in dist/
	$(BIN)/python -m hatchling build --clean

bench: $(VENV)/development  ## Measure start, scrapes, 1,000 cars and renewals of the login
	$(BIN)/python -m benchmarks.startup
	$(BIN)/python -m benchmarks.scrape
	$(BIN)/python -m benchmarks.scale
	$(BIN)/python -m benchmarks.renewal

bench-polling: $(VENV)/development  ## Compare 14 simulated days with fixed timetables
	$(BIN)/python -m benchmarks.polling $(ARGUMENTS)

bench-journal: $(VENV)/development  ## Compare the journal with what simulated cars did; measure it, kill it 500 times
	$(BIN)/python -m benchmarks.journal $(ARGUMENTS)
	$(BIN)/python -m benchmarks.journal_kills
	$(BIN)/python -m benchmarks.journal_size
	$(BIN)/python -m benchmarks.journal_pages

boards: $(VENV)/development  ## Check all dashboards with 14 simulated days; needs prometheus; VIEWER=command draws them
	$(BIN)/python -m tools.dashboards.check $(if $(VIEWER),--viewer '$(VIEWER)') $(ARGUMENTS)

docs: $(VENV)/development  ## Regenerate the generated files
	$(BIN)/volvo-exporter metrics > docs/metrics.md
	$(BIN)/python -m tools.polling_tables
	$(BIN)/python -m tools.openapi
	$(BIN)/python -m tools.alerts
	$(BIN)/python -m tools.dashboards
	$(BIN)/python -m volvo_exporter.configuration > docs/configuration.md

translations: $(VENV)/development  ## Extract the texts of the pages, update the catalogues and compile them
	$(BIN)/python -m tools.translations

lock: pyproject.toml  ## Update the lock files to the newest versions
	$(PYTHON) -m venv $(VENV)/lock
	$(VENV)/lock/bin/pip install --quiet uv
	$(COMPILE) --output-file requirements.txt
	$(COMPILE) --all-extras --constraint requirements.txt --output-file requirements-image.txt
	$(COMPILE) --group dev --constraint requirements-image.txt --output-file requirements-dev.txt

clean:  ## Remove the environment, builds and caches
	rm -rf $(VENV) dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV)/runtime: requirements.txt pyproject.toml
	@$(PYTHON) -m tools.install requirements.txt $(MAKECMDGOALS)
	@touch $@

$(VENV)/development: requirements.txt requirements-dev.txt pyproject.toml
	@$(PYTHON) -m tools.install requirements-dev.txt $(MAKECMDGOALS)
	@touch $@
