# Orbit in two commands: `make run` and `make test`. `make` alone lists them all.
# Everything it makes lives in .build (Swift), .venv (Jupyter), .venv-torch, .venv-kernels and build (notebooks, logs).

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DEFAULT_GOAL := help

TUTORIAL := notebooks/01-autoencoding-transformations.ipynb
NOTEBOOKS := $(sort $(wildcard notebooks/*.ipynb))

SWIFT := $(or $(shell command -v swift),$(wildcard /opt/swift/usr/bin/swift),swift)
ORBIT := .build/release/orbit
PYTHON := .venv/bin/python
PYTEST = $(PYTHON) -m pytest -c .ci/pytest.ini --rootdir .
TORCH_PYTHON := .venv-torch/bin/python
KERNELS_PYTHON := .venv-kernels/bin/python
KERNEL := .venv/share/jupyter/kernels/orbit/kernel.json
STEP := .ci/step
SWIFT_SOURCES = $(shell find Sources Tests Benchmarks Package.swift -name '*.swift' \
	-not -path '*/Corpus/*' -not -path '*/Fixtures/*')

.PHONY: help run lab notebooks test test-swift test-kernel test-pytorch lint format clean
export SWIFT
.PHONY: bench bench-kernel bench-workspace benchmark results
.PHONY: test-onednn3 test-portability sanitize fuzz torture
.PHONY: packages browser swift release kernel lab-environment test-environment torch-environment kernels-environment

help:  ## List what can be made
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

run:  ## Build Orbit, install its kernel into .venv, execute the tutorial into build/
	@$(MAKE) -j2 kernel; \
	$(PYTHON) .ci/execute_notebook.py $(TUTORIAL) --into build --html; \
	printf '\nDone in %s s. Next:\n  %-12s %s\n  %-12s %s\n' "$$SECONDS" \
	  "make lab" "open the notebooks in JupyterLab, with the Orbit kernel" \
	  "make test" "run every test"

lab: ## Open JupyterLab with the notebooks
	@$(MAKE) -j2 kernel
	@$(PYTHON) -m jupyterlab --ServerApp.ip=127.0.0.1 --ServerApp.root_dir=notebooks \
	  $(if $(filter 0,$(shell id -u)),--allow-root)

notebooks: ## Execute every notebook and store it, outputs included
	@$(MAKE) -j2 kernel
	@$(PYTHON) .ci/execute_notebook.py $(NOTEBOOKS) --in-place

test: ## Run every test: Swift, the kernel behind a real client, the notebooks
	@$(MAKE) -j2 test-swift test-environment
	@$(MAKE) kernel
	@$(MAKE) test-kernel

test-pytorch: torch-environment | packages swift ## Load what Orbit saved in PyTorch, and compare
	@$(STEP) "Building the Swift tests" .ci/build-tests
	@$(STEP) "Writing the weights of every backbone" \
	  $(SWIFT) test --skip-build --disable-xctest --filter BackboneTests
	@echo "· Running the tests in PyTorch"; \
	  $(TORCH_PYTHON) -m pytest -c .ci/pytest.ini --rootdir . Tests/pytorch </dev/null

bench: benchmark torch-environment ## Measure the engine beside PyTorch and write docs/performance.md
	@$(TORCH_PYTHON) Benchmarks/engine.py $(BENCH)

bench-kernel: kernel kernels-environment ## Measure the kernel beside others and write docs/kernel-performance.md
	@$(KERNELS_PYTHON) Benchmarks/kernel.py $(BENCH_KERNEL)

bench-workspace: kernel ## Measure what keeping a workspace costs, and write docs/workspace-performance.md
	@$(PYTHON) Benchmarks/workspace.py $(BENCH_WORKSPACE)

results: release lab-environment ## Measure every method over several seeds (hours; resumable) and write docs/results.md
	@$(PYTHON) Benchmarks/results.py $(RESULTS)

benchmark: | packages swift
	@$(STEP) "Building the benchmark (release)" \
	  $(SWIFT) build -c release --product EngineBenchmark --static-swift-stdlib

format: | swift  ## Format the Swift sources in place
	@$(SWIFT) format --in-place $(SWIFT_SOURCES)

clean: ## Remove everything that was made
	rm -rf build .build .venv .venv-torch .venv-kernels

torture: kernel test-environment ## Kill kernels at random moments, and let every write fail in turn (about an hour)
	@ORBIT_TEST_KILLS=$(or $(KILLS),100) ORBIT_TEST_FAULTS=all $(PYTHON) -m pytest -c .ci/pytest.ini --rootdir . -s \
	  $(wildcard Tests/kernel/test_torture.py Tests/kernel/test_faults*.py) </dev/null

# The parts of `make test`.

lint: | swift
	@$(STEP) "Checking the format of the Swift sources" \
	  $(SWIFT) format lint --strict --parallel $(SWIFT_SOURCES)

test-swift: lint | packages swift
	@$(STEP) "Building the Swift tests" .ci/build-tests
	@mkdir -p build/logs; echo "· Running the Swift tests"; \
	  $(SWIFT) test --skip-build --disable-xctest 2>&1 | tee build/logs/swift-test.log \
	  | { grep --text --line-buffered -vE '^◇ .* started\.$$' || true; } || { \
	  printf '\nWhat failed:\n'; grep --text '^✘' build/logs/swift-test.log | cut -c 1-300; exit 1; }

test-kernel:
	@echo "· Running the tests of the kernel and of the notebooks, three files at a time: they mostly wait"; \
	  $(PYTEST) -n 3 --dist loadfile -m "not alone" Tests/kernel Tests/notebooks </dev/null
	@echo "· Running those that look at a clock"; $(PYTEST) -m alone Tests/kernel </dev/null

# Set-up. Each part is made once, and again when what it is made from has changed.

packages:
	@.ci/system-packages

browser: packages # one after the other: two apt-get at a time get in each other's way
	@.ci/system-packages chromium

swift:
	@$(SWIFT) --version >/dev/null 2>&1 || { echo "make: Orbit needs Swift 6.3 on PATH" \
	  "or in /opt/swift (https://www.swift.org/install)." >&2; exit 1; }

release: | packages swift
	@$(STEP) "Building orbit (release)" \
	  $(SWIFT) build -c release --product orbit --static-swift-stdlib
	@git describe --always --dirty --abbrev=12 --exclude '*' > $(ORBIT).commit 2>/dev/null || rm -f $(ORBIT).commit

lab-environment: .venv/.lab
test-environment: .venv/.test | browser
torch-environment: .venv-torch/.made
kernels-environment: .venv-kernels/.made

# Python waits for Debian's packages only where python3-venv is among the missing.
.venv/.lab: .ci/requirements-lab.txt .ci/constraints.txt | \
		$(if $(shell python3 -c 'import ensurepip, venv' 2>&1),packages)
	@$(STEP) "Making .venv with JupyterLab" .ci/python-environment .venv $<
	@touch $@

.venv/.test: .ci/requirements-test.txt .ci/constraints.txt .venv/.lab
	@$(STEP) "Adding the test tools to .venv" .ci/python-environment .venv $<
	@touch $@

.venv-torch/.made: .ci/requirements-torch.txt .ci/constraints.txt | \
		$(if $(shell python3 -c 'import ensurepip, venv' 2>&1),packages)
	@$(STEP) "Making .venv-torch with PyTorch" .ci/python-environment .venv-torch $<
	@touch $@

.venv-kernels/.made: .ci/requirements-kernels.txt .ci/constraints.txt | \
		$(if $(shell python3 -c 'import ensurepip, venv' 2>&1),packages)
	@$(STEP) "Making .venv-kernels with other kernels" .ci/python-environment .venv-kernels $<
	@touch $@

kernel: release lab-environment
	@[ -e $(KERNEL) ] && [ -z "$$(find -L $(ORBIT) kernelspec -newer $(KERNEL) 2>&1)" ] || $(STEP) "Installing the kernel into .venv" \
	  $(ORBIT) install --prefix .venv

# The engine where the machine is another: it is built once more for each, in folders of their own.

test-onednn3: | packages swift ## Test the engine with oneDNN 3
	@.ci/test-onednn3

test-portability: | packages swift ## Test the engine with both versions of oneDNN, and without AVX-512
	@.ci/test-portability

sanitize: | packages swift ## Test engine and kernel under the address and the thread sanitizer
	@.ci/sanitize

# FUZZ=1000000 is a number of inputs for each surface, FUZZ=60s a time.
FUZZ ?= 20000
fuzz: | packages swift ## Feed wire, messages and cells with what a fuzzer makes up (FUZZ=1000000, FUZZ=60s)
	@.ci/fuzz $(FUZZ)
