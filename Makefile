# Everything a person does to this repository. `make` alone lists it.
SHELL := /bin/bash
GO    ?= go
BIN   := .tools
# Encryption on Matrix, in Go alone. Without it everything works but encrypted rooms.
TAGS  := -tags goolm
FUMPT  := mvdan.cc/gofumpt@v0.12.0
LINT   := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
VULN   := golang.org/x/vuln/cmd/govulncheck@v1.9.0

.DEFAULT_GOAL := help
.PHONY: help run build test unit check fmt golden states model quality screenshot bench fuzz vuln peers image clean

help: ## list what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: ## start the bot with the built-in school on http://127.0.0.1:8080
	$(GO) run $(TAGS) .

build: ## one static binary in dist/
	CGO_ENABLED=0 $(GO) build $(TAGS) -trimpath -o dist/schoolbel .

test: peers ## set up every peer and run everything, race detector on
	bash .ci/peers run $(GO) test $(TAGS) -race -shuffle=on -timeout 25m ./...

unit: ## what needs nothing but Go
	$(GO) test -shuffle=on ./...

check: fmt ## format, vet, lint, then the whole test
	$(GO) vet ./...
	$(GO) vet $(TAGS) ./...
	$(GO) run $(LINT) run --build-tags goolm
	$(MAKE) test

fmt: ## say which files gofumpt would change
	@out=$$($(GO) run $(FUMPT) -l .); if [ -n "$$out" ]; then echo "run: go run $(FUMPT) -w ."; echo "$$out"; exit 1; fi

golden: ## write the golden files and generated pages anew; then read the diff
	$(GO) test $(TAGS) $$(grep -lE 'flag.Bool\("update"|adaptertest\.(Exam|Update)' -r adapters bot/lang --include='*_test.go' | xargs -n1 dirname | grep -v adapters/all | sort -u | sed 's|^|./|') -update
	$(GO) test $(TAGS) ./adapters/all -update
	$(MAKE) states

states: ## draw the state pictures of docs/states from the tables
	$(GO) test ./workflows/all -run 'TestStates' -update

model: ## learn anew what messages mean, from bot/understand/corpus
	$(GO) test ./bot/understand -run 'TestUsualWords' -update
	$(GO) test ./bot/understand -run 'TestModel' -update -v | grep -v '^='

quality: ## how well messages are understood, by people that were never learned from
	$(GO) test -count=1 ./bot/understand -run 'TestQuality|TestGiven' -v | grep -v '_test.go'

screenshot: peers ## docs/console.png and docs/teams.png, of the real program in Chromium
	SCHOOLBEL_SCREENSHOT=docs/console.png bash .ci/peers run $(GO) test $(TAGS) -count=1 -run 'TestStoryInTheBrowser' .
	SCHOOLBEL_TEAMS_SCREENSHOT=docs/teams.png bash .ci/peers run $(GO) test $(TAGS) -count=1 -run 'TestStoryInTeamsInTheBrowser' .

bench: peers ## speed against pgbench in the same run
	PGFSYNC=on SCHOOLBEL_BENCH=1 bash .ci/peers run $(GO) test $(TAGS) -count=1 -timeout 30m -p 1 -run 'TestBench' -v . ./store

fuzz: ## half a minute for each fuzz test
	@for d in $$(grep -rlE '^func Fuzz' --include='*_test.go' . | xargs -n1 dirname | sort -u); do \
	  for f in $$(grep -hoE '^func Fuzz[A-Za-z0-9_]+' $$d/*_test.go | sed 's/func //'); do \
	    echo "$$d $$f"; $(GO) test $$d -run '^$$' -fuzz "^$$f$$" -fuzztime 30s || exit 1; done; done

vuln: ## known weaknesses in what we use (asks the net)
	$(GO) run $(VULN) ./...

peers: ## install what the tests talk to: PostgreSQL, Chromium, Bolt, Teams' playground, Dendrite
	@bash .ci/peers install

image: ## the container image
	docker build -t schoolbel .

clean: ## throw away what was made
	rm -rf dist $(BIN)
