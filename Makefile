# mosaicd: build, try, test and install. `make demo` and `make test` are the only set-up a fresh Debian machine with
# Swift needs; each installs the Debian packages it misses.

SWIFT ?= swift
PREFIX ?= /usr
SYSCONFDIR ?= /etc
DESTDIR ?=
CONFIGURATION ?= debug

BUILD_PACKAGES = libsystemd-dev libsqlite3-dev pkg-config
TEST_PACKAGES = $(BUILD_PACKAGES) systemd netcat-openbsd python3 curl
SYSTEMD_TEST_PACKAGES = systemd-container dbus libnss-systemd procps jq netcat-openbsd
OUTBOX_TEST_PACKAGES = chromium python3
LINT_PACKAGES = shellcheck

BIN = $(shell $(SWIFT) build --configuration $(CONFIGURATION) --show-bin-path)

.PHONY: build demo playground test test-systemd test-outbox lint format docs install clean

build:
	scripts/install-packages $(BUILD_PACKAGES)
	$(SWIFT) build --configuration $(CONFIGURATION)

demo: build
	scripts/demo "$(BIN)"

# The same programs, and a shell to try things in.
playground: build
	scripts/demo --shell "$(BIN)"

# In two runs: the programs under test want the machine to themselves.
test:
	scripts/install-packages $(TEST_PACKAGES)
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --skip EndToEnd
	$(SWIFT) test --skip-build --filter EndToEnd

# The programs as installed services on machines that systemd boots. Needs root.
test-systemd: build
	scripts/install-packages $(SYSTEMD_TEST_PACKAGES)
	Tests/Systemd/run "$(BIN)" || { [ $$? = 77 ] && echo "test-systemd: SKIPPED, systemd cannot be booted here"; }

# The emulator's outbox page in headless Chromium; keeps what it looked like in OUTBOX_PICTURE.
OUTBOX_PICTURE ?= .build/outbox.png
test-outbox: build
	scripts/install-packages $(OUTBOX_TEST_PACKAGES)
	Tests/Outbox/run "$(BIN)" "$(OUTBOX_PICTURE)"

lint:
	scripts/install-packages $(LINT_PACKAGES)
	scripts/lint

format:
	$(SWIFT) format --in-place --parallel --recursive Package.swift Sources Tests

# Writes the generated part of protocol.md anew; a test fails when it is stale.
docs: build
	scripts/update-protocol-reference "$(BIN)/mosaicctl" protocol.md

install: build
	scripts/install-files "$(BIN)" "$(DESTDIR)" "$(PREFIX)" "$(SYSCONFDIR)"

clean:
	$(SWIFT) package clean
