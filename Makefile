# pinshim. `make help` lists what there is to make.

CC       ?= cc
CFLAGS   ?= -O2 -g
PREFIX   ?= /usr/local
BINDIR   ?= $(PREFIX)/bin
LIBDIR   ?= $(PREFIX)/lib
MANDIR   ?= $(PREFIX)/share/man
BASHDIR  ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR   ?= $(PREFIX)/share/zsh/site-functions
FISHDIR  ?= $(PREFIX)/share/fish/vendor_completions.d
DESTDIR  ?=
BUILD    ?= build
INSTALL  ?= install
JOBS     ?= $(shell nproc)

WARN     := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wwrite-strings
HARDEN   := -fstack-protector-strong -fstack-clash-protection -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
BASE     := -std=gnu11 -D_GNU_SOURCE -I. -I$(BUILD) -fPIC -fvisibility=hidden -MMD -MP $(WARN) $(HARDEN)
ifdef SANITIZE
BASE     := $(filter-out -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2,$(BASE)) -fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer
LDFLAGS  += -fsanitize=$(SANITIZE)
endif
ifdef COVERAGE
BASE     := $(filter-out -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2,$(BASE))
LDFLAGS  += --coverage
endif
ALL_CFLAGS := $(BASE) $(CFLAGS)
HARDEN_LD  := -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack

CONFIG_OBJ  := $(patsubst %.c,$(BUILD)/obj/%.o,$(sort $(wildcard config/*.c)))
# What runs at the start of each process comes first, so that it lies together: on fewer pages.
SHIM_FIRST  := $(addprefix shim/,runtime.c hooks_ssl.c sink_stderr.c environment.c elf.c lock.c openssl.c)
SHIM_OBJ    := $(patsubst %.c,$(BUILD)/obj/%.o,$(SHIM_FIRST) $(filter-out $(SHIM_FIRST),$(sort $(wildcard shim/*.c))))
LATE_OBJ    := $(addprefix $(BUILD)/obj/shim/late/,late.o stubs.o)
LATE_BINDER := $(addprefix $(BUILD)/obj/shim/,late/late.o elf.o)
CLI_OBJ     := $(patsubst %.c,$(BUILD)/obj/%.o,$(sort $(wildcard cli/*.c)))
SUPPORT_OBJ := $(patsubst %.c,$(BUILD)/obj/%.o,$(sort $(wildcard tests/support/*.c)))
# What the command shares with the shim: finding OpenSSL and judging a chain.
SHARED_OBJ  := $(addprefix $(BUILD)/obj/shim/,elf.o openssl.o certificate.o encoding.o chain.o paths.o evidence.o anchors.o descriptor.o lock.o)
CLI_LIBS    := -lssl -lcrypto -lsmartcols -lelf -lpsl -lyajl -ljansson -lxml2 -ldl
# What only the units look into.
unit_OBJ    := $(addprefix $(BUILD)/obj/shim/,resolved.o loaded.o local_ca.o lookups.o)
ifdef COVERAGE # of what is tested, not of the tests; a counter would stand behind the jumps of hooks_dl
$(filter-out %/hooks_dl.o,$(SHIM_OBJ)) $(CONFIG_OBJ) $(CLI_OBJ): ALL_CFLAGS += --coverage -fprofile-update=atomic
endif
SUITES      := unit command handshake lives programs
FUZZERS     := $(patsubst tests/fuzz/%.c,%,$(sort $(wildcard tests/fuzz/*.c)))

ifneq ($(V),1)
Q := @
say = @printf '  %-7s %s\n' "$(1)" "$(2)"
endif

.PHONY: all help demo test test-build coverage test-sanitize sanitized test-valgrind test-releases bench fuzz soak install uninstall clean format lint
.DELETE_ON_ERROR:

all: $(BUILD)/libpinshim.so $(BUILD)/pinshim ## the shim and the command, into build/

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r t d; do printf '  %-14s %s\n' "$$t" "$$d"; done

demo: ## see a mis-issued certificate accepted by curl and refused under pinshim (installs what it needs)
	@tests/dependencies build demo
	@$(MAKE) --no-print-directory -j$(JOBS) all
	@demo/run

test: ## all tests, on real programs (installs what it needs)
	@tests/dependencies build demo test
	@$(MAKE) --no-print-directory -j$(JOBS) all test-build
	@BUILD=$(BUILD) tests/run

# What runs under a sanitizer; the handshake suite itself does not.
SANITIZED = pinshim $(addprefix tests/,unit command tls-server tls-client tls-client-dl client-plugin.so)

test-sanitize: ## units, command and handshakes under AddressSanitizer and UBSan, threads under ThreadSanitizer
	@tests/dependencies build demo test
	@$(MAKE) --no-print-directory -j$(JOBS) $(BUILD)/tests/handshake
	@for sanitizer in address,undefined thread; do dir=$(BUILD)/sanitize/$${sanitizer%%,*}; \
	  $(MAKE) --no-print-directory -j$(JOBS) BUILD=$$dir SANITIZE=$$sanitizer CFLAGS='-O1 -g' sanitized && \
	  cp $(BUILD)/tests/handshake $$dir/tests/ || exit 1; done
	@BUILD=$(BUILD) tests/sanitize

sanitized: $(addprefix $(BUILD)/,$(if $(filter thread,$(SANITIZE)),$(filter tests/tls-% %.so,$(SANITIZED)),$(SANITIZED)))

coverage: ## lines and branches that the tests reach, in build/coverage/; fails below 90 % of shim/, config/
	@tests/dependencies build demo test coverage
	@$(MAKE) --no-print-directory -j$(JOBS) BUILD=$(BUILD)/coverage COVERAGE=1 CFLAGS='-O0 -g' all test-build
	@BUILD=$(BUILD)/coverage tests/coverage

test-valgrind: ## a client on many roads, accepted and refused, under valgrind (memcheck, leaks included)
	@tests/dependencies build demo test valgrind
	@$(MAKE) --no-print-directory -j$(JOBS) all test-build
	@BUILD=$(BUILD) tests/valgrind

test-releases: ## the same in roots of Debian 11 and 13, with their OpenSSL (as root; installs debootstrap)
	@tests/dependencies releases
	@BUILD=$(BUILD) tests/releases bullseye trixie

bench: ## what pinshim costs, as ratios (docs/bench.md); some minutes
	@tests/dependencies build demo bench
	@$(MAKE) --no-print-directory -j$(JOBS) all $(addprefix $(BUILD)/tests/,lookup pairs bench-client tls-server)
	@BUILD=$(BUILD) tests/bench/run

# SECONDS=3600 TARGETS='config pin' make fuzz
fuzz: ## libFuzzer (clang) on all that is read from outside, a minute each (SECONDS=, TARGETS=)
	@tests/dependencies build fuzz
	@$(MAKE) --no-print-directory -j$(JOBS) CC=clang BUILD=$(BUILD)/fuzz SANITIZE=fuzzer-no-link,address,undefined CFLAGS='-O1 -g' $(addprefix $(BUILD)/fuzz/bin/,$(or $(TARGETS),$(FUZZERS)))
	@BUILD=$(BUILD) tests/fuzz/run $(or $(SECONDS),60) $(or $(TARGETS),$(FUZZERS))

# HANDSHAKES=100000 make soak
soak: ## 1,000,000 handshakes in one process: no growth, no wrong verdict (HANDSHAKES=)
	@tests/dependencies build
	@$(MAKE) --no-print-directory -j$(JOBS) all $(BUILD)/tests/soak
	@$(BUILD)/tests/soak $(BUILD)/libpinshim.so $(or $(HANDSHAKES),1000000)

PROBES := late late-allocator late-allocator-sysv late-allocator-fixed versioned.so libforeign-whole.so libforeign-part.so foreign-whole foreign-part constructor constructor-plugin.so hosts.so other-preload.so hasten.so sudden.so privileged.so

test-build: $(addprefix $(BUILD)/tests/,$(SUITES) tls-server tls-client tls-client-dl client-plugin.so interrupt.so failalloc.so failopen.so soak $(PROBES))

# -Bsymbolic-functions: its own hooks are meant where it names one, not another preload's.
# -nostartfiles: they would look for four functions, at each start, that are of no use here.
# --no-as-needed: what an older glibc has in libdl and libpthread is bound late.
LINK_SHIM = $(CC) -shared -nostartfiles $(LDFLAGS) $(HARDEN_LD) -Wl,--version-script=$(BUILD)/obj/exports.map -Wl,-soname,libpinshim.so -Wl,-Bsymbolic-functions -Wl,-z,noseparate-code -o $@ $(filter %.o,$^) -Wl,--no-as-needed -ldl -lpthread

$(BUILD)/libpinshim.so: $(SHIM_OBJ) $(CONFIG_OBJ) $(LATE_OBJ) $(BUILD)/obj/exports.map
	$(call say,LINK,$@)
	$(Q)$(LINK_SHIM)
	@chmod go-w $@ # under a lax umask too: `run` refuses an object that others may write

# Linked without late imports (shim/late/late.h), it says what it would import.
$(BUILD)/obj/shim/late/whole.so: $(SHIM_OBJ) $(CONFIG_OBJ) $(BUILD)/obj/shim/late/late.o $(BUILD)/obj/exports.map
	@mkdir -p $(@D)
	$(Q)$(LINK_SHIM)

$(BUILD)/obj/shim/late/late.list: $(BUILD)/obj/shim/late/whole.so shim/imports.list shim/late/list $(LATE_BINDER)
	$(Q)shim/late/list $< shim/imports.list $(LATE_BINDER) > $@

$(BUILD)/obj/shim/late/stubs.o: shim/late/stubs.S shim/late/late.h $(BUILD)/obj/shim/late/late.list
	$(call say,AS,$<)
	$(Q)$(CC) -I. -I$(BUILD)/obj/shim/late -c -o $@ $<

$(BUILD)/obj/exports.map: shim/exports.list
	@mkdir -p $(@D)
	$(Q)sed -e '/^#/d' -e '/^$$/d' -e '1s/^/{ global:\n/' -e 's/$$/;/' $< | { echo '{ global:'; sed -e '/global:/d'; echo 'local: *; };'; } > $@

$(BUILD)/pinshim: $(CLI_OBJ) $(CONFIG_OBJ) $(SHARED_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) $(HARDEN_LD) -pie -o $@ $^ $(CLI_LIBS)

# The script that `pinshim script` prints, as a string.
$(BUILD)/obj/cli/cmd_script.o: $(BUILD)/pins_script.h
$(BUILD)/pins_script.h: cli/pins.sh
	@mkdir -p $(@D)
	$(Q)sed -e 's/[\\"]/\\&/g' -e 's/.*/"&\\n"/' $< > $@

$(BUILD)/obj/cli/foreign_%.o: ALL_CFLAGS += -I/usr/include/libxml2

$(BUILD)/tests/tls-server: $(patsubst %.c,$(BUILD)/obj/%.o,$(sort $(wildcard tests/support/server/*.c)))
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lssl -lcrypto -lpthread

# One client, linked to libssl or finding it at run time, also through a plugin.
CLIENT_OBJ := $(patsubst %.c,$(BUILD)/obj/%.o,$(filter-out tests/client/api_% tests/client/inside.c,$(sort $(wildcard tests/client/*.c))))
CLIENTS    := $(addprefix $(BUILD)/tests/,tls-client tls-client-dl client-plugin.so)

# A sanitizer cannot be preloaded into whatever there is, so its clients carry the shim inside: an
# executable's symbols come first, as those of a preload do. All but the hooks of dlsym and dlopen,
# which a sanitizer needs for itself before it is ready.
ifdef SANITIZE
CLIENT_OBJ += $(filter-out %/hooks_dl.o,$(SHIM_OBJ)) $(CONFIG_OBJ) $(addprefix $(BUILD)/obj/tests/,client/inside.o preload/clock.o)
$(CLIENTS): LDFLAGS += -rdynamic
endif

$(BUILD)/tests/tls-client: $(CLIENT_OBJ) $(addprefix $(BUILD)/obj/tests/client/,api_direct.o api_linked.o)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lssl -lcrypto -ldl -lpthread

$(BUILD)/tests/tls-client-dl: $(CLIENT_OBJ) $(BUILD)/obj/tests/client/api_found.o $(if $(SANITIZE),,$(BUILD)/obj/shim/elf.o)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -ldl -lpthread

$(BUILD)/tests/client-plugin.so: $(BUILD)/obj/tests/client/api_direct.o
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) -shared $(LDFLAGS) -o $@ $^ -lssl -lcrypto

# Small programs for one test each.
$(BUILD)/tests/foreign-whole: FOREIGN := -DWHOLE
$(BUILD)/tests/libforeign-whole.so: FOREIGN := -DWHOLE
$(BUILD)/tests/libforeign-%.so: tests/probes/foreign_library.c tests/probes/foreign_library.h
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(FOREIGN) -MF $(BUILD)/obj/$(@F).d -shared $(LDFLAGS) -Wl,-soname,$(@F) -o $@ $<

$(BUILD)/tests/foreign-%: tests/probes/foreign_program.c $(BUILD)/tests/libforeign-%.so
	$(call say,LINK,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(FOREIGN) -MF $(BUILD)/obj/$(@F).d $(LDFLAGS) -Wl,-rpath,'$$ORIGIN' -o $@ $^ -ldl

# A program that looks at late imports; with an allocator of its own, and linked as others are.
LATE_PROGRAM := $(BUILD)/obj/tests/probes/late_program.o
$(BUILD)/tests/late: $(LATE_PROGRAM) $(BUILD)/obj/tests/probes/no_allocator.o
$(addprefix $(BUILD)/tests/,late-allocator late-allocator-sysv late-allocator-fixed): $(LATE_PROGRAM) $(BUILD)/obj/tests/probes/allocator.o
$(BUILD)/tests/late-allocator-sysv: LINK_AS := -Wl,--hash-style=sysv
$(BUILD)/tests/late-allocator-fixed: LINK_AS := -no-pie
$(addprefix $(BUILD)/tests/,late late-allocator late-allocator-sysv late-allocator-fixed):
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) -rdynamic $(LDFLAGS) $(LINK_AS) -o $@ $^ -ldl -lpthread

$(BUILD)/tests/versioned.so: $(BUILD)/obj/tests/probes/versioned.o tests/probes/versioned.map
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) -shared $(LDFLAGS) -Wl,--version-script=tests/probes/versioned.map -o $@ $<

# They define functions of libc, which the compiler must not take for its own.
$(addprefix $(BUILD)/obj/tests/probes/,allocator.o versioned.o): ALL_CFLAGS += -fno-builtin

$(BUILD)/tests/constructor: $(BUILD)/obj/tests/probes/constructor_program.o
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) -rdynamic $(LDFLAGS) -o $@ $^ -ldl -lpthread

$(BUILD)/tests/constructor-plugin.so: $(BUILD)/obj/tests/probes/constructor_plugin.o
$(BUILD)/tests/hosts.so: $(BUILD)/obj/tests/probes/hosts.o
$(BUILD)/tests/other-preload.so: $(BUILD)/obj/tests/preload/other.o
$(BUILD)/tests/sudden.so: $(BUILD)/obj/tests/preload/sudden.o
$(BUILD)/tests/privileged.so: $(BUILD)/obj/tests/preload/privileged.o
$(BUILD)/tests/hasten.so: $(addprefix $(BUILD)/obj/tests/preload/,clock.o gate.o)
$(addprefix $(BUILD)/tests/,constructor-plugin.so hosts.so other-preload.so hasten.so sudden.so privileged.so):
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) -shared $(LDFLAGS) -o $@ $^ -ldl

# Preloaded beside the shim, to disturb it.
DISTURBERS := $(addprefix $(BUILD)/tests/,interrupt.so failalloc.so failopen.so)
$(filter $(BUILD)/tests/fail%,$(DISTURBERS)): $(BUILD)/obj/tests/lives/preload/failing.o
$(DISTURBERS): $(BUILD)/tests/%.so: $(addprefix $(BUILD)/obj/tests/lives/preload/,%.o caller.o)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) -shared $(LDFLAGS) -o $@ $^ -ldl

# They define functions of libc, which fortified headers define as well.
$(BUILD)/obj/tests/preload/sudden.o $(BUILD)/obj/tests/lives/preload/%.o: ALL_CFLAGS += -U_FORTIFY_SOURCE -fvisibility=default

# Suites that use another's scene.
lives_OBJ := $(addprefix $(BUILD)/obj/tests/handshake/,scene.o compilation.o)

$(BUILD)/tests/soak: $(patsubst %.c,$(BUILD)/obj/%.o,$(sort $(wildcard tests/soak/*.c)))
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lssl -lcrypto -lpthread

$(BUILD)/tests/lookup: $(BUILD)/obj/tests/bench/lookup.o $(CONFIG_OBJ)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -ldl

# All that a fuzzer may call; it takes what it needs.
$(BUILD)/fuzz.a: $(filter-out %/main.o,$(CLI_OBJ)) $(CONFIG_OBJ) $(SHARED_OBJ) $(patsubst %.c,$(BUILD)/obj/%.o,$(sort $(wildcard tests/fuzz/support/*.c)))
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(addprefix $(BUILD)/bin/,$(FUZZERS)): $(BUILD)/bin/%: $(BUILD)/obj/tests/fuzz/%.o $(BUILD)/fuzz.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(CLI_LIBS)
$(BUILD)/tests/pairs: $(BUILD)/obj/tests/bench/pairs.o
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^

$(BUILD)/tests/bench-client: $(BUILD)/obj/tests/bench/client.o
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lssl -lcrypto

define suite
$(BUILD)/tests/$(1): $(patsubst %.c,$(BUILD)/obj/%.o,$(sort $(wildcard tests/$(1)/*.c))) $(SUPPORT_OBJ) $(CONFIG_OBJ) $(SHARED_OBJ) $($(1)_OBJ)
	@mkdir -p $$(@D)
	$$(call say,LINK,$$@)
	$$(Q)$$(CC) $$(LDFLAGS) -o $$@ $$^ -lcriterion -ljansson -lelf -lssl -lcrypto -ldl -lpthread
endef
$(foreach s,$(SUITES),$(eval $(call suite,$(s))))

# A program's own sanitizer calls dlsym, and so these, before what it puts in place of the builtins is
# ready; and only the optimiser makes the jump of a last call.
$(BUILD)/obj/shim/elf.o $(BUILD)/obj/shim/hooks_dl.o $(BUILD)/obj/shim/next.o $(BUILD)/obj/shim/late/late.o: ALL_CFLAGS += -O2 -fno-builtin

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) -c -o $@ $<

install: all ## into $(DESTDIR)$(PREFIX)
	$(INSTALL) -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBDIR)/pinshim
	$(INSTALL) -m 755 $(BUILD)/pinshim $(DESTDIR)$(BINDIR)/pinshim
	$(INSTALL) -m 644 $(BUILD)/libpinshim.so $(DESTDIR)$(LIBDIR)/pinshim/libpinshim.so
	$(INSTALL) -d $(DESTDIR)$(MANDIR)/man1
	$(INSTALL) -m 644 docs/pinshim.1 $(DESTDIR)$(MANDIR)/man1/pinshim.1
	$(INSTALL) -d $(DESTDIR)$(BASHDIR) $(DESTDIR)$(ZSHDIR) $(DESTDIR)$(FISHDIR)
	$(INSTALL) -m 644 completion/pinshim.bash $(DESTDIR)$(BASHDIR)/pinshim
	$(INSTALL) -m 644 completion/_pinshim $(DESTDIR)$(ZSHDIR)/_pinshim
	$(INSTALL) -m 644 completion/pinshim.fish $(DESTDIR)$(FISHDIR)/pinshim.fish

uninstall: ## takes out what install put there
	rm -f $(DESTDIR)$(BASHDIR)/pinshim $(DESTDIR)$(ZSHDIR)/_pinshim $(DESTDIR)$(FISHDIR)/pinshim.fish
	rm -f $(DESTDIR)$(BINDIR)/pinshim $(DESTDIR)$(LIBDIR)/pinshim/libpinshim.so $(DESTDIR)$(MANDIR)/man1/pinshim.1
	-rmdir $(DESTDIR)$(LIBDIR)/pinshim

format: ## clang-format over all C files
	clang-format -i $$(git ls-files --cached --others --exclude-standard '*.c' '*.h')

include lint.mk

clean: ## removes build/
	rm -rf $(BUILD)

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
