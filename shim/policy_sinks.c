#include "shim/policy_sinks.h"

#include <stdio.h>
#include <string.h>

#include "config/sink_name.h"
#include "shim/environment.h"
#include "shim/sink.h"

/* Those that PINSHIM_EVENTS names, but for what is wrong in it. */
static const char *named[SINKS_MAX];
static unsigned named_count;
static bool is_wrong; /* something is */

static bool is_named(const char *sink)
{
    for (unsigned i = 0; i < named_count; i++)
        if (strcmp(named[i], sink) == 0)
            return true;
    return strcmp(sink, "none") == 0;
}

void policy_sinks_check(char *why, size_t size)
{
    char reason[128], *next;

    for (char *sink = environment.events; sink != NULL; sink = next) {
        bool good;

        next = strchr(sink, ',');
        if (next != NULL)
            *next++ = '\0';
        good = config_sink_valid(sink, reason, sizeof reason);
        if (good && !is_named(sink)) {
            good = named_count < SINKS_MAX;
            if (good)
                named[named_count++] = sink;
            else
                snprintf(reason, sizeof reason, SINKS_TOO_MANY);
        }
        if (!good && !is_wrong)
            snprintf(why, size, "PINSHIM_EVENTS \"%.100s\": %s", sink, reason);
        is_wrong |= !good;
    }
}

void policy_sinks_open(const struct policy_view *view, const struct config *config)
{
    if (environment.events != NULL) {
        for (unsigned i = 0; i < named_count; i++)
            sink_add(named[i]);
        if (is_wrong)
            sink_add("stderr");
    } else if (view != NULL) {
        for (uint32_t i = 0; i < policy_sink_count(view); i++)
            sink_add(policy_sink(view, i));
    } else if (config->events != NULL) {
        for (char **sink = config->events; *sink != NULL; sink++)
            sink_add(*sink);
    } else {
        sink_add("stderr");
    }
}

void policy_sinks_replace(const struct policy_view *view)
{
    const char *names[SINKS_MAX];
    unsigned count = 0;

    for (uint32_t i = 0; i < policy_sink_count(view) && count < SINKS_MAX; i++)
        names[count++] = policy_sink(view, i);
    sink_replace(names, count);
}
