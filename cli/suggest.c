#include "cli/suggest.h"

#include <string.h>

/* With three letters wrong it is another word. */
#define TOO_FAR 3

/* How many letters at most differ between a mistyped name and ours: each one replaced, missing,
 * or too many. Levenshtein's distance, one row at a time. */
static size_t distance(const char *typed, const char *name)
{
    size_t row[16] = {0}, length = strlen(name), diagonal, above;

    for (size_t j = 0; j <= length; j++)
        row[j] = j;
    for (size_t i = 1; typed[i - 1]; i++) {
        diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= length; j++) {
            above = row[j];
            row[j] = diagonal + (typed[i - 1] != name[j - 1]);
            if (above + 1 < row[j])
                row[j] = above + 1;
            if (row[j - 1] + 1 < row[j])
                row[j] = row[j - 1] + 1;
            diagonal = above;
        }
    }
    return row[length];
}

const char *suggest(const char *typed, const char *const *names, size_t count)
{
    const char *nearest = NULL;
    size_t least = TOO_FAR, letters;

    for (size_t i = 0; i < count; i++) {
        letters = distance(typed, names[i]);
        if (letters < least && letters < strlen(names[i])) {
            least = letters;
            nearest = names[i];
        }
    }
    return nearest;
}
