# What a person repeats. `make demo` and `make test` are the whole set-up.
export CGO_ENABLED = 0
GO ?= go
TOOL = $(GO) tool -modfile=tools/go.mod
PACKAGES = ./...

.PHONY: demo demo-cluster build test test-full race check fix bench fuzz golden script saved screenshots release release-key release-verify clean

demo: build  ## an invented administration, on http://127.0.0.1:8080
	bin/adili demo

demo-cluster:  ## two nodes on one PostgreSQL take answers; one is killed, nothing acknowledged is lost
	ADILI_CLUSTER_ANSWERS=$${ADILI_CLUSTER_ANSWERS:-600} $(GO) test -count=1 -v -run 'TestCluster$$' ./internal/app

build:  ## one static binary in bin/
	$(GO) build -trimpath -o bin/adili ./cmd/adili

test:  ## every test, on SQLite, PostgreSQL and in Chromium where they are installed
	$(GO) vet $(PACKAGES)
	$(GO) test -json -timeout 25m $(PACKAGES) | $(GO) run ./internal/testkit/tally

test-full:  ## the long forms of the tests too, and the race detector where there is a C compiler
	ADILI_FULL=1 $(GO) test -tags long -json -timeout 90m $(PACKAGES) | $(GO) run ./internal/testkit/tally
	$(MAKE) race

race:  ## the race detector over what runs in parallel
	@if command -v gcc cc >/dev/null 2>&1; then \
	  CGO_ENABLED=1 $(GO) test -race -short -timeout 20m ./internal/survey/... ./internal/kernel/...; \
	else echo "race: skipped, no C compiler"; fi

check:  ## formatting, vet, static analysis
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo "run make fix"; exit 1; }
	$(GO) vet $(PACKAGES)
	$(GO) vet -tags long $(PACKAGES)
	$(TOOL) staticcheck -tags long $(PACKAGES)

fix:  ## formatting and the modernisers of the Go command
	$(GO) fix $(PACKAGES)
	gofmt -w .

bench:  ## intake on both databases, pages, estimation beside R where it is installed
	$(GO) test -run '^$$' -bench . ./estimate ./chart ./internal/survey/ballot ./internal/survey/report
	$(GO) test -run '^$$' -bench . -benchtime 1x -timeout 30m -v ./internal/bench

fuzz:  ## every fuzz target for a while
	@for p in $$($(GO) list ./...); do \
	  for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz'); do $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime 20s $$p || exit 1; done; \
	done

golden:  ## rewrite golden files; look at the difference before you commit it
	$(GO) test ./chart -update
	$(GO) test ./internal/app -run Route -update
	$(GO) test ./internal/app/option -run Golden -update
	$(GO) test ./internal/survey/report/ui -run Documented -update

script:  ## form/script/expr.js from the TypeScript beside it
	$(GO) generate ./form/script

saved:  ## data folders of this program for the upgrade tests of later ones: make saved NAME=issue-4
	ADILI_SAVE=$(NAME) $(GO) test -count=1 -v -run 'TestSaveFolder$$' ./internal/app

screenshots:  ## pictures of every page in bin/screenshots
	ADILI_SCREENSHOTS=$(CURDIR)/bin/screenshots $(GO) test -count=1 -run Screenshots ./internal/app

release:  ## archives for all systems in bin/release: VERSION=v0.3.0, signed with ADILI_RELEASE_KEY, or UNSIGNED=1
	$(GO) run ./internal/release build -version "$(VERSION)" $(if $(UNSIGNED),-unsigned)

release-key:  ## a signing key in the file KEY, with the password in ADILI_RELEASE_KEY_PASSWORD_FILE
	$(GO) run ./internal/release key -out "$(KEY)"

release-verify:  ## the release in DIR is what was signed with the public key in the file KEY
	$(GO) run ./internal/release verify -dir "$(DIR)" -key "$(KEY)"

clean:
	rm -rf bin demo-data
