/* Sinks as `events` and PINSHIM_EVENTS name them. */
#ifndef PINSHIM_CONFIG_SINK_NAME_H
#define PINSHIM_CONFIG_SINK_NAME_H

#include <stdbool.h>
#include <stddef.h>

/* No more than this at once. */
enum { SINKS_MAX = 8 };
#define SINKS_TOO_MANY "there may be 8 sinks, and this is one more"

/* The longest name: a path, and what stands before it. */
enum { SINK_NAME_SIZE = sizeof "file:" + 4095 };

/* Is `sink` one that is accepted? On failure false, and `why` says what to write. */
bool config_sink_valid(const char *sink, char *why, size_t size);

/* The path in a sink that has one ("file:PATH", "unix:PATH"); NULL for others. */
const char *config_sink_path(const char *sink);

#endif
