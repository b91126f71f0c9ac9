#include "cli/doctor.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/elf_content.h"

bool diagnosis_add(struct list *strings, const char *text)
{
    char **item = list_add(strings, sizeof(*item));

    return item && (*item = strdup(text));
}

bool diagnosis_note(struct diagnosis *diagnosis, const char *format, ...)
{
    va_list arguments;
    char *text;
    bool good;

    va_start(arguments, format);
    good = vasprintf(&text, format, arguments) >= 0;
    va_end(arguments);
    if (!good)
        return false;
    good = diagnosis_add(&diagnosis->notes, text);
    free(text);
    return good;
}

bool diagnosis_conclude(struct diagnosis *diagnosis, enum doctor_verdict verdict,
                        const char *format, ...)
{
    va_list arguments;

    free(diagnosis->reason);
    va_start(arguments, format);
    if (vasprintf(&diagnosis->reason, format, arguments) < 0)
        diagnosis->reason = NULL;
    va_end(arguments);
    diagnosis->verdict = verdict;
    return diagnosis->reason != NULL;
}

bool diagnosis_look(struct diagnosis *diagnosis, const char *path, const char *shown,
                    const char *crypto)
{
    struct elf_content content;
    bool good;

    for (size_t i = 0; i < diagnosis->objects.count; i++)
        if (strcmp(((char **)diagnosis->objects.items)[i], shown) == 0)
            return true;
    if (!diagnosis_add(&diagnosis->objects, shown))
        return false;
    if (!elf_content_open(path, &content))
        return errno == 0 || diagnosis_note(diagnosis, "%s cannot be read (%m).", shown);
    good = tls_library_find(&content, shown, crypto, &diagnosis->uses);
    elf_content_close(&content);
    return good;
}

char *diagnosis_libraries(const struct diagnosis *diagnosis, bool seen)
{
    const struct tls_use *uses = diagnosis->uses.items;
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);

    if (!stream)
        return NULL;
    for (size_t i = 0; i < diagnosis->uses.count; i++) {
        bool told = false;

        if (uses[i].seen != seen)
            continue;
        for (size_t j = 0; j < i; j++)
            told |= uses[j].seen == seen && uses[j].library == uses[i].library &&
                    (strcmp(uses[j].version, uses[i].version) == 0 || !uses[i].version[0]);
        if (!told)
            fprintf(stream, "%s%s%s%s", ftell(stream) > 0 ? ", " : "",
                    tls_library_name(uses[i].library), uses[i].version[0] ? " " : "",
                    uses[i].version);
    }
    if (fclose(stream) == 0)
        return text;
    free(text);
    return NULL;
}

static void free_process(struct doctor_process *process)
{
    if (!process)
        return;
    free(process->shim);
    free(process->config);
    free(process->policy_error);
    free(process);
}

void diagnosis_free(struct diagnosis *diagnosis)
{
    free(diagnosis->program);
    free(diagnosis->executable);
    free(diagnosis->reason);
    list_free_strings(&diagnosis->steps);
    list_free_strings(&diagnosis->notes);
    list_free_strings(&diagnosis->objects);
    tls_uses_free(&diagnosis->uses);
    free_process(diagnosis->process);
    *diagnosis = (struct diagnosis){0};
}
