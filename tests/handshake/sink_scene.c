#include "tests/handshake/sink_scene.h"

#include <stdlib.h>
#include <string.h>
#include <syslog.h>

char message[MESSAGE_SIZE];

const struct sink_mode sink_modes[SINK_MODES] = {
    {"pass", "allow", LOG_INFO}, {"audit", "allow", LOG_WARNING}, {"enforce", "block", LOG_ERR}};

struct result sink_visit(const char *mode, const char *sinks)
{
    bool passes = strcmp(mode, "pass") == 0;
    const char *environment[] = {
        "PINSHIM_CONFIG={dir}/pinshim.conf",
        scratch_format(scene.scratch, "PINSHIM_MODE=%s", passes ? "enforce" : mode),
        scratch_format(scene.scratch, "PINSHIM_EVENTS=%s", sinks), NULL};
    struct trip trip = scene_trip(passes ? &scene.pki.genuine : &scene.pki.mis_issued, true);

    scene_pin(scene.pki.genuine.pin);
    struct result result = scene_run_in(trip, environment);
    if (strcmp(mode, "enforce") == 0)
        expect_refused(&result);
    else
        expect_works(&result);
    return result;
}

json_t *sink_object(const char *head, const char *text)
{
    json_error_t error;

    cr_assert_eq(strncmp(text, head, strlen(head)), 0, "no \"%s\" in front of %s", head, text);
    json_t *object = json_loads(text + strlen(head), JSON_REJECT_DUPLICATES, &error);
    cr_assert(object, "%s: %s", error.text, text);
    return object;
}

void expect_event(const json_t *event, const char *kind, const char *action)
{
    expect_string(event, "event", kind);
    if (action)
        expect_string(event, "action", action);
}

/* As what the C library's syslog() sends, but for its time; by severity. */
void expect_syslog(const char *text, int severity, const char *kind, const char *action)
{
    json_t *event =
        sink_object(scratch_format(scene.scratch, "<%d>pinshim[%ld]: ", LOG_USER | severity,
                                   strchr(text, '[') ? strtol(strchr(text, '[') + 1, NULL, 10) : 0),
                    text);

    cr_assert_eq(field_number(event, "pid"), strtol(strchr(text, '[') + 1, NULL, 10));
    expect_event(event, kind, action);
    cr_assert_not(strchr(text, '\n'), "%s", text);
    json_decref(event);
}

const char *journal_field(const char *text, const char *name)
{
    const char *line = strncmp(text, name, strlen(name)) == 0
                           ? text
                           : strstr(text, scratch_format(scene.scratch, "\n%s=", name));

    cr_assert(line, "no %s in\n%s", name, text);
    line += (*line == '\n') + strlen(name) + 1;
    return scratch_format(scene.scratch, "%.*s", (int)strcspn(line, "\n"), line);
}
