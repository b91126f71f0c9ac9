/* What is remembered of a policy's answers, name by name. */
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "shim/lookups.h"

static struct lookups lookups;
static struct policy_section sections[2];

static struct policy_match match(const struct policy_section *section, const char *host)
{
    struct policy_match made = {.section = section, .source = HOST_SNI};

    strcpy(made.host, host);
    return made;
}

static void expect(const char *sni, const struct policy_section *section, const char *host)
{
    struct policy_match found = {.source = HOST_NONE};

    cr_assert(lookups_find(&lookups, sni, &found), "%s", sni);
    cr_expect_eq(found.section, section, "%s", sni);
    cr_expect_str_eq(found.host, host);
    cr_expect_eq(found.source, HOST_SNI);
}

static void expect_nothing(const char *sni)
{
    struct policy_match found;

    cr_expect_not(lookups_find(&lookups, sni, &found), "%s", sni);
}

Test(lookups, by_the_very_name)
{
    struct policy_match made = match(&sections[0], "api.example.test");

    expect_nothing("API.example.test.");
    lookups_keep(&lookups, "API.example.test.", &made);
    expect("API.example.test.", &sections[0], "api.example.test");
    expect_nothing("api.example.test");
    expect_nothing("API.example.test");
    expect_nothing("API.example.test..");
    lookups_clear(&lookups);
    expect_nothing("API.example.test.");
}

Test(lookups, no_section_is_an_answer)
{
    struct policy_match made = match(NULL, "api.example.test");

    lookups_keep(&lookups, "api.example.test", &made);
    expect("api.example.test", NULL, "api.example.test");
}

/* Each in some place, and no answer to another name. */
Test(lookups, more_than_there_are_places)
{
    char name[32];
    unsigned known = 0;

    for (unsigned i = 0; i < 10 * LOOKUPS; i++) {
        snprintf(name, sizeof name, "host-%03u.example.test", i);
        struct policy_match made = match(&sections[i % 2], name);
        lookups_keep(&lookups, name, &made);
        expect(name, &sections[i % 2], name);
    }
    for (unsigned i = 0; i < 10 * LOOKUPS; i++) {
        struct policy_match found;
        snprintf(name, sizeof name, "host-%03u.example.test", i);
        if (lookups_find(&lookups, name, &found)) {
            known++;
            cr_expect_str_eq(found.host, name);
            cr_expect_eq(found.section, &sections[i % 2]);
        }
    }
    cr_expect(known > LOOKUPS / 2 && known <= LOOKUPS, "%u", known);
}

Test(lookups, of_any_length)
{
    char name[300];

    for (size_t length = 1; length < sizeof name; length++) {
        memset(name, 'a', length);
        name[length] = '\0';
        struct policy_match made = match(&sections[0], length < NAME_SIZE ? name : "");
        lookups_keep(&lookups, name, &made);
        if (length >= LOOKUP_MIN && length <= LOOKUP_MAX)
            expect(name, &sections[0], name);
        else
            expect_nothing(name);
    }
}
