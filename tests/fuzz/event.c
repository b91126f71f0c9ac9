/* libFuzzer: a file of events, of any octets, is read, counted and told in all forms: nothing that
 * the file names gets to a page or a config as anything but text. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/event.h"
#include "cli/learn.h"
#include "cli/tally.h"
#include "config/config.h"
#include "config/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size);

static void hold(bool condition, const char *words)
{
    if (condition)
        return;
    fprintf(stderr, "does not hold: %s\n", words);
    abort();
}

static void hold_text(const char *text)
{
    if (text == NULL)
        return;
    hold(strlen(text) <= EVENT_TEXT_LIMIT, "a string is within its limit");
    for (const uint8_t *s = (const uint8_t *)text; *s != '\0'; s += text_utf8_length(s))
        hold(text_utf8_length(s) > 0, "a string is UTF-8");
}

static void hold_event(const struct event *e)
{
    const char *const texts[] = {e->program,      e->policy, e->host,   e->address, e->domain,
                                 e->mode,         e->reason, e->owner,  e->pin,     e->pin_role,
                                 e->pin_position, e->file,   e->message};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        hold_text(texts[i]);
    hold(e->chain_count <= EVENT_CHAIN, "a chain is within its limit");
    for (size_t i = 0; i < e->chain_count; i++) {
        hold_text(e->chain[i].subject);
        hold_text(e->chain[i].issuer);
    }
}

/* Whatever is learned, the config is one that loads. */
static void hold_config(const struct learn *learn, bool ca)
{
    static char path[64];
    struct config_error error;
    struct config config;
    size_t sections = 0;
    FILE *file;

    if (path[0] == '\0') {
        strcpy(path, "/tmp/pinshim-fuzz.XXXXXX");
        hold(mkdtemp(path) != NULL, "there is a directory");
        strcat(path, "/learned.conf");
    }
    file = fopen(path, "we");
    hold(file != NULL && learn_write(learn, ca, file, &sections) && fclose(file) == 0,
         "it is written");
    hold(config_load(path, geteuid(), &config, &error), error.text);
    hold(config.policy->sections.count == sections, "it has the sections that were meant");
    config_free(&config);
    unlink(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    static struct event_parser *parser;
    const char *line = (const char *)input, *end = line + size;
    struct learn learn;
    struct tally tally;

    if (parser == NULL)
        parser = event_parser_new();
    tally_init(&tally);
    learn_init(&learn);
    while (line < end) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        size_t length = (size_t)((newline != NULL ? newline : end) - line);
        struct event unreadable = {.kind = EVENT_UNREADABLE};
        char why[160] = "";
        const struct event *event = event_parse(parser, line, length, why, sizeof why);

        hold((event == NULL) == (why[0] != '\0'), "either an event, or a reason");
        if (event != NULL) {
            hold_event(event);
        } else {
            unreadable.domain = event_parse_remains(parser).domain;
            hold_text(unreadable.domain);
            event = &unreadable;
        }
        tally_add(&tally, "machine", event);
        learn_add(&learn, "machine", event);
        line += length + 1;
    }
    tally_finish(&tally);
    learn_finish(&learn);
    if (learn.keys.list.count + learn.strange.list.count > 0)
        hold_config(&learn, size % 2 == 0);
    tally_free(&tally);
    learn_free(&learn);
    return 0;
}
