/* A config whose sections lie in a directory of their own, and other systems' files beside it. */
#ifndef PINSHIM_TESTS_COMMAND_FORMATS_H
#define PINSHIM_TESTS_COMMAND_FORMATS_H

#include "tests/command/pinshim.h"

/* For a suite's .init: an empty config with include_dir. */
void formats_open(void);

extern const char *formats_config;

/* Runs `pinshim import --format FORMAT FILE [DOMAIN]` on this text. */
struct outcome import_text(const char *format, const char *text, const char *domain);

/* Runs `pinshim export --format FORMAT [DOMAIN]`. */
struct outcome export_pins(const char *format, const char *domain);

/* Imports, which must be good and tell `lost` (NULL: what it tells does not matter; "": nothing),
 * and expects of what is exported then that it is `text` again. */
void expect_round_trip(const char *format, const char *text, const char *domain, const char *lost);

/* Expects that the config has a section whose file contains this. */
void expect_section(const char *file, const char *text);

/* Expects that no section was written. */
void expect_no_section(void);

#endif
