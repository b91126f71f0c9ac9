#include "tests/support/protect.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/support/process.h"

void protection_write(struct protection *protection, struct scratch *scratch, const char *format,
                      ...)
{
    char *text = NULL;
    va_list args;

    va_start(args, format);
    cr_assert(vasprintf(&text, format, args) >= 0, "out of memory");
    va_end(args);
    protection->config = scratch_text(scratch, "pinshim.conf", 0600, "%s", text);
    protection->events = scratch_path(scratch, "events.jsonl");
    free(text);
}

bool shim_is_inside(void)
{
    return getenv("SHIM_INSIDE") != NULL;
}

static void protect_inside(const struct protection *protection, struct scratch *scratch,
                           const char *mode, struct command *out)
{
    command_set(out, scratch_format(scratch, "PINSHIM_CONFIG=%s", protection->config));
    command_set(out, scratch_format(scratch, "PINSHIM_MODE=%s", mode));
    command_set(out, scratch_format(scratch, "PINSHIM_EVENTS=file:%s", protection->events));
}

void protect(const struct protection *protection, struct scratch *scratch, const char *mode,
             const struct command *command, struct command *out)
{
    char *pinshim;

    unlink(protection->events);
    *out = *command;
    if (shim_is_inside()) {
        protect_inside(protection, scratch, mode, out);
        return;
    }
    pinshim = build_path("pinshim");
    out->argc = 0;
    command_add(out, scratch_format(scratch, "%s", pinshim), "run", "-c", protection->config, "-m",
                mode, "-e", scratch_format(scratch, "file:%s", protection->events), "--", NULL);
    for (size_t i = 0; i < command->argc; i++)
        command_add(out, command->argv[i], NULL);
    free(pinshim);
}
