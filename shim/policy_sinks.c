#include "shim/policy_sinks.h"

#include <stdio.h>
#include <string.h>

#include "config/sink_name.h"
#include "shim/environment.h"
#include "shim/sink.h"

static void add_environment_sinks(char *why, size_t size)
{
    char *list = environment.events, *next;
    char reason[128];

    for (char *sink = list; sink != NULL; sink = next) {
        next = strchr(sink, ',');
        if (next != NULL)
            *next++ = '\0';
        bool good = config_sink_valid(sink, reason, sizeof reason);
        if (good && !sink_add(sink)) {
            good = false;
            snprintf(reason, sizeof reason, SINKS_TOO_MANY);
        }
        if (!good && why[0] == '\0')
            snprintf(why, size, "PINSHIM_EVENTS \"%.100s\": %s", sink, reason);
    }
}

void policy_sinks_open(const struct policy_view *view, const struct config *config, char *why,
                       size_t size)
{
    if (environment.events != NULL) {
        add_environment_sinks(why, size);
        if (why[0] != '\0')
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
