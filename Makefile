# The commands of this repository. Needs make and Python 3.11 or newer; `make help` lists them.
# Whatever a command needs it makes itself, once; the second start installs nothing and needs no network.

PORT = 8000
SHELL = /bin/sh
bin = .venv/bin
library = PLANVEV_LIBRARY="$(CURDIR)"
# Only `make serve HOST=…` counts: some shells export a HOST of their own, and that would open the service to a network.
ifeq ($(origin HOST),command line)
host = --host "$(HOST)"
endif
# Where ARGS choose tests, one of the two runs of `make test` may have none (pytest's exit status 5).
none_chosen = $(if $(ARGS),|| [ $$? -eq 5 ])
export PYTHON

.PHONY: help serve check test test-long mutate bench bench-pages bench-publishers bench-national tools wheel lock clean setup-serve setup-test

help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 20

serve: setup-serve ## check, publish and serve the data (PORT=8000, HOST=127.0.0.1)
	@$(library) $(bin)/planvev publish
	@$(library) exec $(bin)/planvev serve --port "$(PORT)" $(host)

check: setup-serve ## check the data against the shapes, and that no published IRI is gone; publish nothing
	@$(library) $(bin)/planvev check
	@$(library) $(bin)/planvev iris

test: setup-test ## the gate: style, types, tests (under 20 minutes)
	$(bin)/ruff check
	$(bin)/ruff format --check
	$(bin)/mypy
	$(bin)/python -m pytest -m "alone and not long" $(ARGS) $(none_chosen)
	$(bin)/python -m pytest -m "not alone and not long" --numprocesses auto --dist loadfile $(ARGS) $(none_chosen)

test-long: setup-test ## full suites and fuzzing
	$(bin)/python -m pytest -m long --timeout=3600 $(ARGS)

mutate: setup-test ## break every statement of valid data, and show what no shape notices
	$(bin)/python -m tests.mutation

bench: setup-test ## how fast: the library beside the bare limits, and 0.1M triples beside the peers (some minutes)
	$(library) $(bin)/python -m benchmarks $(ARGS)
	@tools/bench
	$(bin)/python -m benchmarks.national --sizes 0.1M --budget 6 --rounds 2 --print

bench-pages: setup-test ## what pages weigh and when they are first painted, in Chromium (two minutes)
	$(bin)/python -m benchmarks.pages $(ARGS)

bench-publishers: setup-test ## pages and Turtle of three things beside another service that publishes them (two minutes)
	@tools/bench
	$(bin)/python -m benchmarks.publishers $(ARGS)

bench-national: setup-test ## the same at 0.1, 1 and 5 million triples (at most an hour; goes on where it was)
	@tools/bench
	$(bin)/python -m benchmarks.national $(ARGS)

tools: ## as root: programs that some tests run (Chromium, nginx, rapper, Jena, Virtuoso, Comunica, ldes-client)
	@tools/install

wheel: setup-test ## build dist/planvev-….whl
	$(bin)/python -m pip wheel . --disable-pip-version-check --quiet --no-deps --no-build-isolation --wheel-dir dist

lock: ## pin the dependencies anew (UPGRADE=1 takes newer versions)
	@tools/lock $(if $(UPGRADE),--upgrade)

clean: ## remove everything made here; published snapshots stay
	rm -rf .venv .cache .tools .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist service/planvev/web/static/made
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup-serve:
	@tools/environment serve

setup-test:
	@tools/environment test
