# Everything that can be done with this repository. `make help` lists it.
.DEFAULT_GOAL := help
SHELL := /bin/bash
VERSION := $(shell git describe --always --dirty --tags 2>/dev/null || echo dev)
BINARY := bin/neo

.PHONY: help
help: ## List every task
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: build ## Build everything and run Neo beside a simulated ServiceNow in which things happen
	@exec $(BINARY) demo $(ARGS)

.PHONY: build
build: ui ## Build the dashboard and the binary bin/neo
	@CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o $(BINARY) ./cmd/neo

.PHONY: ui
ui: ui/dist/index.html ## Build the dashboard

ui/node_modules/.package-lock.json: ui/package.json ui/package-lock.json
	@cd ui && npm ci --no-audit --no-fund --loglevel=error && touch node_modules/.package-lock.json

ui/dist/index.html: ui/node_modules/.package-lock.json web/openapi.json $(shell find ui/src ui/public ui/index.html ui/*.ts ui/*.json -type f ! -name schema.d.ts 2>/dev/null)
	@cd ui && npm run --silent build
	@touch $@

.PHONY: test
test: test-tools build lint test-go test-ui test-e2e ## Run everything: Go with the race detector on both databases, dashboard, browser journeys
	@echo "All suites passed."

.PHONY: test-go
test-go: e2e/node_modules/.package-lock.json ## Run the Go tests with the race detector, on SQLite and PostgreSQL
	@go test -race -timeout 60m ./...
	@go test ./servicenow -run XXX -fuzz FuzzDecodeWebhook -fuzztime 5s
	@go test ./workflowfile -run XXX -fuzz FuzzParse -fuzztime 5s -fuzzminimizetime 1s

.PHONY: fuzz
fuzz: ## Look for a delivery or a workflow's file that the readers do not bear, for five minutes each
	@go test ./servicenow -run XXX -fuzz FuzzDecodeWebhook -fuzztime 5m
	@go test ./workflowfile -run XXX -fuzz FuzzParse -fuzztime 5m

.PHONY: test-ui
test-ui: ui/node_modules/.package-lock.json ## Run the dashboard's unit tests
	@cd ui && npm run --silent test

.PHONY: test-e2e
test-e2e: build e2e/node_modules/.package-lock.json ## Run the journeys in a real browser
	@cd e2e && node --test --test-concurrency=2 journeys/*.test.mjs

e2e/node_modules/.package-lock.json: e2e/package.json e2e/package-lock.json
	@cd e2e && npm ci --no-audit --no-fund --loglevel=error && touch node_modules/.package-lock.json

.PHONY: lint
lint: ui/node_modules/.package-lock.json ## Check format and vet of Go, format and rules of the dashboard
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "gofmt would change:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	@go vet ./...
	@if command -v golangci-lint >/dev/null; then golangci-lint run ./...; fi
	@cd ui && npm run --silent lint

# What `make test` needs from Debian. As root it is installed; otherwise it is named.
.PHONY: test-tools
test-tools:
	@missing=""; \
	command -v chromium >/dev/null || missing="$$missing chromium fonts-dejavu-core"; \
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$$missing postgresql"; \
	PATH=$$PATH:/usr/sbin command -v pgbouncer >/dev/null || missing="$$missing pgbouncer"; \
	if [ -n "$$missing" ]; then \
	  if [ "$$(id -u)" = 0 ]; then \
	    echo "Installing$$missing"; \
	    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; } >/tmp/neo-apt.log 2>&1 \
	      || { tail -n 20 /tmp/neo-apt.log; exit 1; }; \
	  else \
	    echo "make test needs:$$missing. Install it with: sudo apt-get install$$missing" >&2; exit 1; \
	  fi; \
	fi

.PHONY: generate
generate: ## Write again what is generated and committed (the API's description)
	@go test ./web -run TestOpenAPIIsCurrent -update -count=1 >/dev/null

.PHONY: bench
bench: build ## Measure Neo beside this machine's floor
	@$(BINARY) bench ingest
	@$(BINARY) bench e2e

.PHONY: clean
clean: ## Delete what was built
	@rm -rf bin ui/dist/* ui/node_modules e2e/node_modules ui/src/api/schema.d.ts
	@touch ui/dist/.gitkeep
