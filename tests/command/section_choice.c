/* pinshim remove, edit and list: which of several sections is meant. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "tests/command/desk.h"
#include "tests/support/events.h"

TestSuite(section_choice, .init = open_desk, .fini = close_desk, .timeout = 120);

#define NARROW "a.test.conf"
#define WIDE "__.a.test.conf"

/* The two sections of a name that `add` makes: for itself, and for all under it. */
static void add_both(void)
{
    expect_outcome(DESK("add", "a.test", "--pin", PIN_A), 0, NARROW, NULL);
    expect_outcome(DESK("add", "a.test", "--pin", PIN_A, "--backup"), 0, NARROW, NULL);
    expect_outcome(DESK("add", "a.test", "--pin", PIN_E, "--include-subdomains"), 0, WIDE, NULL);
    expect_outcome(DESK("add", "**.a.test", "--pin", PIN_A, "--backup"), 0, WIDE, NULL);
}

/* An editor that leaves its mark, on a.test or another domain; where it is found. */
static void expect_edited(const char *domain, const char *file)
{
    struct command command = {0};

    command_set(&command, "EDITOR=sed -i 1i#here");
    pinshim_add(&command, "edit", domain, "-c", desk_config, NULL);
    expect_outcome(pinshim_run(command), 0, file, "");
    cr_expect(strstr(read_pins(file), "#here"), "%s: %s", file, read_pins(file));
}

/* What add has made can be named, and taken out. */
Test(section_choice, include_subdomains)
{
    add_both();
    expect_edited("**.A.test.", WIDE);
    expect_edited("a.test", NARROW);
    expect_outcome(DESK("remove", "*.a.test"), 1, "", "there is no section");
    expect_outcome(DESK("remove", "**.a.test", PIN_I), 1, "", "has no pin " PIN_I);
    expect_outcome(DESK("remove", "**.a.test"), 0, "removed 2 pins", NULL);
    cr_expect_null(strstr(read_pins(WIDE), "domain"), "%s", read_pins(WIDE));
    expect_outcome(DESK("remove", "**.a.test"), 1, "", "there is no section");
    expect_outcome(PINSHIM("check", desk_config), 0, "1 section, 2 pins", NULL);
}

/* A plain name is the section for it alone; left with the other, it is that. */
Test(section_choice, plain_name)
{
    add_both();
    expect_outcome(DESK("remove", "a.test"), 0, "pins.d/" NARROW, NULL);
    cr_expect_str_eq(read_pins(NARROW), "");
    cr_expect(strstr(read_pins(WIDE), PIN_E));
    expect_outcome(DESK("remove", "a.test"), 0, "pins.d/" WIDE, NULL);
    expect_outcome(PINSHIM("check", desk_config), 0, "0 sections", NULL);
}

/* Of several, the one that holds the pin. */
Test(section_choice, by_pin)
{
    add_both();
    expect_outcome(DESK("remove", "a.test", PIN_E), 0, "removed 1 pin of ", "");
    cr_expect_null(strstr(read_pins(WIDE), PIN_E));
    expect_outcome(DESK("remove", "a.test", PIN_I), 1, "", "has no pin " PIN_I);
    /* Both hold it: the plain name's own. */
    expect_outcome(DESK("remove", "a.test", PIN_A), 0, "removed 2 pins", "the section is gone");
    cr_expect_str_eq(read_pins(NARROW), "");
    cr_expect(strstr(read_pins(WIDE), PIN_A));
}

/* "**." as it stands is not the plain name; a pin may be written another way. */
Test(section_choice, literal_wildcard)
{
    write_pins("x.conf", scratch_format(scratch,
                                        "domain \"**.a.test\" { pins = {\"file:%s\"} }\n"
                                        "domain \"*.a.test\" { pins = {\"" PIN_E "\"} }\n",
                                        pki.genuine.leaf_file));
    expect_outcome(DESK("remove", "a.test"), 1, "", "there is no section");
    expect_outcome(DESK("remove", "**.a.test", pki.genuine.pin), 0, "removed 1 pin",
                   "the section is gone");
    expect_outcome(DESK("remove", "**.a.test"), 1, "", "there is no section");
    expect_outcome(DESK("remove", "*.a.test"), 0, "removed 1 pin", NULL);
    expect_outcome(PINSHIM("check", desk_config), 0, "0 sections", NULL);
}

#define PROGRAMS                                                                                   \
    "program \"p\" { domain \"a.test\" { pins = {\"" PIN_A "\"} } }\n"                             \
    "domain \"a.test\" { pins = {\"" PIN_E "\"} }\n"                                               \
    "program \"q\" {\n"                                                                            \
    "    domain \"a.test\" { pins = {\"" PIN_I "\"} ports = {443} }\n"                             \
    "    domain \"a.test\" { pins = {\"" PIN_I "\"} ports = {25, 587} }\n"                         \
    "}\n"

/* Without --program everybody's section is meant. */
Test(section_choice, program)
{
    write_pins("x.conf", PROGRAMS);
    expect_outcome(DESK("remove", "a.test"), 0, "removed 1 pin", NULL);
    cr_expect_null(strstr(read_pins("x.conf"), PIN_E));
    /* What is left is told apart by the words of the error. */
    expect_outcome(DESK("remove", "a.test"), 1, "",
                   "there are 3 sections for domain \"a.test\"; say which: --program ");
    expect_outcome(DESK("remove", "a.test"), 1, "", "--program q --ports 25,587");
    expect_outcome(DESK("remove", "a.test"), 1, "", "--program p");
    expect_outcome(DESK("remove", "a.test", "--program", "q"), 1, "", "there are 2 sections");
    expect_outcome(DESK("remove", "a.test", "--program", "q", "--ports", "587,25"), 0, "removed 1",
                   NULL);
    expect_outcome(DESK("remove", "a.test", PIN_A), 0, "removed 1 pin", NULL);
    expect_outcome(DESK("remove", "a.test"), 0, "removed 1 pin", NULL);
    cr_expect_null(strstr(read_pins("x.conf"), "domain"));
}

static const json_t *pin_of(const json_t *json, const char *pin)
{
    const json_t *pins = json_object_get(json, "pins");

    for (size_t i = 0; i < json_array_size(pins); i++)
        if (strcmp(field_string(json_array_get(pins, i), "pin"), pin) == 0)
            return json_array_get(pins, i);
    cr_assert_fail("%s is not listed", pin);
    return NULL;
}

static void expect_subdomains(const json_t *json, const char *pin, const char *domain, bool wide)
{
    const json_t *found = pin_of(json, pin);

    expect_string(found, "domain", domain);
    cr_expect(json_is_boolean(json_object_get(found, "include_subdomains")));
    cr_expect_eq(json_is_true(json_object_get(found, "include_subdomains")), wide, "%s", pin);
}

/* The table shows the words that remove takes; JSON the title, and what it stands for beside. */
Test(section_choice, listed)
{
    expect_outcome(DESK("add", "a.test", "--pin", PIN_A), 0, NULL, NULL);
    expect_outcome(DESK("add", "a.test", "--pin", PIN_E, "--include-subdomains"), 0, NULL, NULL);
    expect_outcome(DESK("add", "**.b.test", "--pin", PIN_I), 0, NULL, NULL);
    json_t *json = expect_json(DESK("list", "--json"), 0);
    expect_subdomains(json, PIN_A, "a.test", false);
    expect_subdomains(json, PIN_E, "a.test", true);
    expect_subdomains(json, PIN_I, "**.b.test", true);
    json_decref(json);
    expect_outcome(DESK("list"), 0, "\na.test ", "");
    expect_outcome(DESK("list"), 0, "\n**.a.test ", "");
    expect_outcome(DESK("list"), 0, "\n**.b.test ", "");
    expect_outcome(DESK("list", "--domain", "a.test"), 0, PIN_E, "");
    struct outcome outcome = DESK("list", "--domain", "[*][*].a.test");
    cr_expect_null(strstr(outcome.out, PIN_A), "%s", outcome.out);
    expect_outcome(outcome, 0, PIN_E, "");
}

/* Sections that are titled alike do not run into one another. */
Test(section_choice, listed_together)
{
    static const char *const order[] = {PIN_A, PIN_A, PIN_E, PIN_A};
    static const char *const roles[] = {"pin", "backup", "pin", "backup"};
    const json_t *pin;

    add_both();
    json_t *json = expect_json(DESK("list", "--json"), 0);
    for (size_t i = 0; i < 4; i++) {
        pin = json_array_get(json_object_get(json, "pins"), i);
        expect_string(pin, "pin", order[i]);
        expect_string(pin, "role", roles[i]);
    }
    json_decref(json);
}
