#include "tests/command/desk.h"

#include <signal.h>
#include <sys/stat.h>

#include <criterion/criterion.h>

struct pki pki;
const char *desk_config;

void open_desk(void)
{
    signal(SIGPIPE, SIG_IGN);
    open_scratch();
    pki_make(&pki, scratch, PKI_P256);
    cr_assert(mkdir(scratch_path(scratch, "pins.d"), 0755) == 0);
    desk_config = write_config("mode = \"audit\"\ninclude_dir = \"pins.d\"\n");
}

void close_desk(void)
{
    pki_free(&pki);
    close_scratch();
}

const char *write_pins(const char *name, const char *text)
{
    return scratch_text(scratch, scratch_format(scratch, "pins.d/%s", name), 0644, "%s", text);
}

const char *read_pins(const char *name)
{
    return scratch_read(scratch, scratch_path(scratch, scratch_format(scratch, "pins.d/%s", name)));
}
