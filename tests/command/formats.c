#include "tests/command/formats.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include <criterion/criterion.h>

const char *formats_config;

void formats_open(void)
{
    open_scratch();
    formats_config = write_config("include_dir = \"pins.d\"\n");
    cr_assert(mkdir(scratch_path(scratch, "pins.d"), 0755) == 0);
}

struct outcome import_text(const char *format, const char *text, const char *domain)
{
    const char *file = scratch_text(scratch, "foreign", 0644, "%s", text);

    return PINSHIM("import", "-c", formats_config, "--format", format, file, domain);
}

struct outcome export_pins(const char *format, const char *domain)
{
    return PINSHIM("export", "-c", formats_config, "--format", format, domain);
}

void expect_round_trip(const char *format, const char *text, const char *domain, const char *lost)
{
    struct outcome outcome;

    expect_outcome(import_text(format, text, domain), 0, NULL, lost);
    outcome = export_pins(format, domain);
    cr_expect_str_eq(outcome.out, text);
    expect_outcome(outcome, 0, NULL, NULL);
    /* Once more, and nothing is added. */
    expect_outcome(import_text(format, text, domain), 0, " 0 added to ", NULL);
}

void expect_section(const char *file, const char *text)
{
    const char *path = scratch_format(scratch, "%s/pins.d/%s.conf", scratch_dir(scratch), file);
    const char *content = scratch_read(scratch, path);

    cr_expect(strstr(content, text), "no \"%s\" in %s: %s", text, file, content);
}

void expect_no_section(void)
{
    DIR *directory = opendir(scratch_path(scratch, "pins.d"));
    const struct dirent *entry;

    cr_assert(directory);
    while ((entry = readdir(directory)))
        cr_expect(entry->d_name[0] == '.', "%s is there", entry->d_name);
    closedir(directory);
}
