# make lint: what a compiler or a reader of code can say without running it. Each tool by itself:
# make lint-TOOL. What was clean stays unread until it, a header of it or a profile changes.

LINT_TOOLS := gcc clang tidy cppcheck shell format
LINT_DIRS  := cli config demo shim tests
LINT_C     := $(sort $(shell find $(LINT_DIRS) -name '*.c'))
LINT_H     := $(sort $(shell find $(LINT_DIRS) -name '*.h'))
LINT_SH    := $(shell find .ci $(LINT_DIRS) -type f -exec awk 'FNR == 1 { if (/^\#!.*[\/ ](ba|da)?sh( |$$)/) print FILENAME; nextfile }' {} +)
LINT       := $(BUILD)/lint
lint_files  = $(patsubst %,$(LINT)/$(1)/%.ok,$(2))
lint_done   = @printf '  %-8s no complaint about %d files\n' $(1) $(words $(2))

.PHONY: objects $(LINT_TOOLS:%=lint-%)

lint: ## no warning of gcc, clang, clang-tidy, cppcheck, shellcheck, clang-format (installs them)
	@tests/dependencies build test lint
	@bad=; for tool in $(LINT_TOOLS); do \
	  $(MAKE) --no-print-directory -k -j$(JOBS) lint-$$tool || bad="$$bad lint-$$tool"; done; \
	if [ -n "$$bad" ]; then echo "make lint: failed:$$bad" >&2; exit 1; fi

objects: $(LINT_C:%.c=$(BUILD)/obj/%.o)

# The optimiser finds what is used before it has a value; clang looks for that without.
lint-gcc: LEVEL := -O2
lint-clang: LEVEL := -O1
lint-gcc lint-clang: lint-%:
	@$(MAKE) --no-print-directory -k BUILD=$(LINT)/$* CC=$* CFLAGS='$(LEVEL) -g0' objects
	$(call lint_done,$*,$(LINT_C))

lint-tidy: $(call lint_files,tidy,$(LINT_C))
	$(call lint_done,tidy,$^)

lint-cppcheck: $(call lint_files,cppcheck,$(LINT_C))
	$(call lint_done,cppcheck,$^)

lint-shell: $(call lint_files,shell,$(LINT_SH))
	$(call lint_done,shell,$^)

lint-format: $(call lint_files,format,$(LINT_C) $(LINT_H))
	$(call lint_done,format,$^)

# Says nothing but what there is to say; the file that is made is empty. $(1): what reads $<
define lint_file
@mkdir -p $(@D)
$(if $(filter 1,$(V)),,@)$(1) >$@.log 2>&1 || { cat $@.log; false; }
@mv $@.log $@
endef

LINT_CPP := $(filter-out -D_FORTIFY_SOURCE%,$(filter -std=% -D% -I%,$(BASE))) -isystem /usr/include/libxml2
$(call lint_files,tidy,cli/cmd_script.c) $(call lint_files,cppcheck,cli/cmd_script.c): $(BUILD)/pins_script.h

# Most of the time goes into a few large functions of tests; what is preloaded is looked at in full.
BOUND    := -Xclang -analyzer-config -Xclang max-nodes=50000
CPPCHECK := --quiet --error-exitcode=1 --std=c11 --enable=warning,style,performance,portability \
            --library=tests/lint/cppcheck.cfg --suppressions-list=tests/lint/cppcheck.suppressions \
            -D_GNU_SOURCE -D__linux__ -I.

$(LINT)/tidy/%.ok: % .clang-tidy tests/.clang-tidy cli/.clang-tidy
	$(call lint_file,clang -MM -MP -MT $@ -MF $(LINT)/tidy/$*.d $(LINT_CPP) $< && clang-tidy --quiet $< -- $(LINT_CPP) $(if $(filter shim/% config/%,$<),,$(BOUND)))

$(LINT)/cppcheck/%.ok: % tests/lint/cppcheck.cfg tests/lint/cppcheck.suppressions
	$(call lint_file,clang -MM -MP -MT $@ -MF $(LINT)/cppcheck/$*.d $(LINT_CPP) $< && cppcheck $(CPPCHECK) $<)

$(LINT)/shell/%.ok: %
	$(call lint_file,shellcheck -x $<)

$(LINT)/format/%.ok: % .clang-format
	$(call lint_file,clang-format --dry-run -Werror $<)

-include $(shell find $(LINT)/tidy $(LINT)/cppcheck -name '*.d' 2>/dev/null)
