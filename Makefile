# Every target says what it does: run `make` or `make help`.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export DAGSTER_HOME := $(CURDIR)
# Two more than cores: a worker that waits for programs it started leaves its core to the others,
# and each takes fifteen seconds of processor time to import and to make what tests share.
WORKERS ?= $(shell expr $$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN) + 2)
SEEDS ?= 500
KILLS ?= 200
PAIRS ?= 100
ACTS ?= 60
# The tests of one room, and the contracts that it keeps with others: make test ROOM=store
TESTS ?= $(if $(ROOM),jira_pipeline_tests/$(ROOM) $(shell grep -l 'jira_pipeline\.$(ROOM)' \
  jira_pipeline_tests/contracts/test_*.py))
# pip says nothing for minutes, or a line and more for each package.
define INSTALL
@set -o pipefail; $(BIN)/pip install $(2) -r $(1) | awk \
  '/^Collecting/ && ++n % 20 == 0 {print "  " n " packages downloaded …"; fflush()} \
   /^Installing/ {print "  installing " n " packages …"; fflush()}'
endef

.PHONY: dg help demo test test-all dev sandbox check format bench coverage live lock clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*?## ' $(MAKEFILE_LIST) | awk -F ':.*?## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Creating $(VENV) …"
	@$(PYTHON) -m venv $(VENV)
	@# The pip that Python 3.11 brings takes three times as long to find what is locked.
	@$(BIN)/pip install --quiet --upgrade pip || echo "pip stays as it is: installing takes longer."
	@touch $@

$(VENV)/.installed: $(VENV)/.python requirements.lock pyproject.toml
	@echo "Installing the locked dependencies (a minute or two the first time) …"
	$(call INSTALL,requirements.lock)
	@$(BIN)/pip install --quiet --no-deps -e .
	@touch $@

# One call reads the index once; Python compiles what is imported, half of what is installed.
$(VENV)/.installed-dev: $(VENV)/.python requirements.lock requirements-llm.lock requirements-mcp.lock requirements-dev.lock pyproject.toml
	@echo "Installing the locked dependencies, and the tools for tests and checks …"
	$(call INSTALL,requirements-dev.lock,--no-compile)
	@$(BIN)/pip install --quiet --no-deps -e .
	@touch $(VENV)/.installed $@

# Clients from npm; where that is missing their tests say so.
CLIENTS := jira_pipeline_tests/jira/sandbox/real_clients
$(VENV)/.installed-npm: $(CLIENTS)/package-lock.json | $(VENV)/.python
	@if command -v npm >/dev/null; then \
	  npm ci --silent --no-audit --no-fund --prefix $(CLIENTS) && touch $@; fi

# Linters of the API's document: a minute and 80 MB, so that only long tests have them.
LINTERS := jira_pipeline_tests/web/document_linters
$(VENV)/.installed-linters: $(LINTERS)/package-lock.json | $(VENV)/.python
	@if command -v npm >/dev/null; then \
	  npm ci --silent --no-audit --no-fund --prefix $(LINTERS) && touch $@; fi

# What generates a client of the API wants another typer, so it has an environment of its own.
GENERATOR := jira_pipeline_tests/web/client_generator
$(VENV)/.installed-generator: $(GENERATOR)/requirements.lock | $(VENV)/.python
	@$(BIN)/python -m venv --clear $(VENV)/client_generator
	@$(VENV)/client_generator/bin/pip install --quiet -r $< && touch $@

# Other libraries that send issues, for one benchmark.
PEERS := benchmarks/peer_scripts
$(VENV)/.installed-peers: $(PEERS)/requirements.lock | $(VENV)/.python
	@$(BIN)/python -m venv --clear $(VENV)/peers
	@$(VENV)/peers/bin/pip install --quiet -r $< && touch $@

# Each of several workers would compile all that the tests import: half of their time in a new clone.
$(VENV)/.compiled: $(VENV)/.installed-dev
	@echo "Compiling the tests, and what they import …"
	@collected=$$($(BIN)/pytest --collect-only -qq 2>&1) || { tail -n 40 <<< "$$collected"; exit 1; }
	@touch $@

dg: $(VENV)/.installed-dev env ## install the development tools, among them Dagster's `dg`

.PHONY: map
map: export FOR ?= # so that quotation marks in it reach the program as they are
map: ## print what each module is for, FOR="some words": those that say something of them
	@$(PYTHON) jira_pipeline_tests/docs/house_map.py "$$FOR"

.PHONY: errors-page
errors-page: $(VENV)/.installed-dev ## write the table of docs/errors.md from its words
	@$(BIN)/python -m jira_pipeline_tests.docs.errors_page

.PHONY: api-page
api-page: $(VENV)/.installed-dev ## write the lists of docs/api.md from the API's document
	@$(BIN)/python -m jira_pipeline_tests.docs.api_page

.PHONY: mcp
mcp: $(VENV)/.installed ## install what serves agents (jira-pipeline mcp)
	@echo "Installing the package that serves agents …"
	@$(BIN)/pip install --quiet -r requirements-mcp.lock

.PHONY: llm
llm: $(VENV)/.installed ## install what asks language models (WRITER_MODEL)
	@echo "Installing what talks to language models …"
	@$(BIN)/pip install --quiet -r requirements-llm.lock

.PHONY: env
env:
	@# .env holds tokens: 600 from the first byte; whatever mode somebody gave it is kept.
	@if [ ! -e .env ]; then (umask 077 && cat .env.example > .env); echo "Wrote .env"; fi
	@grep -qxF 'DAGSTER_HOME=$(CURDIR)' .env || { \
	  umask 077; rm -f .env.new; cp -p .env .env.new; \
	  { echo 'DAGSTER_HOME=$(CURDIR)'; grep -v '^DAGSTER_HOME=' .env; } > .env.new && mv .env.new .env; }

demo: $(VENV)/.installed env ## upload examples/ and run csv_to_jira into the sandbox
	@echo "Sending the example to a sandbox on this machine …"
	@$(BIN)/jira-pipeline demo

.PHONY: demo-verify
demo-verify: demo ## compare the configuration of a half-built site with the sheets of the example
	@$(BIN)/jira-pipeline verify demo --config examples/uhrenmuseum.config.zip --allow missing --allow differs --allow left_over

.PHONY: demo-sharedo
demo-sharedo: $(VENV)/.installed env ## export two ShareDo sandbox environments, and send tickets of both to the sandbox
	@$(BIN)/jira-pipeline demo --source sharedo

# Tests start Python a hundred times: with the compiled modules kept, each start is shorter.
check test test-all: export PYTHONDONTWRITEBYTECODE :=
test: $(VENV)/.compiled $(VENV)/.installed-npm env ## run the tests, ROOM= for those of one room: of seeds, crash points, examples a part
	@echo "Starting $(WORKERS) workers, each of which collects the tests …"
	@TMPDIR=$$(deploy/scratch_folder) $(BIN)/pytest -n $(WORKERS) --dist loadgroup $(TESTS)

test-all: export JIRA_PIPELINE_TEST_LONG := 1
test-all: $(VENV)/.installed-linters $(VENV)/.installed-generator test ## run the tests with all seeds, crash points and examples; never in CI

# Their environments outlive a checkout: each takes a minute to install, once for each lock.
FURTHER := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/jira-pipeline
FURTHER_TESTS ?= $(addprefix jira_pipeline_tests/,model sheets tickets contracts/test_export_ledger.py)
.PHONY: further
further: export PYTHONDONTWRITEBYTECODE :=
further: $(VENV)/.installed-dev ## run the short rooms on each further Python that the machine has, and say which
	@set -o pipefail; lock=$$(cat pyproject.toml requirements*.lock | sha256sum | cut -c1-12); \
	deploy/further_pythons | { while read -r version python; do \
	  echo "Python $$version ($$python):"; had=1; made=$(FURTHER)/$$version-$$lock; \
	  { [ -e $$made/.installed-dev ] && $$made/bin/python -c ''; } || { rm -rf $(FURTHER)/$$version-*; \
	    $(MAKE) --no-print-directory VENV=$$made PYTHON=$$python $$made/.installed-dev; } || exit 1; \
	  TMPDIR=$$(deploy/scratch_folder) PYTHONPATH=$(CURDIR) $$made/bin/pytest -q -n $(WORKERS) \
	    --dist loadgroup $(FURTHER_TESTS) < /dev/null || exit 1; \
	done; [ -n "$$had" ] || echo "This machine has no further Python that pyproject.toml names."; }

dev: $(VENV)/.installed env ## review, API and Dagster UI with its daemon on http://127.0.0.1:3000
	@exec $(BIN)/jira-pipeline serve

.PHONY: dev-postgres
dev-postgres: $(VENV)/.installed ## the same in a home of its own, .postgres, with a PostgreSQL server
	@exec deploy/local_postgres .postgres $(abspath $(BIN))/jira-pipeline serve

sandbox: $(VENV)/.installed env ## browse the issues in the sandbox on http://127.0.0.1:8765
	@exec $(BIN)/jira-pipeline sandbox serve

# What is quick is said first; mypy takes a minute on two cores, and what else checks runs beside it.
# Each prints when it ends, and where one fails the others still say what they have.
QUICK_CHECKS := check-format check-lint check-imports
CHECKS := $(QUICK_CHECKS) check-types check-definitions check-docs
check: $(VENV)/.installed-dev env ## format, lint, imports, types, definitions, docs
	@$(MAKE) --no-print-directory -k -j2 $(if $(filter output-sync,$(.FEATURES)),--output-sync) $(CHECKS)

.PHONY: $(CHECKS) quick-checks
quick-checks: $(QUICK_CHECKS)
MYPY := $(BIN)/mypy
# None: in one process, which takes less processor time.
MYPY_WORKERS ?= 2
TYPED := jira_pipeline jira_pipeline_tests benchmarks
check-types: # on a machine that is busy its workers start too late for it: that ends with 2
	@$(MYPY) $(if $(MYPY_WORKERS),--num-workers $(MYPY_WORKERS)) $(TYPED) || { [ $$? -gt 1 ] && echo "Once more, in one process …" && $(MYPY) $(TYPED); }
check-format:
	@$(BIN)/ruff format --check .
check-lint:
	@$(BIN)/ruff check .
check-imports:
	@$(BIN)/lint-imports
check-definitions:
	@DAGSTER_HOME=$(CURDIR) VIRTUAL_ENV=$(abspath $(VENV)) $(BIN)/dg check defs # whose dagster.yaml has telemetry off
check-docs: | check-definitions # finds compiled what both import
	@$(BIN)/pytest -q jira_pipeline_tests/docs

format: $(VENV)/.installed-dev ## format the code and mend what can be mended
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(VENV)/.installed-dev env ## print every published figure; SMALLEST=1: only show that each runs
	@$(BIN)/python -m benchmarks $(if $(SMALLEST),--smallest,--all)

GALLERY ?= gallery
.PHONY: pictures gallery
pictures: $(VENV)/.installed-dev ## take the pictures of the README anew, with Chromium
	@$(BIN)/python -m benchmarks.pictures
gallery: $(VENV)/.installed-dev ## take every page of the demo at two widths, light and dark, into GALLERY (gallery/), to be looked at
	@$(BIN)/python -m benchmarks.pictures $(GALLERY)

COVERING := $(addprefix jira_pipeline_tests/,jira/client crash export \
  faults/test_single_faults.py contracts/test_export_ledger.py model/test_export_ledger.py \
  model/test_removals.py)
MEASURE := --cov=jira_pipeline --cov-branch --cov-report= -k 'not any_point and not schedule and not killed'
# What surfaces call is run by the tests of surfaces, and by whole ways through the program.
VERBS := */exporting.py,*/left_in_jira.py,*/todo.py,*/trackers.py,*/projects.py
REPORT := report --show-missing --skip-covered --fail-under=95
coverage: $(VENV)/.installed-dev env ## branch coverage of client, ledger and export; each fails below 95 %
	@rm -f .coverage .coverage.*
	@$(BIN)/pytest -q -n $(WORKERS) --dist loadgroup $(MEASURE) $(COVERING)
	@$(BIN)/coverage $(REPORT) --include='jira_pipeline/jira/client/*'
	@$(BIN)/coverage $(REPORT) --include='jira_pipeline/model/exports.py,jira_pipeline/store/ledger.py'
	@$(BIN)/coverage $(REPORT) --include='jira_pipeline/export/*' --omit='$(VERBS)'

live: $(VENV)/.installed-dev ## ask a real Jira what holds there: 60 requests, JIRA_* set; never in CI
	@$(BIN)/python -m jira_pipeline_tests.live

.PHONY: faults crash mutation kept
faults: $(VENV)/.installed-dev env ## run SEEDS (500) seeded schedules of faults, WORLD= for one; then every single fault
	@$(BIN)/python -m jira_pipeline_tests.faults --seeds $(SEEDS) $(if $(WORLD),--world $(WORLD))
	@$(if $(WORLD),,$(BIN)/python -m jira_pipeline_tests.faults --single --pairs $(PAIRS) --acts $(ACTS))

kept: $(VENV)/.installed-dev env ## show what is lost or only named of what people gave, and by what
	@$(BIN)/python -m jira_pipeline_tests.kept

crash: $(VENV)/.installed-dev env ## kill exports at every point and at 200 random times, and writing tickets at every write
	@$(BIN)/python -m jira_pipeline_tests.crash --random $(KILLS)

mutation: $(VENV)/.installed-dev env ## decide each guard of a rule, take out each defence of the export: which are missed?
	@$(BIN)/python -m jira_pipeline_tests.mutation.rules
	@$(BIN)/python -m jira_pipeline_tests.mutation --workers $(WORKERS)

.PHONY: golden golden-check
GOLDEN := $(BIN)/python -m jira_pipeline_tests.golden
golden: $(VENV)/.installed-dev ## write anew what the program says: tickets, requests, answers, options; ONLY=specifications
	@$(GOLDEN) write $(if $(ONLY),--only $(ONLY))

golden-check: $(VENV)/.installed-dev ## list what differs from it; BASE=main: from what that commit says
	@$(GOLDEN) check $(if $(BASE),--base $(BASE)) $(if $(ONLY),--only $(ONLY))

lock: ## write requirements*.lock anew from pyproject.toml
	@$(PYTHON) deploy/write_locks.py

clean: ## remove what tools and builds left; data and .venv stay
	@rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage
	@find . -name __pycache__ -not -path './$(VENV)/*' -type d -prune -exec rm -rf {} +
