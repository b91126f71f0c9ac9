#include "cli/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void findings_add(struct findings *findings, const struct config_origin *at, const char *domain,
                  const char *format, ...)
{
    struct finding *finding = list_add(&findings->items, sizeof(*finding));
    va_list arguments;
    int length;

    if (!finding) {
        findings->failed = true;
        return;
    }
    finding->at = *at;
    finding->domain = domain;
    finding->number = findings->items.count;
    va_start(arguments, format);
    length = vasprintf(&finding->message, format, arguments);
    va_end(arguments);
    if (length < 0) {
        finding->message = NULL;
        findings->failed = true;
    }
}

static int compare(const void *a, const void *b, void *config_file)
{
    const struct finding *x = a, *y = b;

    if (x->at.file != y->at.file) { /* each file's name is kept once */
        if (x->at.file == config_file || y->at.file == config_file)
            return x->at.file == config_file ? -1 : 1;
        return strcmp(x->at.file, y->at.file); /* includes are read in the order of their names */
    }
    if (x->at.line != y->at.line)
        return x->at.line < y->at.line ? -1 : 1;
    return x->number < y->number ? -1 : 1;
}

void findings_sort(struct findings *findings, const struct config *config)
{
    char **files = config->files.items;

    if (findings->items.count > 0)
        qsort_r(findings->items.items, findings->items.count, sizeof(struct finding), compare,
                files[0]);
}

void findings_free(struct findings *findings)
{
    struct finding *finding = findings->items.items;

    for (size_t i = 0; i < findings->items.count; i++)
        free(finding[i].message);
    free(finding);
    *findings = (struct findings){0};
}
