# Two commands are all that is needed; each creates what it needs first.
#
#   make run     opens the console (a demo model is included)
#   make test    lint, type check and the whole test suite
#
# make images            builds the container images and runs them as Cloud Run would (docs/images.md)
# make run TORCH=auto    installs a torch for the GPU that is found (the default is a CPU build)
# make constraints       pins the newest versions of everything anew

PYTHON ?= python3
TORCH  ?= cpu
BIN    := .venv/bin

.DEFAULT_GOAL := run
.PHONY: run test lint images constraints

run:
	@$(PYTHON) tools/environment.py --torch $(TORCH)
	@$(BIN)/zimage-console

test:
	@$(PYTHON) tools/environment.py --torch $(TORCH) --dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(BIN)/python -m compileall -q console engine
	@$(BIN)/python tools/suite.py $(if $(THOROUGH),--thorough)

# KEEP=1 keeps the base image for the next time.
images:
	@$(PYTHON) tools/environment.py --torch $(TORCH)
	@$(BIN)/python tools/check_images.py $(if $(KEEP),--keep)

TORCH_VERSION := 2.13.0
constraints:
	@$(PYTHON) tools/environment.py --torch $(TORCH) --dev
	@echo "torch==$(TORCH_VERSION)" > .venv/pins.txt
	@{ echo "# The versions that every machine gets. Made anew by: make constraints"; \
	   $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --upgrade --no-annotate --no-header \
	     --extra engine --extra dev --group serve --group sbom --group slow-mount --constraint .venv/pins.txt pyproject.toml; \
	   $(BIN)/uv --version | sed 's/uv \([0-9.]*\).*/uv==\1/'; } > .venv/constraints.txt
	@mv .venv/constraints.txt constraints.txt
