/* The table of what the program resolved. That threads read and write it at once is for
 * tests/handshake/threads.c, under a sanitizer. */
#include "shim/resolved.h"

#include <stdio.h>

#include <criterion/criterion.h>

TestSuite(resolved);

static struct address address_of(unsigned number)
{
    return (struct address){.bits = 32, .bytes = {10, 0, (uint8_t)(number >> 8), (uint8_t)number}};
}

static void expect_name(unsigned number, const char *name)
{
    struct address address = address_of(number);
    char found[NAME_SIZE];

    cr_assert(resolved_name(&address, found), "%u has no name", number);
    cr_assert_str_eq(found, name);
}

/* An address that has been several names' is the one's that was resolved last. */
Test(resolved, last_name_counts)
{
    struct address address = address_of(1);

    resolved_note("a.test", &address);
    expect_name(1, "a.test");
    resolved_note("b.test", &address);
    expect_name(1, "b.test");
    resolved_note("A.test.", &address);
    expect_name(1, "a.test");
}

Test(resolved, other_address)
{
    struct address address = address_of(1), other = address_of(2);
    char found[NAME_SIZE];

    cr_assert_not(resolved_name(&address, found));
    resolved_note("a.test", &address);
    cr_assert_not(resolved_name(&other, found));
}

/* There is room for many, and the oldest go first. */
Test(resolved, oldest_goes_first)
{
    enum { KEPT = 500, NOTED = 5000 };
    struct address first = address_of(0);
    char name[NAME_SIZE];

    for (unsigned i = 0; i < NOTED; i++) {
        struct address address = address_of(i);
        snprintf(name, sizeof name, "%u.%0*u.test", i, (int)(i % 60) + 1, 0);
        resolved_note(name, &address);
    }
    for (unsigned i = NOTED - KEPT; i < NOTED; i++) {
        snprintf(name, sizeof name, "%u.%0*u.test", i, (int)(i % 60) + 1, 0);
        expect_name(i, name);
    }
    cr_assert_not(resolved_name(&first, name));
}
