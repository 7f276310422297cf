# Makefile: the front door. Everything here calls the package's own tools; `make help` lists it.
# Nothing is hidden: a rule prints nothing but what its tool prints.

APP ?= console
BOARD ?=
MINUTES ?= 5
SWIFT ?= swift
# Where Swift builds: another folder keeps two builds of one clone apart.
SCRATCH ?= .build

package = --scratch-path $(SCRATCH)
apus = $(SCRATCH)/debug/apus
verify = $(SCRATCH)/debug/apus-verify
fast = $(SCRATCH)/release/apus-verify
image = $(APP) $(if $(BOARD),--board $(BOARD))
board = $(or $(BOARD),mps2-an385)
# Most tests wait for a compiler or for QEMU: more of them at once than cores only disturb each other.
width = $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

# The tests that boot images, build them, or compile kernels and fuzzers.
slow = ^(ApusBuild|Bench|Boot|Conformance|CostKit|FootprintKit|Fuzz|MirrorKit|MutationKit|QEMUKit|Soak|Sweep)Tests[.]|BrokenKernelsTests|KernelWatchTests|ExplorerTests|ExplorerWalksTests|FaultInjectionTests|TimelineKitTests.MirrorTests

# Some thousand lines after a test has failed, its name and its reason once more.
failures = if [ -f build/tests-swift-testing.xml ]; then awk -F '"' ' \
  /<testcase/ { name = $$2 "." $$4 } \
  /<failure/ { text = $$2; gsub(/&\#10;/, "\n  ", text); gsub(/&\#8594;/, "->", text); \
    gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text); gsub(/&quot;/, "\"", text); \
    gsub(/&amp;/, "\\&", text); print "failed: " name ": " text }' build/tests-swift-testing.xml; fi

.DEFAULT_GOAL := help
.PHONY: help run sim trace build bench footprint test check conformance sabotage sweep soak mirror \
  explore mutants fuzz costs lint clean tool verifier fast tools

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile
	@echo "  APP=hello or console (the default), BOARD=one of: $(notdir $(wildcard boards/*))"

run: tools tool ## builds APP for BOARD and hands you its console; a piped input works, too
	@exec $(apus) run $(image)

sim: tool ## runs APP on this machine instead: the same kernel, the same tasks, virtual time
	@exec $(apus) simulate $(APP)

trace: tool ## draws a crash in the simulated console as a page to zoom into: build/trace.html
	@mkdir -p build
	@$(apus) trace --simulate --input 'crash sensor memory' --for 20ms --format html \
	  --output build/trace.html
	@echo "the page: build/trace.html"

build: tools tool ## builds APP for BOARD into build/
	@exec $(apus) build $(image)

bench: tools fast ## counts every figure of the README, twice, takes speeds, and writes build/bench.json
	@$(SWIFT) build -q -c release $(package) --product footprint </dev/null 1>&2
	@exec $(fast) bench --host $(if $(BOARD),--board $(BOARD))

footprint: tools tool ## says where every byte of hello and console is, and writes build/footprint.html
	@for app in hello console; do $(apus) build $$app --board $(board) </dev/null >/dev/null || exit; done
	@$(SWIFT) build -q $(package) --product footprint </dev/null 1>&2
	@$(SCRATCH)/debug/footprint overview --budget Tests/footprint.yaml \
	  build/$(board)/hello build/$(board)/console
	@$(SCRATCH)/debug/footprint report build/$(board)/console --by component,module,symbol \
	  --format html --boot --except '*Crash.commit*' --output build/footprint.html
	@echo "the page: build/footprint.html"

conformance: tools verifier ## every case of isolation and contract, each store judged from outside
	@exec $(verify) test --oracle $(if $(BOARD),--board $(BOARD))

sabotage: tools fast ## each case of conformance on a kernel or port broken for it: it must fail
	@exec $(fast) test --sabotage $(if $(BOARD),--board $(BOARD))

sweep: tools fast ## every opcode, stack pointer and instant of an interrupt, each in a fresh life
	@exec $(fast) sweep $(if $(BOARD),--board $(BOARD))

soak: tools fast ## faults, messages, loans and interrupts without an end, for MINUTES
	@exec $(fast) soak --minutes $(MINUTES) $(if $(BOARD),--board $(BOARD))

mirror: tools verifier ## runs APP under QEMU and its kernel here, and compares them after each event
	@exec $(verify) mirror $(image)

explore: fast ## visits every state of a small system and checks each step; some minutes, once built
	@exec $(fast) explore

mutants: tools fast ## breaks kernel and port in every small way, and says what nobody notices; hours
	@mkdir -p build
	@exec $(fast) mutants --resume build/mutants.jsonl

fuzz: verifier ## looks for inputs that break kernel, planner or ELF reader; a minute each
	@exec $(verify) fuzz

costs: tools verifier ## counts the kernel's ways under QEMU anew, for the simulator's virtual time
	@exec $(verify) costs --write

test: lint tools ## the style, every unit test, and both apps on every board
	@mkdir -p build && rm -f build/tests-swift-testing.xml
	@$(SWIFT) test $(package) --experimental-maximum-parallelization-width $(width) \
	  --xunit-output build/tests.xml || { status=$$?; $(failures) 1>&2; exit $$status; }

check: lint ## what answers within a minute of an edit: style, layers and every test without QEMU
	@$(SWIFT) test $(package) --skip '$(slow)'

lint: ## the style of every Swift file
	@$(SWIFT) format lint --strict --parallel --recursive Package.swift Sources Tests

clean: ## removes what was built
	@rm -rf build
	@$(SWIFT) package $(package) clean

# The tools, built once and then as they change. Standard input is the guest's: nothing else reads it.
tool:
	@if [ ! -x $(apus) ]; then echo "building the tool, once: about two minutes" >&2; fi
	@$(SWIFT) build -q $(package) --product apus </dev/null 1>&2

verifier:
	@if [ ! -x $(verify) ]; then echo "building the tool, once: about two minutes" >&2; fi
	@$(SWIFT) build -q $(package) --product apus-verify </dev/null 1>&2

# The same, optimised, for whatever runs long.
fast:
	@if [ ! -x $(fast) ]; then echo "building the tool in release, once: some minutes" >&2; fi
	@$(SWIFT) build -q -c release $(package) --product apus-verify </dev/null 1>&2

# What Swift does not bring along. The package manager must not read the guest's input.
tools:
	@missing=""; \
	command -v qemu-system-arm >/dev/null || missing="$$missing qemu-system-arm"; \
	command -v arm-none-eabi-gcc >/dev/null || missing="$$missing gcc-arm-none-eabi"; \
	command -v cc >/dev/null || missing="$$missing gcc libc6-dev"; \
	[ -z "$$missing" ] && exit 0; \
	command="apt-get update -q && apt-get install -y --no-install-recommends$$missing"; \
	if [ "$$(id -u)" = 0 ]; then \
	  echo "installing$$missing" >&2; \
	  sh -c "$$command" </dev/null >&2; \
	elif [ -t 0 ] && [ -t 2 ]; then \
	  printf "missing:%s\n  sudo sh -c '%s'\nrun it? [y/N] " "$$missing" "$$command" >&2; \
	  read -r answer && [ "$$answer" = y ] && sudo sh -c "$$command" >&2; \
	else \
	  printf "error: missing:%s\n  try: sudo sh -c '%s'\n" "$$missing" "$$command" >&2; exit 2; \
	fi
