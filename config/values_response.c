/* Values of `on_failure` and of what belongs to it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/redirect.h"
#include "config/signal_name.h"
#include "config/values.h"

/* With more, the lines of a refusal would not fit into one write. */
enum { MESSAGE_MAX = 2000 };

static struct response_draft *draft(struct reader *r)
{
    return r->section != NULL ? &r->section->response : &r->scope->response;
}

bool take_response(struct reader *r, const struct option *option, const char *value)
{
    static const struct {
        const char *word;
        uint8_t response;
    } words[] = {{"block", 0},
                 {"message", RESPONSE_MESSAGE},
                 {"redirect", RESPONSE_REDIRECT},
                 {"terminate", RESPONSE_TERMINATE}};
    struct response_draft *response = draft(r);

    if (response->responses == RESPONSE_UNSET)
        response->responses = 0;
    response->line = r->line;
    if (value == NULL)
        return true;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(value, words[i].word) == 0) {
            response->responses |= words[i].response;
            return true;
        }
    return value_wrong(r, option, value,
                       "there is no such response; write block, message, redirect or terminate");
}

static bool keep(struct reader *r, const struct option *option, const char *value, char **out)
{
    free(*out);
    *out = strdup(value);
    return *out != NULL || value_short_of_memory(r, option);
}

bool take_message(struct reader *r, const struct option *option, const char *value)
{
    if (value[0] == '\0')
        return value_wrong(r, option, value, "write a text, or leave it out for the usual one");
    if (strlen(value) > MESSAGE_MAX) {
        snprintf(r->error->text, sizeof r->error->text, "message is longer than %d octets",
                 MESSAGE_MAX);
        return false;
    }
    return keep(r, option, value, &draft(r)->message);
}

bool take_redirect(struct reader *r, const struct option *option, const char *value)
{
    char why[200];

    return redirect_valid(value, why, sizeof why) ? keep(r, option, value, &draft(r)->redirect)
                                                  : value_wrong(r, option, value, why);
}

bool take_signal(struct reader *r, const struct option *option, const char *value)
{
    uint8_t place = signal_parse(value);

    if (place == SIGNAL_UNSET)
        return value_wrong(r, option, value,
                           "there is no such signal; write its name: TERM, KILL, ABRT, HUP, …");
    draft(r)->signal = place;
    return true;
}
