/* How a peer's own words are told: its names may be long, and in any script. */
#include <string.h>

#include "config/text.h"
#include "tests/handshake/chains.h"

TestSuite(words, .init = scene_open, .fini = chains_close);

static bool is_whole(const char *text)
{
    for (const uint8_t *s = (const uint8_t *)text; *s != '\0'; s += text_utf8_length(s))
        if (text_utf8_length(s) == 0)
            return false;
    return true;
}

/* A name that is too long is cut between two characters, wherever these lie. */
Test(words, long_name)
{
    static const char lock[] = "\xf0\x9f\x94\x92";

    scene_pin(scene.pki.genuine.pin);
    for (int before = 0; before < 4; before++) {
        const char *name = scratch_format(scene.scratch, "%.*s", before, "xxx");
        const json_t *leaf;
        struct result result;

        for (int i = 0; i < 60; i++)
            name = scratch_format(scene.scratch, "%s%s", name, lock);
        result = scene_run(
            chain_trip(issue(scratch_format(scene.scratch, "long%d", before),
                             &scene.pki.intermediate, (struct request){.common_name = name}),
                       false, NULL),
            "enforce");
        expect_refused(&result);
        cr_expect(strstr(result.outcome.err, lock), "%s", result.outcome.err);
        cr_expect_not(strstr(result.outcome.err, "\\x"), "%s", result.outcome.err);
        cr_expect(is_whole(result.outcome.err), "%s", result.outcome.err);
        leaf = json_array_get(
            json_object_get(events_last(result.events, "handshake", NULL), "chain"), 0);
        cr_expect(strstr(field_string(leaf, "subject"), lock));
        cr_expect_not(strstr(field_string(leaf, "subject"), "\xef\xbf\xbd"), "%s",
                      field_string(leaf, "subject"));
        result_free(&result);
    }
}
