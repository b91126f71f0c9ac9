/* The words of a row of the table of names. */
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "tests/support/names_table.h"

static void take_word(struct names_peer *out, const char *key, const char *value)
{
    const struct {
        const char *key, **value;
    } texts[] = {{"sni", &out->sni},
                 {"verify", &out->verify},
                 {"resolved", &out->resolved},
                 {"address", &out->address},
                 {"program", &out->program}};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strcmp(key, texts[i].key) == 0) {
            *texts[i].value = value;
            return;
        }
    cr_assert(strcmp(key, "port") == 0 || strcmp(key, "likely") == 0, "what is %s?", key);
    *(key[0] == 'p' ? &out->port : &out->likely) = (unsigned)strtoul(value, NULL, 10);
}

void names_peer_read(const char *peer, struct names_peer *out)
{
    char *rest = out->words, *word;

    memset(out, 0, sizeof *out);
    cr_assert(strlen(peer) < sizeof out->words);
    strcpy(out->words, peer);
    while ((word = strsep(&rest, " ")))
        if (*word) {
            char *key = strsep(&word, "=");
            cr_assert(word, "%s", peer);
            take_word(out, key, word);
        }
}
