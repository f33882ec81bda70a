# The single door: everything that is done with Nexus is a target here. `make help` lists them.
#
# From the outside: PYTHON (the interpreter for .venv), PORT, DOCS, DATABASE_URL, RABBITMQ_URL, CACHE_URL, ARGS (pytest's),
# CORPUS (a folder with labels.jsonl and readmes/).

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
GRAPHIQL := schema/graphiql
INSTALLED := $(VENV)/.installed
ASSETS := $(GRAPHIQL)/node_modules/.installed
AUDIT := tests/http/node_modules/.installed
BENCH_VENV := .venv-bench
FUZZ_VENV := .venv-fuzz
FUZZ_INSTALLED := $(FUZZ_VENV)/.installed
BENCH_INSTALLED := $(BENCH_VENV)/.installed
SCHEMA := schema/schema.graphql
COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --custom-compile-command "make lock" \
	--python-version 3.11

# What looks at the code needs settings that can be read, and no service.
CHECKED := NEXUS_ENV=test SECRET_KEY=nothing-is-signed-while-the-code-is-checked \
	DATABASE_URL=postgresql://nexus@127.0.0.1:1/nexus
MANAGE := $(CHECKED) $(PY) manage.py

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help:  ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: install
install: $(INSTALLED) assets  ## Make .venv with the locked dependencies, and fetch GraphiQL where npm is there

$(INSTALLED): requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Nexus needs Python 3.11 or later; '$(PYTHON)' is not. Name another: make PYTHON=python3.12 $(MAKECMDGOALS)"; \
		exit 1; }
	@test -x $(PY) || $(PYTHON) -m venv $(VENV) || { \
		rm -rf $(VENV); \
		echo "Python can't make a virtual environment. On Debian and Ubuntu: apt install python3-venv"; \
		exit 1; }
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

# Without npm, or without a way to it, everything but GraphiQL works, and its page says how to get it.
.PHONY: assets
assets:
	@if command -v npm >/dev/null; then \
		$(MAKE) --silent $(ASSETS) || echo "GraphiQL could not be fetched; everything else works."; \
	else \
		echo "npm is not here: GraphiQL is left out; everything else works."; \
	fi

$(ASSETS): $(GRAPHIQL)/package-lock.json
	npm ci --prefix $(GRAPHIQL) --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: run
run: install  ## Run everything in the foreground (PORT=8000, DOCS=path to import what is there); Ctrl-C stops it
	@exec $(PY) -m ops.run

.PHONY: test
test: install audit  ## Run the tests with the services that are found (ARGS="-k name" goes to pytest)
	@exec $(PY) -m ops.test $(ARGS)

.PHONY: fuzz
fuzz: install  ## Send documents made from the schema: EXAMPLES (300) about each field, SEEDS (5) times
	@NEXUS_FUZZ_EXAMPLES=$(or $(EXAMPLES),300) NEXUS_FUZZ_SEEDS=$(or $(SEEDS),5) \
		exec $(PY) -m ops.test tests/attacks/test_fuzzing.py -n 0 -s

# What drives it has wheels for Linux and macOS alone, so it is in an environment of its own.
$(FUZZ_INSTALLED): requirements.txt requirements-fuzz.txt | $(INSTALLED)
	test -x $(FUZZ_VENV)/bin/python || $(PY) -m venv $(FUZZ_VENV)
	$(FUZZ_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt -r requirements-fuzz.txt
	@touch $@

.PHONY: fuzz-import
fuzz-import: $(FUZZ_INSTALLED)  ## Fuzz the document parser for SECONDS (60), led by what of its code is reached
	$(FUZZ_VENV)/bin/python -m bench.fuzz_import -max_total_time=$(or $(SECONDS),60) $(ARGS)

.PHONY: audit
audit:  # The tests' audit of GraphQL over HTTP; they say where they had to do without it.
	@if command -v npm >/dev/null; then $(MAKE) --silent $(AUDIT) || echo "The HTTP audit could not be fetched."; fi

$(AUDIT): tests/http/package-lock.json
	npm ci --prefix tests/http --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: check
check: $(INSTALLED)  ## Look at the code: lint, format, types, import contracts, migrations, schema
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --no-logo
	$(CHECKED) $(BIN)/mypy
	$(MANAGE) makemigrations --check --dry-run
	$(MANAGE) write_schema --check
	$(MANAGE) write_events --check

.PHONY: format
format: $(INSTALLED)  ## Format the code and mend what can be mended by machine
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

.PHONY: schema
schema: $(INSTALLED)  ## Write schema/schema.graphql from the types
	$(MANAGE) write_schema

.PHONY: erd
erd: $(INSTALLED)  ## Write the diagram of the data model in docs/
	$(MANAGE) write_erd

.PHONY: events
events: $(INSTALLED)  ## Write the schemas of events in docs/events
	$(MANAGE) write_events

# What is measured beside Nexus needs another graphql-core, so it has an environment of its own.
$(BENCH_INSTALLED): requirements-bench.txt | $(INSTALLED)
	test -x $(BENCH_VENV)/bin/python || $(PY) -m venv $(BENCH_VENV)
	$(BENCH_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.txt
	@touch $@

.PHONY: bench
bench: $(INSTALLED) $(BENCH_INSTALLED)  ## Measure Nexus beside others; write the tables and the plot of docs/benchmarks.md
	$(PY) -m bench rates --write $(ARGS)
	$(PY) -m bench own --write

.PHONY: bench-scale
bench-scale: $(INSTALLED)  ## Compare 10,000 with 1,000,000 entries (makes 9 GB of data); write the table
	$(PY) -m bench scale --write $(ARGS)

.PHONY: bench-smoke
bench-smoke: $(INSTALLED) $(BENCH_INSTALLED)  ## See that the benchmarks run: few rows, few requests
	$(PY) -m bench smoke

.PHONY: bench-digests
bench-digests: $(INSTALLED)  ## Measure digests by worker, the relay's latency, and composing as the base grows
	$(PY) -m bench.digests $(ARGS)

.PHONY: bench-hostile
bench-hostile: $(INSTALLED)  ## Measure what hostile documents cost until they are refused
	$(PY) -m bench.hostile $(ARGS)

.PHONY: bench-timing
bench-timing: $(INSTALLED)  ## Measure whether how long an answer takes tells who has an account
	$(PY) -m bench.timing $(ARGS)

.PHONY: browser
browser: install  ## Fetch what drives a browser in tests and pictures (the browser itself: Debian's chromium)
	npm ci --prefix tests/browser --ignore-scripts --no-audit --no-fund --loglevel=error

.PHONY: screenshot
screenshot: browser  ## Take docs/images/graphiql.png from the Nexus that runs on PORT
	node ops/screenshot.mjs http://127.0.0.1:$(or $(PORT),8000)/graphql

.PHONY: corpus
corpus: $(INSTALLED)  ## Score the importer against labelled documents: make corpus CORPUS=path
	@test -n "$(CORPUS)" || { echo "Say where the documents are: make corpus CORPUS=path"; exit 1; }
	$(PY) -m bench.corpus $(CORPUS)

.PHONY: alike
alike: $(INSTALLED)  ## Measure by what words challenges are taken for one: make alike CORPUS=path
	@test -n "$(CORPUS)" || { echo "Say where the documents are: make alike CORPUS=path"; exit 1; }
	$(PY) -m bench.alike $(CORPUS) $(ARGS)

.PHONY: import-curve
import-curve: $(INSTALLED) $(BENCH_INSTALLED)  ## Measure how reading grows with a document's size; draw docs/images/import.png
	$(PY) -m bench.curve times | $(BENCH_VENV)/bin/python -m bench.curve draw docs/images/import.png

.PHONY: lock
lock: $(INSTALLED)  ## Pin the dependencies of pyproject.toml, with hashes
	$(COMPILE) --extra embedded --extra dev -o requirements-dev.txt pyproject.toml
	$(COMPILE) --constraint requirements-dev.txt -o requirements.txt pyproject.toml
	$(COMPILE) --group pyproject.toml:bench -o requirements-bench.txt
	$(COMPILE) --group pyproject.toml:fuzz -o requirements-fuzz.txt

.PHONY: image
image:  ## Build the container image nexus:latest
	docker build --tag nexus:latest .

.PHONY: clean
clean:  ## Remove what was made, but not the data in .nexus
	rm -rf $(VENV) $(BENCH_VENV) $(FUZZ_VENV) .static $(GRAPHIQL)/node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +
