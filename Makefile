# pinshim. `make help` lists what there is to make.

CC       ?= cc
CFLAGS   ?= -O2 -g
PREFIX   ?= /usr/local
BINDIR   ?= $(PREFIX)/bin
LIBDIR   ?= $(PREFIX)/lib
MANDIR   ?= $(PREFIX)/share/man
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
ALL_CFLAGS := $(BASE) $(CFLAGS)
HARDEN_LD  := -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack

CONFIG_OBJ  := $(patsubst %.c,$(BUILD)/obj/%.o,$(sort $(wildcard config/*.c)))
SHIM_OBJ    := $(patsubst %.c,$(BUILD)/obj/%.o,$(sort $(wildcard shim/*.c)))
CLI_OBJ     := $(patsubst %.c,$(BUILD)/obj/%.o,$(sort $(wildcard cli/*.c)))
SUPPORT_OBJ := $(patsubst %.c,$(BUILD)/obj/%.o,$(sort $(wildcard tests/support/*.c)))
# What the command shares with the shim: finding OpenSSL and judging a chain.
SHARED_OBJ  := $(addprefix $(BUILD)/obj/shim/,elf.o openssl.o certificate.o encoding.o chain.o paths.o evidence.o anchors.o descriptor.o lock.o)
# What only the units look into.
unit_OBJ    := $(addprefix $(BUILD)/obj/shim/,resolved.o loaded.o)
SUITES      := unit command handshake lives programs

ifneq ($(V),1)
Q := @
say = @printf '  %-7s %s\n' "$(1)" "$(2)"
endif

.PHONY: all help demo test test-build test-sanitize sanitized test-valgrind test-releases bench fuzz install uninstall clean format lint dependencies
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

test-valgrind: ## a client on many roads, accepted and refused, under valgrind (memcheck, leaks included)
	@tests/dependencies build demo test valgrind
	@$(MAKE) --no-print-directory -j$(JOBS) all test-build
	@BUILD=$(BUILD) tests/valgrind

test-releases: ## the same in roots of Debian 11 and 13, with their OpenSSL (as root; installs debootstrap)
	@tests/dependencies releases
	@BUILD=$(BUILD) tests/releases bullseye trixie

bench: ## what pinshim costs, as ratios (docs/bench.md); some minutes
	@tests/dependencies build demo bench
	@$(MAKE) --no-print-directory -j$(JOBS) all $(addprefix $(BUILD)/tests/,lookup bench-client tls-server)
	@BUILD=$(BUILD) tests/bench/run

# SECONDS=3600 make fuzz
fuzz: ## libFuzzer (clang) on what is read from files that others may have damaged, a minute
	@CC=clang tests/dependencies build
	@mkdir -p $(BUILD)/fuzz
	$(call say,CC,$(BUILD)/fuzz/image)
	$(Q)clang -std=gnu11 -D_GNU_SOURCE -I. -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -o $(BUILD)/fuzz/image tests/fuzz/image.c $(sort $(wildcard config/*.c)) -ldl
	@cd $(BUILD)/fuzz && ASAN_OPTIONS=detect_leaks=0 ./image -max_total_time=$(or $(SECONDS),60) -max_len=200

PROBES := libforeign-whole.so libforeign-part.so foreign-whole foreign-part constructor constructor-plugin.so hosts.so other-preload.so hasten.so

test-build: $(addprefix $(BUILD)/tests/,$(SUITES) tls-server tls-client tls-client-dl client-plugin.so interrupt.so failalloc.so $(PROBES))

# -Bsymbolic-functions: its own hooks are meant where it names one, not another preload's.
$(BUILD)/libpinshim.so: $(SHIM_OBJ) $(CONFIG_OBJ) $(BUILD)/obj/exports.map
	$(call say,LINK,$@)
	$(Q)$(CC) -shared $(LDFLAGS) $(HARDEN_LD) -Wl,--version-script=$(BUILD)/obj/exports.map -Wl,-soname,libpinshim.so -Wl,-Bsymbolic-functions -Wl,--as-needed -o $@ $(SHIM_OBJ) $(CONFIG_OBJ) -ldl -lpthread
	@chmod go-w $@ # under a lax umask too: `run` refuses an object that others may write

$(BUILD)/obj/exports.map: shim/exports.list
	@mkdir -p $(@D)
	$(Q)sed -e '/^#/d' -e '/^$$/d' -e '1s/^/{ global:\n/' -e 's/$$/;/' $< | { echo '{ global:'; sed -e '/global:/d'; echo 'local: *; };'; } > $@

$(BUILD)/pinshim: $(CLI_OBJ) $(CONFIG_OBJ) $(SHARED_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) $(HARDEN_LD) -pie -o $@ $^ -lssl -lcrypto -lsmartcols -lelf -lpsl -ldl

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

$(BUILD)/tests/tls-client-dl: $(CLIENT_OBJ) $(BUILD)/obj/tests/client/api_found.o
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

$(BUILD)/tests/constructor: $(BUILD)/obj/tests/probes/constructor_program.o
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) -rdynamic $(LDFLAGS) -o $@ $^ -ldl -lpthread

$(BUILD)/tests/constructor-plugin.so: $(BUILD)/obj/tests/probes/constructor_plugin.o
$(BUILD)/tests/hosts.so: $(BUILD)/obj/tests/probes/hosts.o
$(BUILD)/tests/other-preload.so: $(BUILD)/obj/tests/preload/other.o
$(BUILD)/tests/hasten.so: $(addprefix $(BUILD)/obj/tests/preload/,clock.o gate.o)
$(addprefix $(BUILD)/tests/,constructor-plugin.so hosts.so other-preload.so hasten.so):
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) -shared $(LDFLAGS) -o $@ $^ -ldl

# Preloaded beside the shim, to disturb it.
$(BUILD)/tests/interrupt.so $(BUILD)/tests/failalloc.so: $(BUILD)/tests/%.so: $(addprefix $(BUILD)/obj/tests/lives/preload/,%.o caller.o)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) -shared $(LDFLAGS) -o $@ $^ -ldl

# They define functions of libc, which fortified headers define as well.
$(BUILD)/obj/tests/lives/preload/%.o: ALL_CFLAGS += -U_FORTIFY_SOURCE -fvisibility=default

# Suites that use another's scene.
lives_OBJ := $(addprefix $(BUILD)/obj/tests/handshake/,scene.o compilation.o)

$(BUILD)/tests/lookup: $(BUILD)/obj/tests/bench/lookup.o $(CONFIG_OBJ)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -ldl

$(BUILD)/tests/bench-client: $(BUILD)/obj/tests/bench/client.o
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ -lssl -lcrypto

define suite
$(BUILD)/tests/$(1): $(patsubst %.c,$(BUILD)/obj/%.o,$(sort $(wildcard tests/$(1)/*.c))) $(SUPPORT_OBJ) $(CONFIG_OBJ) $(SHARED_OBJ) $($(1)_OBJ)
	@mkdir -p $$(@D)
	$$(call say,LINK,$$@)
	$$(Q)$$(CC) $$(LDFLAGS) -o $$@ $$^ -lcriterion -ljansson -lssl -lcrypto -ldl -lpthread
endef
$(foreach s,$(SUITES),$(eval $(call suite,$(s))))

# A program's own sanitizer calls dlsym, and so these, before what it puts in place of the builtins is
# ready; and only the optimiser makes the jump of a last call.
$(BUILD)/obj/shim/elf.o $(BUILD)/obj/shim/hooks_dl.o $(BUILD)/obj/shim/next.o: ALL_CFLAGS += -O2 -fno-builtin

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

uninstall: ## takes out what install put there
	rm -f $(DESTDIR)$(BINDIR)/pinshim $(DESTDIR)$(LIBDIR)/pinshim/libpinshim.so $(DESTDIR)$(MANDIR)/man1/pinshim.1
	-rmdir $(DESTDIR)$(LIBDIR)/pinshim

format: ## clang-format over all C files
	clang-format -i $$(git ls-files --cached --others --exclude-standard '*.c' '*.h')

clean: ## removes build/
	rm -rf $(BUILD)

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
