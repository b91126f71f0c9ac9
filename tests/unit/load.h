/* A policy out of a text, for tests that look at what a config means. */
#ifndef PINSHIM_TESTS_UNIT_LOAD_H
#define PINSHIM_TESTS_UNIT_LOAD_H

#include <stdbool.h>

#include "config/config.h"
#include "tests/support/scratch.h"

/* Three pins that differ from each other: 43 equal digits and the padding. */
#define PIN_A "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define PIN_E "sha256/EEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE="
#define PIN_I "sha256/IIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIII="

/* A domain section with one pin and what else it says. */
#define DOMAIN(name, rest) "domain \"" name "\" { pins = {\"" PIN_A "\"} " rest " }\n"

/* Writes the text to policy.conf in the scratch directory and reads it as a config. */
bool load(struct scratch *scratch, const char *text, struct config *config,
          struct config_error *error);

/* The same; fails the test, with the reason, when the config is refused. */
void must_load(struct scratch *scratch, const char *text, struct config *config);

#endif
