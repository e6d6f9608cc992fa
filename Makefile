# make check is the one command before a change is handed in; .ci/run runs the same.
# Every target installs what it misses (scripts/need) and says so.

SHELL       := /bin/bash -euo pipefail
.DEFAULT_GOAL := help
WITH_PG     := scripts/with-postgres
GO_TEST     := go test -timeout 40m
# One way of building for the product, lint and tests, wherever the clone lies, so that each package is compiled once; the race detector needs C.
# Tests are linked without what a debugger wants. go vet is one of the linters, with all that it knows: the tests need not ask it again.
export CGO_ENABLED := 0
export GOFLAGS     := -trimpath -vet=off -ldflags=-w
# The detector watches our code and what runs beside it. Engines that only compute on what they are given (SQLite translated from C, readers of
# YAML, JSON Schema, deflate, Brotli and fonts) share nothing with it and would take half of its time.
# None of them may use sync.Map or other generic code of package sync: the linker keeps one copy of that for all packages, and when it is theirs
# the detector no longer sees what keeps others apart, and reports races that are none.
UNWATCHED   := modernc.org/sqlite/lib modernc.org/libc go.yaml.in/yaml/v3 github.com/santhosh-tekuri/jsonschema/v6 \
               compress/flate github.com/andybalholm/brotli/... github.com/signintech/gopdf/fontmaker/core
RACE        := CGO_ENABLED=1 go test -timeout 40m -race $(UNWATCHED:%=-gcflags=%=-race=false)
# Tests, and the servers that they kill, live for seconds or minutes: memory that is let grow before it is collected spares them a fifth of
# their time. Benchmarks and what ships collect as Go does by itself.
test endure crash city: export GOGC ?= 400
# What kills servers, copies and upgrades whole halls, lives through years and asks every page as everybody: without the race detector, which
# would take its time with the tests and see nothing that it does not see elsewhere.
ENDURANCE   := ^(TestCrash|TestRecordsSurviveKills|TestOrdersSurviveKills|TestDiskFaults|TestFailover|TestUpgrade|TestBackup|TestImportRecords|TestCity|TestMatrixOfRoutes|TestEveryRouteIsSecured|TestForeignOriginsEverywhere|TestReadingChangesNothing)
# What reads the source and runs nothing of it: it has no races to find, and takes ten times as long with the detector.
READERS     := ./internal/arch

.PHONY: help check generate verify-generated verify-modules lint test test-quick endure e2e pictures crash city bench build clean

help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

check: ## everything that must hold: generated code, lint, tests on both databases, crashes, two years of a city, journeys in a browser
	@begin=$$SECONDS; scripts/need compiler postgresql strace chromium e2e web lint; \
	$(MAKE) --no-print-directory -j1 step-verify-generated step-verify-modules step-lint step-test step-endure step-e2e || { echo "== check FAILED"; exit 1; }; \
	echo "== check passed in $$((SECONDS - begin)) s"

step-%:
	@begin=$$SECONDS; echo "== $*"; \
	$(MAKE) --no-print-directory $* || { echo "== $* FAILED"; exit 1; }; \
	echo "== $* passed in $$((SECONDS - begin)) s"

generate: ## write the generated code: templ pages, style sheets and scripts
	@go tool templ generate -log-level error
	@if [ -f web/build.mjs ]; then scripts/need web && node web/build.mjs; fi

verify-generated: ## fail when generated code is not current
	@scripts/verify-generated

verify-modules: ## fail when go.mod or go.sum is not what the imports need
	go mod tidy -diff

lint: ## golangci-lint (with gosec) over all packages
	@scripts/need lint
	"$$(scripts/lint-path)" run --allow-parallel-runners ./...

test: ## unit, property and store tests with the race detector, on SQLite and PostgreSQL
	@scripts/need compiler postgresql strace
	$(GO_TEST) $(READERS)
	scripts/in-memory $(WITH_PG) env $(RACE) -skip '$(ENDURANCE)' $$(go list ./... | grep -v '/internal/arch$$')

test-quick: ## the same on SQLite alone, without the race detector
	$(GO_TEST) ./...

e2e: build ## journeys in Chromium, with axe
	@scripts/need chromium e2e
	@cd e2e && filled=$$(mktemp -d) && trap 'rm -rf "$$filled"' EXIT && node filled.mjs "$$filled" && \
	FILLED_DEMO=$$filled node --test --test-concurrency=2 *.test.mjs

pictures: export OPENHALL_PICTURES = 1
pictures: e2e ## the journeys again, writing the screenshots of the guides into docs/images

endure: export OPENHALL_CRASH_ROUNDS ?= 100
endure: export OPENHALL_CRASH_ROUNDS_POSTGRES ?= 20
endure: export OPENHALL_CITY_STEPS ?= 100000
endure: ## kill servers and databases, fail disks, fail over to a standby, live through two years of a city
	@scripts/need postgresql strace
	$(WITH_PG) $(GO_TEST) -count=1 -parallel 6 -v -run '$(ENDURANCE)' ./cmd/openhall | grep -v '^=== '

crash: export OPENHALL_CRASH_ROUNDS ?= 1000
crash: export OPENHALL_CRASH_ROUNDS_POSTGRES ?= 200
crash: ## the same without the city, 1,000 kills on SQLite and 200 on PostgreSQL (OPENHALL_CRASH_ROUNDS, OPENHALL_CRASH_ROUNDS_POSTGRES)
	@scripts/need postgresql strace
	$(WITH_PG) go test -timeout 120m -count=1 -parallel 4 -v -run '^(TestCrash|TestDiskFaults|TestFailover)' ./cmd/openhall | grep -v '^=== '

city: export OPENHALL_CITY_STEPS ?= 1000000
city: ## live through two years of a city, in any number of steps (OPENHALL_CITY_STEPS) from any seed (OPENHALL_CITY_SEED)
	@scripts/need postgresql
	$(WITH_PG) go test -timeout 240m -count=1 -v -run '^TestCity' ./cmd/openhall | grep -v '^=== '

bench: export OPENHALL_POSTGRES_BUFFERS ?= 4GB
bench: ## measure against named peers; one line "bench NAME VALUE UNIT goal GOAL ok|short" each
	@scripts/need postgresql
	$(WITH_PG) go run ./bench

build: ## bin/openhall: one file, no C library needed
	go build -ldflags='-s -w' -o bin/openhall ./cmd/openhall

clean: ## remove what was built
	rm -rf bin e2e/out
