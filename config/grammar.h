/* The grammar of a config, as libconfuse is told it, and what becomes of each value. */
#ifndef PINSHIM_CONFIG_GRAMMAR_H
#define PINSHIM_CONFIG_GRAMMAR_H

#include <stdbool.h>

#include "config/confuse.h"
#include "config/options.h"
#include "config/scan.h"

/* Runs libconfuse over `text`, which `scan` is the look over, and hands each value to its option.
 * False, with line and text in reader->error, when something is wrong. Not thread-safe, like
 * libconfuse itself. */
bool grammar_read(const struct confuse *confuse, const char *text, const struct scan *scan,
                  struct reader *reader);

#endif
