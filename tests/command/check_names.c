/* pinshim check: sections that stand for too much, and those that nothing can fall under. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/command/findings.h"
#include "tests/command/pinshim.h"

TestSuite(check_names, .init = open_scratch, .fini = close_scratch);

#define SUFFIX(name) "all names under the public suffix \"" name "\""

Test(check_names, public_suffix)
{
    static const struct line lines[] = {
        {"*.com", NULL, SUFFIX("com")},
        {"**.co.uk", NULL, SUFFIX("co.uk")},
        {"org", "include_subdomains = true", SUFFIX("org")},
        {"**.xn--p1ai", NULL, SUFFIX("xn--p1ai")},
        {"**.kawasaki.jp", NULL, SUFFIX("kawasaki.jp")}, /* *.kawasaki.jp on the list … */
        {"*.city.kawasaki.jp", NULL, NULL},              /* … and !city.kawasaki.jp */
        {"**.github.io", NULL, "a public suffix of an operator"},
        {"**.me.github.io", NULL, NULL},
        {"*.example.com", NULL, NULL},
        {"**.example.co.uk", NULL, NULL},
        {"**.internal", NULL, NULL}, /* not on the list */
        {"*.corp", NULL, NULL},
        {"com", NULL, NULL},
        {"github.io", NULL, NULL},
        {"*.net", "mode = off", NULL},
        {.more = "domain \"**.net\" { mode = off }"},
    };

    LINES(lines);
}

/* A name of so many octets. */
static const char *long_name(size_t octets)
{
    char *name = scratch_format(scratch, "%0*d", (int)octets, 0);

    memset(name, 'n', octets);
    for (size_t i = 50; i + 10 < octets; i += 50)
        name[i] = '.';
    return name;
}

Test(check_names, no_room)
{
    WARNINGS(write_config("domain \"*.%s\" { %s }\n"
                          "domain \"*.%s\" { mode = off }\n"
                          "domain \"**.%s\" { %s }\n",
                          long_name(251), PINS, long_name(252), long_name(252), PINS),
             {NULL, 2, scratch_format(scratch, "*.%s", long_name(252)),
              "one label more makes a name longer than the 253 octets"});
}

#define COVERED "sections with longer prefixes have all of its addresses; take it out"
#define COVERED_PORTS "sections with longer prefixes have all of its addresses at its ports"

Test(check_names, blocks)
{
    static const struct line lines[] = {
        {"10.0.0.0/24", NULL, COVERED},
        {"10.0.0.0/25", NULL, NULL},
        {"10.0.0.128/25", "mode = off", NULL},
        {"2001:db8::/64", "ports = {443}", COVERED_PORTS},
        {"2001:db8::/65", NULL, NULL},
        {"2001:db8:0:0:8000::/65", "ports = {80, 443}", NULL},
        {"::/0", NULL, COVERED},
        {"::/1", NULL, NULL},
        {"8000::/1", NULL, NULL},
        {"0.0.0.0/0", "mode = off", COVERED},
        {"0.0.0.0/1", NULL, NULL},
        {"128.0.0.0/2", NULL, NULL},
        {"192.0.0.0/2", NULL, NULL},
    };

    LINES(lines);
}

/* An address or a port is left to them; names have nothing to do with addresses. */
Test(check_names, blocks_with_room)
{
    static const struct line lines[] = {
        {"10.0.0.0/24", NULL, NULL},
        {"10.0.0.0/25", NULL, NULL},
        {"10.0.0.128/26", NULL, NULL},
        {"10.0.0.224/27", NULL, NULL}, /* left: 192 to 223 */
        {"10.0.1.0/24", NULL, NULL},
        {"10.0.1.0/25", NULL, NULL},
        {"10.0.1.128/25", "ports = {443}", NULL}, /* left: other ports */
        {"10.0.2.0/24", "ports = {443, 80}", NULL},
        {"10.0.2.0/25", "ports = {443}", NULL}, /* left: port 80 */
        {"10.0.2.128/25", NULL, NULL},
        {"2001:db8::/127", NULL, NULL},
        {"2001:db8::1", NULL, NULL}, /* left: ::0 */
        {"0.0.0.0/0", NULL, NULL},
        {"::/0", NULL, NULL},
        {"**.a.test", NULL, NULL},
        {"*.a.test", NULL, NULL},
        {"a.test", NULL, NULL},
        {"10.0.3.0/24", NULL, NULL},
        {"10.0.3.0/25", NULL, NULL}, /* left: from 128 on */
    };

    LINES(lines);
}

/* Covered blocks within blocks; several sections with the same block; and a program's, which leave
 * global ones to other programs. */
Test(check_names, blocks_within_blocks)
{
    static const struct line lines[] = {
        {"9.0.0.0/31", NULL, NULL},
        {.more = "program \"curl\" {"},
        {"9.0.0.0", NULL, NULL},
        {"9.0.0.1", NULL, NULL},
        {"::/0", NULL, NULL}, /* 2^128 addresses: none of them counted as all of them */
        {"10.0.0.0/23", "ports = {1}", COVERED_PORTS},
        {"10.0.0.0/23", "ports = {3}", NULL}, /* left: 10.0.0.0/24 */
        {"10.0.0.0/24", "ports = {1, 2}", NULL},
        {"10.0.1.0/24", "ports = {2}", COVERED_PORTS},
        {"10.0.1.0/25", NULL, NULL},
        {"10.0.1.128/26", "ports = {1}", NULL},
        {"10.0.1.128/26", "ports = {2}", NULL},
        {"10.0.1.192/26", NULL, NULL},
        {.more = "}"},
    };

    LINES(lines);
}

Test(check_names, programs)
{
    const char *script = scratch_text(scratch, "script", 0755, "#!/bin/sh\n");
    const char *program = scratch_text(scratch, "program", 0755, "\177ELF");
    const char *missing = scratch_path(scratch, "missing"), *format = "program \"%s\" { %s }";
    const struct line lines[] = {
        {.more = scratch_format(scratch, format, missing, "mode = audit"),
         .says = scratch_format(scratch, "program \"%s\": no process can be it: there is no such",
                                missing)},
        {.more = scratch_format(scratch, format, script, ""), .says = "it is a script"},
        {.more = scratch_format(scratch, format, scratch_dir(scratch), ""),
         .says = "it is no regular file"},
        {.more = scratch_format(scratch, format, program, "")},
        {.more = scratch_format(scratch, format, "program", "")},
        {.more = scratch_format(scratch, format, "missing", "")},
    };

    LINES(lines);
}

/* Of several paths to one executable, the one without links counts, then the one written first. */
Test(check_names, programs_by_link)
{
    const char *program = scratch_text(scratch, "program", 0755, "\177ELF");
    const char *link = scratch_path(scratch, "link"), *second = scratch_path(scratch, "second");
    const char *format = "program \"%s\" { }", *twin = "it is the same file as program \"%s\" on "
                                                       "line %d";
    const struct line links[] = {
        {.more = scratch_format(scratch, format, second),
         .says = scratch_format(scratch, twin, link, 2)},
        {.more = scratch_format(scratch, format, link)},
    };
    const struct line lines[] = {
        {.more = links[0].more, .says = scratch_format(scratch, twin, program, 3)},
        {.more = links[1].more, .says = scratch_format(scratch, twin, program, 3)},
        {.more = scratch_format(scratch, format, program)},
    };

    cr_assert(symlink(program, link) == 0 && symlink(program, second) == 0);
    LINES(links);
    LINES(lines);
}
