#include "shim/policy_sinks.h"

#include <stdio.h>
#include <string.h>

#include "config/sink_name.h"
#include "shim/environment.h"
#include "shim/sink.h"

/* Is the sink at `sink` named before in `list`? */
static bool is_repeated(const char *list, const char *sink, size_t length)
{
    while (list < sink) {
        size_t n = strcspn(list, ",");
        if (n == length && memcmp(list, sink, length) == 0)
            return true;
        list += n + 1;
    }
    return false;
}

/* Why it cannot be added to `count` others; NULL: it can. */
static const char *fault(const char *sink, unsigned count, char *reason, size_t size)
{
    if (!config_sink_valid(sink, reason, size))
        return reason;
    return count < SINKS_MAX || strcmp(sink, "none") == 0 ? NULL : SINKS_TOO_MANY;
}

/* Looks at each of the environment's sinks; opens those that are good, if `opens`. */
static void walk_environment_sinks(bool opens, char *why, size_t size)
{
    char *sink = environment.events, *comma;
    unsigned count = 0;

    for (; sink != NULL; sink = comma != NULL ? comma + 1 : NULL) {
        size_t length = strcspn(sink, ",");
        char reason[128];
        const char *wrong;

        comma = sink[length] == ',' ? sink + length : NULL;
        if (is_repeated(environment.events, sink, length))
            continue;
        sink[length] = '\0';
        wrong = fault(sink, count, reason, sizeof reason);
        if (wrong != NULL && why[0] == '\0')
            snprintf(why, size, "PINSHIM_EVENTS \"%.100s\": %s", sink, wrong);
        if (wrong == NULL) {
            count += strcmp(sink, "none") != 0;
            if (opens)
                sink_add(sink);
        }
        if (comma != NULL)
            *comma = ',';
    }
}

void policy_sinks_check(char *why, size_t size)
{
    walk_environment_sinks(false, why, size);
}

void policy_sinks_open(const struct policy_view *view, const struct config *config)
{
    char why[300] = "";

    if (environment.events != NULL) {
        walk_environment_sinks(true, why, sizeof why);
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
