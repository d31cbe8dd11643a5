# For people; the logic is in xtask. `make help` lists what there is.

CARGO ?= cargo
ARGS ?=
SEEDS ?= 1000
FROM ?= 1
NEXTEST := $(shell $(CARGO) nextest --version >/dev/null 2>&1 && echo yes)

.DEFAULT_GOAL := help
.PHONY: help demo test test-ha sim lint fmt tidy docs bench attack deny packages sdks tools

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## platform and sandbox on this machine, with a signed curl line that takes a payment
	$(CARGO) run --release -p heliu-server -- demo

test: packages tools sdks lint docs ## everything CI runs: format, clippy, tidy, docs, all tests, some hundred simulated runs; prints the counts
	$(CARGO) test --workspace --doc --quiet
ifeq ($(NEXTEST),yes)
	$(CARGO) nextest run --workspace --no-fail-fast
else
	$(CARGO) test --workspace --lib --bins --tests --no-fail-fast
endif

test-ha: ## kills the leader of a PostgreSQL under Patroni while tills sell, and tries deploy/; five minutes (HELIU_KILLS=5: more leaders)
	@.ci/packages ha
	$(CARGO) test -p heliu-server --test stories -- --ignored --nocapture --test-threads 1 high_availability:: deployment::

sim: ## simulated runs: one, line by line (make sim SEED=7), or many (make sim SEEDS=5000 FROM=1)
	$(CARGO) run --quiet -p heliu-testkit --bin sim -- $(or $(SEED),$(FROM) $(SEEDS))

lint: tools ## format, clippy and the house rules, without running tests
	$(CARGO) fmt --all -- --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings
	$(CARGO) xtask tidy

fmt: tools ## formats all sources
	$(CARGO) fmt --all

tidy: ## the house rules alone
	$(CARGO) xtask tidy

docs: ## the documentation of all crates; a warning is an error
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --quiet

bench: ## the performance table; make bench ARGS='--json --seconds 5'
	$(CARGO) run --release -p heliu-bench -- $(ARGS)

attack: ## attacks heliu demo and heliu serve on this machine and says what came of it; make attack ARGS='--only files'
	$(CARGO) build --release -p heliu-server
	$(CARGO) run --release -p heliu-attack -- $(ARGS)

deny: ## known weaknesses, licences and owners of all dependencies (needs cargo-deny)
	@$(CARGO) deny --version >/dev/null 2>&1 || \
		{ echo "cargo-deny is missing; install it with: cargo install --locked cargo-deny"; exit 1; }
	$(CARGO) deny check

# What the tests need of the system.
packages:
	@.ci/packages

# The public SDKs that check the channels, installed by their lock file.
sdks: packages
	@.ci/sdks

# What lint and test need of the toolchain; nothing happens where it is there already.
tools:
	@$(CARGO) fmt --version >/dev/null 2>&1 || rustup component add rustfmt
	@$(CARGO) clippy --version >/dev/null 2>&1 || rustup component add clippy
