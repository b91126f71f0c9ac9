/* Changes leave what a person wrote as it is: texts before and after. */
#include <string.h>

#include <criterion/criterion.h>

#include "tests/command/desk.h"

TestSuite(change_text, .init = open_desk, .fini = close_desk, .timeout = 120);

#define A "\"" PIN_A "\""
#define E "\"" PIN_E "\""
#define I "\"" PIN_I "\""

struct change {
    const char *before;
    const char *after; /* NULL: the file is gone */
};

/* PIN_I is added to pins. */
static const struct change additions[] = {
    {"domain \"a.test\" {\n  pins = {" A "}\n}\n",
     "domain \"a.test\" {\n  pins = {" A ",\n      " I "\n  }\n}\n"},
    {"domain \"a.test\" { pins = {" A "} } # end\n",
     "domain \"a.test\" { pins = {" A ",\n    " I "\n} } # end\n"},
    {"# top\ndomain a.test {\n    pins = {\n        # why, is in the ticket\n        " A ", # one\n"
     "        " E " # two, too\n        # last\n    } # tail\n}\n",
     "# top\ndomain a.test {\n    pins = {\n        # why, is in the ticket\n        " A ", # one\n"
     "        " E ", # two, too\n        # last\n        " I "\n    } # tail\n}\n"},
    {"domain 'a.test' {\n    pins = " A "\n}\n",
     "domain 'a.test' {\n    pins = {" A ",\n        " I "\n    }\n}\n"},
    {"domain \"a.test\" {\n    backup_pins = {" E "}\n    owner = \"x } domain { y\" // z }\n}\n",
     "domain \"a.test\" {\n    backup_pins = {" E "}\n    owner = \"x } domain { y\" // z }\n"
     "    pins = {\n        " I "\n    }\n}\n"},
    {"/* domain \"a.test\" { pins = {" E "} } */\ndomain \"b.test\" { pins = {" A "} }\n"
     "domain \"a.test\" { mode = off }\n",
     "/* domain \"a.test\" { pins = {" E "} } */\ndomain \"b.test\" { pins = {" A "} }\n"
     "domain \"a.test\" { mode = off \n    pins = {\n        " I "\n    }\n}\n"},
    {"domain \"A.test.\" {\r\n\tpins = {\r\n\t\t" A "\r\n\t}\r\n}\r\n",
     "domain \"A.test.\" {\r\n\tpins = {\r\n\t\t" A ",\r\n\t\t" I "\r\n\t}\r\n}\r\n"},
    {"domain \"a.test\" {\n  pins = {" A " /* one, two */}\n}",
     "domain \"a.test\" {\n  pins = {" A ", /* one, two */\n      " I "\n  }\n}"},
};

/* PIN_A is taken out. */
static const struct change removals[] = {
    {"domain \"a.test\" { pins = {" A ", " E "} }\n", "domain \"a.test\" { pins = {" E "} }\n"},
    {"domain \"a.test\" { pins = {" E ", " A "} }\n", "domain \"a.test\" { pins = {" E " } }\n"},
    {"domain \"a.test\" {\n  pins = {\n    # of all\n    " A ", # one, of A\n    " E
     " # two\n  }\n}\n",
     "domain \"a.test\" {\n  pins = {\n    # of all\n    " E " # two\n  }\n}\n"},
    {"domain \"a.test\" {\n  pins = {\n    " E ", # two, that stays\n    " A " # one\n  }\n}\n",
     "domain \"a.test\" {\n  pins = {\n    " E " # two, that stays\n  }\n}\n"},
    {"domain \"a.test\" {\n  pins = {\n      " A "\n    , " E "\n  }\n}\n",
     "domain \"a.test\" {\n  pins = {\n     " E "\n  }\n}\n"},
    {"domain \"a.test\" {\n  pins = {\n    # kept, for it has a line\n    " A "\n  }\n"
     "  backup_pins = {" A ", " E "} # b\n}\n",
     "domain \"a.test\" {\n    # kept, for it has a line\n  backup_pins = {" E "} # b\n}\n"},
    {"domain \"a.test\" {\n  pins = " A "\n  backup_pins = {" E "}\n}\n",
     "domain \"a.test\" {\n  backup_pins = {" E "}\n}\n"},
    {"# mine\ndomain \"a.test\" { pins = {" A "} } # gone too\n\ndomain \"b.test\" { pins = {" E
     "} }\n",
     "# mine\n\ndomain \"b.test\" { pins = {" E "} }\n"},
    {"# mine\ndomain \"a.test\" { pins = {" A "} }\n", "# mine\n"},
    {"domain \"a.test\" { pins = {" A "} }\n", NULL},
    {"domain \"a.test\" { pins = {" A "} backup_pins = {" A "} }\n", NULL},
    {"program \"p\" {\n  domain \"b.test\" { pins = {" A "} }\n}\n"
     "domain \"a.test\" { pins = {" A "} }\n",
     "program \"p\" {\n  domain \"b.test\" { pins = {" A "} }\n}\n"},
};

static void check(const struct change *change, size_t i, struct outcome outcome)
{
    cr_expect_eq(outcome.status, 0, "%zu: %s%s", i, outcome.out, outcome.err);
    outcome_free(&outcome);
    cr_expect_str_eq(read_pins("x.conf"), change->after ? change->after : "", "%zu: %s", i,
                     read_pins("x.conf"));
    expect_outcome(PINSHIM("check", desk_config), 0, NULL, NULL);
}

Test(change_text, add)
{
    for (size_t i = 0; i < sizeof additions / sizeof *additions; i++) {
        write_pins("x.conf", additions[i].before);
        check(&additions[i], i, DESK("add", "a.test", "--pin", PIN_I));
    }
}

Test(change_text, remove)
{
    for (size_t i = 0; i < sizeof removals / sizeof *removals; i++) {
        write_pins("x.conf", removals[i].before);
        check(&removals[i], i, DESK("remove", "a.test", PIN_A));
    }
}

/* What is put in comes out again, and leaves nothing behind. */
Test(change_text, there_and_back)
{
    static const char before[] =
        "domain \"a.test\" {\n    pins = {\n        " E " # mine\n    }\n\n    # the end\n}\n";

    write_pins("x.conf", before);
    expect_outcome(DESK("add", "a.test", "--pin", PIN_I, "--cn", "x, y} # z"), 0, "added", NULL);
    expect_outcome(DESK("add", "a.test", "--pin", PIN_A, "--backup"), 0, "added", NULL);
    expect_outcome(DESK("remove", "a.test", PIN_I), 0, "removed 1 pin", "");
    expect_outcome(DESK("remove", "a.test", PIN_A), 0, "removed 1 pin", "");
    cr_expect_str_eq(read_pins("x.conf"), before, "%s", read_pins("x.conf"));
}
