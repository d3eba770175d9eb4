# Two commands do everything on a fresh machine with Python 3.11+ and make: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
JOBS ?= 2

# Whatever the shell says: what one process has compiled is kept for the next; the tests start many.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test check bench docs clean

help:  ## say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-6s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.installed-train  ## install, train on rotated digits or resume, say where the report is
	@$(VENV)/bin/erlangen train rotated-digits --resume --out runs/demo

test: $(VENV)/.installed-dev  ## install, run every test and every docstring's example
	@OMP_NUM_THREADS=1 $(RUN) -m pytest -q -n $(JOBS) --dist worksteal $(PYTEST)

check: $(VENV)/.installed-dev  ## lint, format, types and the import law
	@$(VENV)/bin/ruff check --quiet --output-format concise .
	@$(VENV)/bin/ruff format --check --quiet .
	@$(VENV)/bin/basedpyright --threads $(JOBS)
	@$(VENV)/bin/lint-imports --no-cache --no-logo

bench: $(VENV)/.installed-dev  ## measure beside the peers; results go to benchmarks/results, their page to docs
	@for file in $(filter-out benchmarks/page.py,$(sort $(wildcard benchmarks/[a-z]*.py))) benchmarks/page.py; do \
		echo "$$file"; $(RUN) "$$file" || exit 1; done

docs: $(VENV)/.installed-docs  ## build the site, execute the examples; all pages go to docs/_build
	@$(RUN) -m sphinx -b html -W --keep-going -q docs docs/_build/site
	@for file in examples/[a-z]*.py; do $(RUN) -m "examples.$$(basename "$$file" .py)" || exit 1; done
	@echo "docs/_build/site/index.html"

clean:  ## remove what make and the tools made: environment, caches, pages
	@rm -rf $(VENV) build dist docs/_build .pytest_cache .ruff_cache .hypothesis
	@find src tests benchmarks examples -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

$(RUN):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "erlangen needs Python 3.11 or newer, and this is " + sys.version.split()[0] + ". Name a newer one: make PYTHON=python3.12 …")'
	@$(PYTHON) -m venv $(VENV)

# The stamp is older than its prerequisites exactly when something is to be installed anew.
$(VENV)/.installed-%: pyproject.toml constraints.txt | $(RUN)
	@echo "Installing erlangen[$*] into $(VENV); the first time this takes some minutes."
	@$(RUN) -m pip install -qq --no-compile --disable-pip-version-check --constraint constraints.txt --editable '.[$*]'
	@touch $@
