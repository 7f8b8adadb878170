# pgha's make targets. `make help` lists them; `make demo`, `make demo-kube` and `make test` need nothing but git, make and apt.
SHELL := /bin/bash
.DEFAULT_GOAL := help
NODE := node_modules/.bin/node
SOURCES := $(shell find src -name '*.ts' 2>/dev/null)
SHARDS := unit-1 unit-2 unit-3
# Several targets at a time, each with its output in one piece; all of them, though one fails.
BESIDE = $(MAKE) --no-print-directory --jobs --keep-going --output-sync=target
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

##@ For users
.PHONY: demo demo-kube
demo: build ## The main job on real hosts: import, plan, apply, status, a client's query, and again
	scripts/demo

demo-kube: build ## The same through a real API server: the operator, kubectl, conditions, an edit
	scripts/demo-kube

##@ For developers
.PHONY: fast types lint format unit build generate $(SHARDS)
fast: deps ## What to run before each commit: types, lint, unit and property tests
	@$(BESIDE) types lint $(SHARDS)

types: deps ## Check types
	tsc --noEmit

lint: deps ## Lint, with type information, and see that all is formatted
	oxfmt --check src test bench
	oxlint --type-aware --deny-warnings src test bench

format: deps ## Write all TypeScript as the formatter would, 120 columns wide
	oxfmt src test bench

unit: deps ## Unit, property and architecture tests
	@$(BESIDE) $(SHARDS)

# Starting a process and loading the sources for each file took longer than the tests, so a process takes every third
# file, and keeps what it compiled. Three, since tests also wait: for shells, timers and sockets.
$(SHARDS): unit-%: deps
	@NODE_COMPILE_CACHE=node_modules/.cache/pgha $(NODE) --test --test-isolation=none --test-shard=$*/$(words $(SHARDS)) --test-reporter=dot \
	  'test/unit/**/*.test.ts' 'test/properties/**/*.test.ts' 'test/*.test.ts'

build: deps dist/pgha.mjs ## Bundle the command line into dist/

dist/pgha.mjs: $(SOURCES) package.json package-lock.json
	$(NODE) scripts/build.mjs

generate: deps ## Write what is generated from src/api: crds/, field references
	$(NODE) src/api/generate.ts

##@ Tests on real parts
.PHONY: test integration journeys kube bench planned cuts chaos
test: ## Everything: fast tests, then real sshd, API server and lab hosts
	scripts/test

integration: build ## Against a real sshd, HAProxy, API server on this machine
	scripts/test integration

journeys: build ## On lab hosts, without and with an API server
	scripts/test journeys journeys-kube

bench: build ## Time a fresh apply, a no-op apply and an idle operator; bench planned, bench cuts: as clients see them
	scripts/bench $(filter planned cuts,$(MAKECMDGOALS))

planned cuts:
	@:

chaos: ## Break a stack at random while it is edited and pgha is killed; chaos SEED=7 plays the same again
	@SEED=$(SEED) scripts/chaos

##@ The lab by hand
.PHONY: lab-up lab-down kube-up kube-down
lab-up: ## Boot five hosts as in the field
	test/lab/lab install
	test/lab/lab up

lab-down: ## Take them down; nothing stays but the cache
	test/lab/lab down

kube-up: deps ## A shell with KUBECONFIG set to a real API server, which ends with the shell
	test/kube/kube shell

kube-down: deps ## End an API server that was left behind
	test/kube/kube down

##@ Set-up
.PHONY: deps help
deps: node_modules/.pgha-lock ## Install Node 24 and the locked dependencies

node_modules/.pgha-lock: package.json package-lock.json
	scripts/setup
	@touch $@

help: ## This text
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
