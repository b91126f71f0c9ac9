#include "tests/command/event_lines.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <criterion/criterion.h>

#include "tests/support/events.h"

/* A connection that passed. */
static const char passed[] =
    "'v':1,'event':'handshake','program':'curl','pid':1,'uid':0,'host':'a.test',"
    "'host_source':'sni','address':'192.0.2.1','port':443,'domain':'a.test','mode':'audit',"
    "'verdict':'pass','reason':'pin_matched','action':'allow','would':'allow','pin':'" SPKI_A
    "','pin_role':'pin','pin_position':'leaf','program_verification':'ok','resumed':false,"
    "'tls':'TLSv1.3','policy':'1111111111111111','owner':null," CHAIN(SPKI_A, CERT_1, "CN=Root",
                                                                      "2040-01-01T00:00:00Z");

static json_t *object(const char *fields)
{
    char *text = scratch_format(scratch, "{%s}", fields);
    json_error_t error;

    for (char *at = text; *at; at++)
        if (*at == '\'')
            *at = '"';
    json_t *json = json_loads(text, 0, &error);
    cr_assert(json, "%s in %s", error.text, text);
    return json;
}

char *event_time(double days)
{
    int64_t ms = (int64_t)time(NULL) * 1000 + (int64_t)(days * 86400000);
    time_t seconds = (time_t)(ms / 1000);
    struct tm tm;
    char text[32];

    gmtime_r(&seconds, &tm);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
    return scratch_format(scratch, "%s.%03dZ", text, (int)(ms % 1000));
}

char *event_lines(const struct batch *batches, size_t count)
{
    char *text, *copy;
    size_t length;
    FILE *stream = open_memstream(&text, &length);

    cr_assert(stream);
    for (size_t i = 0; i < count; i++) {
        const struct batch *batch = &batches[i];
        json_t *event = object(passed), *changes = object(batch->changes ? batch->changes : "");

        json_object_update(event, changes);
        for (unsigned n = 0; n < batch->count; n++) {
            double days = batch->count < 2
                              ? batch->from
                              : batch->from - (batch->from - batch->to) * n / (batch->count - 1);
            if (!json_object_get(changes, "time"))
                json_object_set_new(event, "time", json_string(event_time(-days)));
            json_dumpf(event, stream, JSON_COMPACT);
            putc('\n', stream);
        }
        json_decref(event);
        json_decref(changes);
    }
    fclose(stream);
    copy = scratch_format(scratch, "%s", text);
    free(text);
    return copy;
}

const char *event_file(const char *name, const struct batch *batches, size_t count)
{
    const char *text = event_lines(batches, count);

    return scratch_write(scratch, name, 0644, text, strlen(text));
}

const char *report_reason(const json_t *json, const char *name)
{
    const json_t *domain, *reason;
    size_t i;

    json_array_foreach(json_object_get(json, "domains"), i, domain)
    {
        reason = json_array_get(json_object_get(domain, "reasons"), 0);
        if (strcmp(field_string(domain, "domain"), name) == 0)
            return reason ? scratch_format(scratch, "%s", field_string(reason, "reason")) : "";
    }
    return "not told";
}
