# mosaicd: build, try, test and install. Each target installs the Debian packages that it and its scripts need and does not
# find: beside make, a machine needs only what Swift itself needs. `make test-fresh` proves it.

SWIFT ?= swift
PREFIX ?= /usr
SYSCONFDIR ?= /etc
DESTDIR ?=
CONFIGURATION ?= debug

BUILD_PACKAGES = libsystemd-dev libsqlite3-dev pkg-config
# The demonstration talks to the bare socket with nc.
DEMO_PACKAGES = netcat-openbsd
# python3 writes the manual pages, for `make install` and `make deb`.
MANUAL_PACKAGES = python3
TEST_PACKAGES = $(MANUAL_PACKAGES) systemd netcat-openbsd man-db curl openssl
DEB_PACKAGES = dpkg-dev debhelper lintian git $(MANUAL_PACKAGES)
SYSTEMD_TEST_PACKAGES = mmdebstrap systemd systemd-container dbus libnss-systemd procps jq curl netcat-openbsd gcc libc6-dev \
	$(MANUAL_PACKAGES)
OUTBOX_TEST_PACKAGES = chromium python3
FRESH_TEST_PACKAGES = mmdebstrap shfmt python3
BENCH_PACKAGES = gcc libc6-dev libssl-dev openssl python3 binutils nginx-light haproxy
ACCOUNTING_PACKAGES = gcc libc6-dev libssl-dev openssl python3
COUNTS_PACKAGES = gcc libc6-dev libssl-dev openssl python3 binutils valgrind strace
LINT_PACKAGES = shellcheck git python3

# The programs are released with Swift's runtime in them, so that they run where no Swift is installed. No other
# program links to them, so the linker can leave out what they do not use.
RELEASE_FLAGS = --static-swift-stdlib -Xlinker --no-export-dynamic
BUILD_FLAGS = --configuration $(CONFIGURATION) $(if $(filter release,$(CONFIGURATION)),$(RELEASE_FLAGS))
BIN = $(shell $(SWIFT) build $(BUILD_FLAGS) --show-bin-path)
# Where `make deb` puts the packages.
PACKAGES ?= .build/packages

.PHONY: build demo playground test test-busy tests run-tests deb packages test-systemd test-outbox test-fresh test-counts start bench fairness accounting scale micro lint format docs install clean

build:
	scripts/install-packages $(BUILD_PACKAGES)
	$(SWIFT) build $(BUILD_FLAGS)

demo: build
	scripts/install-packages $(DEMO_PACKAGES)
	scripts/demo "$(BIN)"

# The same programs, and a shell to try things in.
playground: build
	scripts/install-packages $(DEMO_PACKAGES)
	scripts/demo --shell "$(BIN)"

# Tests of one run go on side by side, and too many at once starve each other on a small machine. The end-to-end tests have it
# to themselves: their programs need it.
TEST = $(SWIFT) test --skip-build --experimental-maximum-parallelization-width
test: tests
	$(MAKE) --no-print-directory run-tests

# The same beside four busy loops: no test may rest on the machine being idle.
test-busy: tests
	scripts/beside-load 4 $(MAKE) --no-print-directory run-tests

tests:
	scripts/install-packages $(BUILD_PACKAGES) $(TEST_PACKAGES)
	$(SWIFT) build --build-tests

run-tests:
	$(TEST) 8 --skip 'EndToEnd|MosaicSandboxTests|MosaicctlTests'
	$(TEST) 8 --filter MosaicSandboxTests
	$(TEST) 8 --filter MosaicctlTests
	$(TEST) 4 --filter EndToEnd --skip 'EndToEnd.Fairness'
	$(TEST) 1 --filter 'EndToEnd.Fairness'

# The Debian packages, from a release build; an error that lintian finds is one.
deb:
	$(MAKE) build CONFIGURATION=release
	$(MAKE) packages CONFIGURATION=release

packages:
	scripts/install-packages $(DEB_PACKAGES)
	packaging/build "$(BIN)" "$(PACKAGES)"
	lintian --allow-root --fail-on error "$(PACKAGES)"/*.changes

# The packages, installed on machines that systemd boots. Needs root.
test-systemd: deb
	scripts/install-packages $(SYSTEMD_TEST_PACKAGES)
	Tests/Systemd/run "$(PACKAGES)" || { [ $$? = 77 ] && echo "test-systemd: SKIPPED, systemd cannot be booted here"; }

# The emulator's outbox page in headless Chromium; keeps what it looked like in OUTBOX_PICTURE.
OUTBOX_PICTURE ?= .build/outbox.png
test-outbox: build
	scripts/install-packages $(OUTBOX_TEST_PACKAGES)
	Tests/Outbox/run "$(BIN)" "$(OUTBOX_PICTURE)"

# Each target on a machine with nothing but Debian's minbase, make, Swift and the programs built here. Needs root.
test-fresh: build
	scripts/install-packages $(FRESH_TEST_PACKAGES)
	Tests/FreshMachine/run "$(BIN)"

# What a login costs in instructions, allocations and system calls, held to Benchmarks/thresholds.json.
test-counts:
	$(MAKE) build CONFIGURATION=release
	scripts/install-packages $(COUNTS_PACKAGES)
	Benchmarks/counts "$$($(SWIFT) build --configuration release $(RELEASE_FLAGS) --show-bin-path)"

# Sizes of the programs, the agent's start and resident memory, and one command of mosaicctl, held to Benchmarks/thresholds.json.
start:
	$(MAKE) build CONFIGURATION=release
	scripts/install-packages $(BENCH_PACKAGES)
	Benchmarks/start "$$($(SWIFT) build --configuration release $(RELEASE_FLAGS) --show-bin-path)"

# The agent beside nginx and haproxy: a table, and no gate.
bench:
	$(MAKE) build CONFIGURATION=release
	scripts/install-packages $(BENCH_PACKAGES)
	Benchmarks/run "$$($(SWIFT) build --configuration release $(RELEASE_FLAGS) --show-bin-path)"

# What misuse by one uid costs another. Needs root.
fairness:
	$(MAKE) build CONFIGURATION=release
	scripts/install-packages $(BENCH_PACKAGES)
	Benchmarks/fairness "$$($(SWIFT) build --configuration release $(RELEASE_FLAGS) --show-bin-path)"

# What a login costs beside many connections, users, rules and clients. Needs root.
scale:
	$(MAKE) build CONFIGURATION=release
	scripts/install-packages $(ACCOUNTING_PACKAGES)
	Benchmarks/scale "$$($(SWIFT) build --configuration release $(RELEASE_FLAGS) --show-bin-path)"

# Whether a million logins are each sent once and answered truly, while the agent is killed and Mosaic's stand-in breaks off.
accounting:
	$(MAKE) build CONFIGURATION=release
	scripts/install-packages $(ACCOUNTING_PACKAGES)
	Benchmarks/accounting "$$($(SWIFT) build --configuration release $(RELEASE_FLAGS) --show-bin-path)"

# The pieces of a login, each by itself. Its package is fetched for this target only, hence the folder of its own.
micro:
	scripts/install-packages $(BUILD_PACKAGES)
	MOSAICD_MICRO_BENCHMARKS=1 $(SWIFT) package --scratch-path .build-micro --disable-sandbox benchmark --target Micro

lint:
	scripts/install-packages $(LINT_PACKAGES)
	scripts/lint

format:
	$(SWIFT) format --in-place --parallel --recursive Package.swift Sources Tests

# Writes the generated part of docs/methods.md anew; a test fails when it is stale.
docs: build
	scripts/update-method-reference "$(BIN)/mosaicctl" docs/methods.md

install: build
	scripts/install-packages $(MANUAL_PACKAGES)
	scripts/install-files "$(BIN)" "$(DESTDIR)" "$(PREFIX)" "$(SYSCONFDIR)"

clean:
	$(SWIFT) package clean
