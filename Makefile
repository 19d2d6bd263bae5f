# taizhang (台账). `make help` lists the targets.

BUILD = .build
CC = gcc
CFLAGS = -O2 -g
WARNINGS = -Wall -Wextra -Werror
VARIANT =

PACKAGES = libevent_core libevent_extra libevent_openssl libpq jansson libarchive libcurl openssl xlsxwriter
override CPPFLAGS += -D_GNU_SOURCE -Iinclude -I$(BUILD) $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
LIBS = $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) -lcsv -pthread
COMPILE = $(CC) -std=c11 $(WARNINGS) $(CPPFLAGS) $(CFLAGS) $(VARIANT) -pthread

SOURCES = $(sort $(wildcard service/*.c))
UNIT = $(sort $(wildcard tests/unit/test_*.c))
QUERIES = $(sort $(wildcard sql/queries/*.sql))
MIGRATIONS = $(sort $(wildcard sql/migrations/*.sql))
OBJECTS = $(SOURCES:%.c=$(BUILD)/%.o) $(BUILD)/stmt_table.o $(BUILD)/migration_table.o \
	$(BUILD)/openapi.o $(BUILD)/web_table.o
UNIT_PROGRAMS = $(UNIT:%.c=$(BUILD)/%)

# The browser app is built once, for every variant of the program.
WEB = $(BUILD)/web
WEB_MODULES = service/web/node_modules/.installed
WEB_SOURCES = service/openapi.json $(sort $(shell find service/web -name node_modules -prune -o \
	-type f ! -path service/web/src/schema.d.ts -print))

.DELETE_ON_ERROR:
.SECONDARY:

build: $(BUILD)/taizhang ## compile the program: .build/taizhang

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

# --- The program ---

$(BUILD)/taizhang: $(OBJECTS)
	$(COMPILE) -o $@ $^ $(LDFLAGS) $(LIBS)

$(BUILD)/%.o: %.c $(BUILD)/stmt_ids.h $(BUILD)/flags
	@mkdir -p $(@D)
	$(COMPILE) -MMD -MP -c -o $@ $<

$(BUILD)/%.o: $(BUILD)/%.c $(BUILD)/stmt_ids.h $(BUILD)/flags
	$(COMPILE) -MMD -MP -c -o $@ $<

# Statements and migrations are embedded. The lists are prerequisites, too: a file may go.
$(BUILD)/stmt_ids.h: sql/embed.awk $(QUERIES) $(BUILD)/files
	awk -f sql/embed.awk -v make=ids $(QUERIES) /dev/null > $@

$(BUILD)/stmt_table.c: sql/embed.awk $(QUERIES) $(BUILD)/files
	awk -f sql/embed.awk -v make=statements $(QUERIES) /dev/null > $@

$(BUILD)/migration_table.c: sql/embed.awk $(MIGRATIONS) $(BUILD)/files
	awk -f sql/embed.awk -v make=migrations $(MIGRATIONS) /dev/null > $@

$(BUILD)/openapi.c: sql/embed.awk service/openapi.json
	awk -f sql/embed.awk -v make=openapi service/openapi.json > $@

# Files that change only when what they say does.
define remember
	@mkdir -p $(@D)
	@echo '$(1)' | cmp -s - $@ || echo '$(1)' > $@
endef

# No network is asked for anything while node_modules is what the lock file says.
$(WEB_MODULES): service/web/package-lock.json
	@cmp -s $< $@ || { cd service/web && npm ci --ignore-scripts --loglevel=error >/dev/null && \
		cp package-lock.json node_modules/.installed; }
	@touch $@

$(WEB)/dist/index.html: $(WEB_MODULES) $(WEB_SOURCES) $(WEB)/sources
	(cd service/web && npm run build -- --outDir "$(abspath $(@D))" --emptyOutDir) \
		>$(WEB)/log 2>&1 || { cat $(WEB)/log; false; }

$(WEB)/table.c: service/web/embed.mjs $(WEB)/dist/index.html
	node service/web/embed.mjs $(WEB)/dist $@ $(WEB)/bytes

$(BUILD)/web_table.o: $(WEB)/table.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(COMPILE) -MMD -MP -c -o $@ $<

$(BUILD)/flags: FORCE
	$(call remember,$(COMPILE))

$(BUILD)/files: FORCE
	$(call remember,$(QUERIES) $(MIGRATIONS))

$(WEB)/sources: FORCE
	$(call remember,$(WEB_SOURCES))

FORCE:

-include $(OBJECTS:.o=.d) $(UNIT_PROGRAMS:=.d) $(UNIT:%.c=$(BUILD)/%.d) $(FUZZ:%.c=$(BUILD)/%.d)

# --- Running ---

run: ## serve on this machine, with a PostgreSQL of its own, until Ctrl-C
	@deploy/local/run

bench: ## this service beside PostgreSQL; BENCH=reads,exports for some of it
	@deploy/install-packages run
	@$(MAKE_BUILD) build
	@tests/bench/run

PICTURES = stock levels ledger

screenshots: ## the pictures of README.md; with PICTURES= all of tests/browser/screenshots.mjs
	@deploy/install-packages run test
	@$(MAKE_BUILD) build
	@TEST_PROGRAM="$(abspath $(BUILD)/taizhang)" node tests/browser/screenshots.mjs deploy/screenshots $(PICTURES)

# --- Tests ---

# A program a file, with everything but main.o.
$(BUILD)/libtaizhang.a: $(filter-out %/main.o,$(OBJECTS))
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/tests/unit/%: tests/unit/%.c $(BUILD)/libtaizhang.a
	@mkdir -p $(@D)
	$(COMPILE) -MMD -MP -MF $@.d -o $@ $< $(BUILD)/libtaizhang.a $(LDFLAGS) $(LIBS) -lcmocka

unit-programs: $(UNIT_PROGRAMS)

# libFuzzer's programs: of a build whose modules are watched by it (SANITIZED).
FUZZ = $(sort $(wildcard tests/fuzz/fuzz_*.c))

$(BUILD)/tests/fuzz/%: tests/fuzz/%.c $(BUILD)/libtaizhang.a
	@mkdir -p $(@D)
	$(COMPILE) -fsanitize=fuzzer -MMD -MP -MF $@.d -o $@ $< $(BUILD)/libtaizhang.a $(LDFLAGS) $(LIBS)

fuzz-programs: $(FUZZ:%.c=$(BUILD)/%)

MAKE_BUILD = $(MAKE) -s -j$(shell nproc)
SANITIZED = BUILD=$(BUILD)/sanitized WEB=$(WEB) CC=clang CFLAGS='-O1 -g -fno-omit-frame-pointer' \
	VARIANT='-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined'
COVERED = BUILD=$(BUILD)/covered WEB=$(WEB) CFLAGS='-O0 -g' VARIANT=--coverage

# What must not depend on speed runs under sanitizers; people's paths and faults, at full speed.
# Lint has what the tests leave of the processors.
test: ## everything: lint, unit, fuzz and API tests under sanitizers, SQL, fault and browser tests
	@deploy/install-packages run test
	@$(MAKE_BUILD) build
	@$(MAKE_BUILD) $(SANITIZED) build unit-programs fuzz-programs
	@nice $(MAKE) -s lint & \
		tests/run.mjs $(BUILD)/sanitized:fuzz,unit,api $(BUILD):sql,web,fault,browser; tested=$$?; \
		wait $$! && exit $$tested

unit: ## the unit tests alone; likewise make sql, api, fault, web, browser
	@$(MAKE_BUILD) build unit-programs
	@tests/run.mjs $(BUILD):unit

sql api fault web browser:
	@$(MAKE_BUILD) build
	@tests/run.mjs $(BUILD):$@

FUZZ_SECONDS = 60

fuzz: ## each fuzz target for FUZZ_SECONDS=60; what they learn is kept in .build/sanitized/corpus
	@$(MAKE_BUILD) $(SANITIZED) fuzz-programs
	@FUZZ_SECONDS=$(FUZZ_SECONDS) tests/run.mjs $(BUILD)/sanitized:fuzz

coverage: ## the lines that unit and API tests run
	@$(MAKE_BUILD) $(COVERED) build unit-programs
	@find $(BUILD)/covered -name '*.gcda' -delete
	@tests/run.mjs $(BUILD)/covered:unit,api

# --- Lint: prints nothing when all is well ---

lint: layers format tidy typed ## layers, format, clang-tidy, the app's types; clang's warnings come with a build

layers: ## no file includes one of a higher layer
	@tests/layers

C_FILES = $(SOURCES) $(UNIT) $(FUZZ) $(wildcard include/*.h tests/unit/*.h tests/fuzz/*.h)

format:
	@clang-format --dry-run -Werror $(C_FILES)

typed: $(WEB)/typed

$(WEB)/typed: $(WEB)/dist/index.html
	@cd service/web && npm run --silent check
	@touch $@

# The objects of the build by clang tell when a file or one of its headers changed.
tidy:
	@$(MAKE) -s $(SANITIZED) tidied

tidied: $(SOURCES:%=$(BUILD)/tidy/%) $(UNIT:%=$(BUILD)/tidy/%)

$(BUILD)/tidy/%.c: $(BUILD)/%.o .clang-tidy
	@mkdir -p $(@D)
	@clang-tidy --quiet $*.c -- -std=c11 $(WARNINGS) $(CPPFLAGS) 2>$@.log || { cat $@.log; false; }
	@touch $@

.PHONY: build help run bench screenshots unit-programs fuzz-programs test unit fuzz sql api fault web browser coverage lint layers format typed tidy tidied FORCE
