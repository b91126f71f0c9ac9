#include "config/options.h"

#include <stdlib.h>
#include <string.h>

#include "config/values.h"

void reader_free(struct reader *r)
{
    struct store_reference *reference = r->references.items;

    for (size_t i = 0; i < r->references.count; i++)
        free(reference[i].id);
    free(reference);
    free(r->store);
    free(r->include);
}

enum { TOP = LEVEL_TOP, SCOPES = LEVEL_TOP | LEVEL_PROGRAM, ALL = SCOPES | LEVEL_DOMAIN };

const struct option OPTIONS[] = {
    {"mode", ALL, FORM_ONE, take_mode},
    {"unpinned", SCOPES, FORM_ONE, take_rule},
    {"unnamed", SCOPES, FORM_ONE, take_rule},
    {"expired", SCOPES, FORM_ONE, take_rule},
    {"lock_mode", SCOPES, FORM_ONE, take_bool},
    {"events", SCOPES, FORM_LIST, take_sink},
    {"on_failure", ALL, FORM_LIST_OR_NONE, take_response},
    {"verify", ALL, FORM_LIST_OR_NONE, take_verify},
    {"trust_anchors", SCOPES, FORM_ONE, take_anchors},
    {"inspection_cas", SCOPES, FORM_LIST_OR_NONE, take_inspection},
    {"store", TOP, FORM_ONE, take_path},
    {"include_dir", TOP, FORM_ONE, take_path},
    {"reload_interval", TOP, FORM_ONE, take_interval},
    {"ports", LEVEL_DOMAIN, FORM_LIST, take_port},
    {"include_subdomains", LEVEL_DOMAIN, FORM_ONE, take_bool},
    {"pins", LEVEL_DOMAIN, FORM_LIST, take_pin},
    {"backup_pins", LEVEL_DOMAIN, FORM_LIST, take_pin},
    {"match", LEVEL_DOMAIN, FORM_ONE, take_match},
    {"expires", LEVEL_DOMAIN, FORM_ONE, take_expires},
    {"message", ALL, FORM_ONE, take_message},
    {"redirect", ALL, FORM_ONE, take_redirect},
    {"signal", ALL, FORM_ONE, take_signal},
    {"owner", LEVEL_DOMAIN, FORM_ONE, take_owner},
};
const size_t OPTION_COUNT = sizeof OPTIONS / sizeof *OPTIONS;

const struct option *option_find(const char *name, enum level level)
{
    for (size_t i = 0; i < OPTION_COUNT; i++)
        if ((OPTIONS[i].levels & level) != 0 && strcmp(OPTIONS[i].name, name) == 0)
            return &OPTIONS[i];
    return NULL;
}

/* Levenshtein's distance, capped: words longer than a row are not near anything. */
static unsigned distance(const char *a, const char *b)
{
    unsigned row[32], n = (unsigned)strlen(b);

    if (n >= sizeof row / sizeof *row)
        return 99;
    for (unsigned i = 0; i <= n; i++)
        row[i] = i;
    for (unsigned i = 0; a[i] != '\0'; i++) {
        unsigned diagonal = row[0];
        row[0] = i + 1;
        for (unsigned k = 0; k < n; k++) {
            unsigned best = diagonal + (a[i] != b[k]);
            diagonal = row[k + 1];
            best = best < row[k] + 1 ? best : row[k] + 1;
            row[k + 1] = best < diagonal + 1 ? best : diagonal + 1;
        }
    }
    return row[n];
}

const char *option_suggest(const char *name, enum level level)
{
    const char *nearest = NULL;
    unsigned least = 3; /* more than two slips is another word */

    for (size_t i = 0; i < OPTION_COUNT; i++)
        if ((OPTIONS[i].levels & level) != 0 && distance(name, OPTIONS[i].name) < least) {
            nearest = OPTIONS[i].name;
            least = distance(name, nearest);
        }
    return nearest;
}
