/* The person's editor, on a copy of a text. */
#ifndef PINSHIM_CLI_EDITOR_H
#define PINSHIM_CLI_EDITOR_H

#include <stdbool.h>
#include <stddef.h>

/* A copy in a directory of its own, which nobody else may enter. */
struct edited {
    char *directory, *path; /* malloc'ed */
    char *text;             /* malloc'ed, NUL-terminated; after edited_run */
    size_t length;
};

/* Writes the copy, called `name`. False, and `why`; nothing is left then. */
bool edited_open(const char *name, const char *text, size_t length, struct edited *out, char *why,
                 size_t size);

/* Runs $VISUAL, else $EDITOR, else editor(1) or vi(1) on it, and reads what came of it. False, and
 * `why`, when the editor failed or the text is gone. */
bool edited_run(struct edited *edited, char *why, size_t size);

/* Removes the copy, and frees. With `keep` the copy stays where it is. */
void edited_close(struct edited *edited, bool keep);

#endif
