/* pinshim remove and edit: what is taken out, and what an editor hands back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/command/desk.h"

#define TWO                                                                                        \
    "domain \"a.test\" { pins = {\"" PIN_A "\"} ports = {443} }\n"                                 \
    "domain \"a.test\" { pins = {\"" PIN_E "\"} ports = {25} }\n"

TestSuite(edit, .init = open_desk, .fini = close_desk, .timeout = 120);

Test(edit, remove_chooses)
{
    write_pins("x.conf", TWO);
    expect_outcome(DESK("remove", "a.test"), 1, "", "there are 2 sections for domain \"a.test\"");
    expect_outcome(DESK("remove", "a.test", "--ports", "80"), 1, "", "there is no section");
    expect_outcome(DESK("remove", "a.test", "--ports", "70000"), 2, "",
                   "--ports 70000: write numbers from 1 to 65535");
    expect_outcome(DESK("remove", "b.test"), 1, "", "'pinshim list' tells which");
    expect_outcome(DESK("remove", "a.test", PIN_E, "--ports", "443"), 1, "", "has no pin " PIN_E);
    expect_outcome(DESK("remove", "a.test", "nonsense", "--ports", "443"), 1, "", "has no pin");
    cr_expect_str_eq(read_pins("x.conf"), TWO);
    expect_outcome(DESK("remove", "a.test", "--ports", "25"), 0, "removed 1 pin",
                   "the section is gone");
    cr_expect_null(strstr(read_pins("x.conf"), PIN_E));
    expect_outcome(PINSHIM("remove"), 2, "", "name one DOMAIN");
}

Test(edit, remove_in_a_program)
{
    write_pins("x.conf", "program \"p\" { domain \"a.test\" { pins = {\"" PIN_A "\"} } }\n"
                         "domain \"a.test\" { pins = {\"" PIN_E "\"} }\n");
    expect_outcome(DESK("remove", "a.test", "--program", "p"), 0, "removed 1 pin", NULL);
    cr_expect_null(strstr(read_pins("x.conf"), PIN_A));
    expect_outcome(PINSHIM("check", desk_config), 0, "1 section, 1 pin", NULL);
}

/* However the pin was written: by file, by store, as a hash with two slashes. */
Test(edit, remove_by_digest)
{
    write_pins("x.conf", scratch_format(scratch,
                                        "domain \"a.test\" { pins = {\"file:%s\"} "
                                        "backup_pins = {\"" PIN_E "\"} }\n",
                                        pki.genuine.leaf_file));
    expect_outcome(DESK("remove", "a.test", pki.genuine.pin), 0, "removed 1 pin", "");
    cr_expect_null(strstr(read_pins("x.conf"), "file:"));
    cr_expect(strstr(read_pins("x.conf"), PIN_E));
}

/* A section that is off takes its name out of a wider one, with its pins or without. */
Test(edit, remove_from_what_is_off)
{
    write_pins("x.conf", "domain \"**.test\" { pins = {\"" PIN_E "\"} }\n"
                         "domain \"a.test\" {\n    mode = off\n    pins = {\"" PIN_A "\"}\n"
                         "    backup_pins = {\"" PIN_I "\"}\n}\n");
    expect_outcome(DESK("remove", "a.test", PIN_A), 0, "removed 1 pin", "");
    expect_outcome(DESK("remove", "a.test", PIN_I), 0, "removed 1 pin", "the section stays");
    cr_expect(strstr(read_pins("x.conf"), "domain \"a.test\" {\n    mode = off\n}\n"), "%s",
              read_pins("x.conf"));
    expect_outcome(PINSHIM("test", "-c", desk_config, "a.test", "--chain", pki.genuine.chain_file),
                   0, NULL, NULL);
    expect_outcome(DESK("remove", "a.test", PIN_I), 1, "", "has no pin");
    expect_outcome(DESK("remove", "a.test"), 0, "removed 0 pins", "the section is gone");
}

/* Runs `pinshim edit a.test` with that editor; at a terminal where `answers` are typed. */
static struct outcome edit(const char *editor, const char *answers)
{
    struct command command = {.input = answers};
    char *pinshim = build_path("pinshim");
    const char *line = scratch_format(scratch, "'%s' edit a.test -c '%s'", pinshim, desk_config);

    free(pinshim);
    command_set(&command, scratch_format(scratch, "EDITOR=%s", editor));
    command_set(&command, scratch_format(scratch, "TMPDIR=%s", scratch_dir(scratch)));
    if (answers)
        command_add(&command, "script", "-qec", line, "/dev/null", NULL);
    else
        command_add(&command, "sh", "-c", line, NULL);
    return command_run(&command);
}

#define ONE "# mine\ndomain \"a.test\" { pins = {\"" PIN_A "\"} }\n"

Test(edit, lands)
{
    write_pins("x.conf", ONE);
    expect_outcome(edit("sed -i s/mine/yours/", NULL), 0, "changed ", "");
    cr_expect(strstr(read_pins("x.conf"), "# yours\ndomain"));
    expect_outcome(edit("true", NULL), 0, "is as it was", "");
    expect_outcome(edit("false", NULL), 2, "", "set VISUAL or EDITOR; nothing has changed");
    expect_outcome(edit("rm", NULL), 2, "", "cannot be read");
    expect_outcome(DESK("edit", "b.test"), 1, "", "there is no section");
}

/* What is wrong does not land; nobody is there to be asked. */
Test(edit, wrong)
{
    static const char before[] =
        "# mine\ndomain \"a.test\" {\n    mode = audit pins = {\"" PIN_A "\"}\n}\n";
    static const struct {
        const char *editor, *says;
    } edits[] = {
        {"sed -i s/sha256/sha257/", "x.conf:3: pins \"sha257/"},
        {"truncate -s 30", "x.conf:2: the file ends inside this section"},
        {"sed -i s/mode/mood/", "x.conf:3: "},
        {"sed -i /pins/d", "has no pins"},
        {"truncate -s 0", "there is nothing left in it"},
    };

    write_pins("x.conf", before);
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        expect_outcome(edit(edits[i].editor, NULL), 1, "", edits[i].says);
        cr_expect_str_eq(read_pins("x.conf"), before, "%s", edits[i].editor);
    }
}

Test(edit, again_or_discard)
{
    const char *editor = scratch_text(scratch, "ed", 0755,
                                      "#!/bin/sh\nif grep -q sha257 \"$1\"; then sed -i "
                                      "'s/sha257/sha256/; s/mine/third/' \"$1\"; else sed -i "
                                      "s/sha256/sha257/ \"$1\"; fi\n");
    struct command list = {.directory = scratch_dir(scratch)};

    write_pins("x.conf", ONE);
    expect_outcome(edit(editor, "d\n"), 1, "(e)dit again, or (d)iscard?", NULL);
    cr_expect_str_eq(read_pins("x.conf"), ONE);
    expect_outcome(edit(editor, "x\ne\n"), 0, "changed ", NULL);
    cr_expect(strstr(read_pins("x.conf"), "# third"));
    command_add(&list, "sh", "-c", "ls -d pinshim.?????? 2>/dev/null", NULL);
    expect_outcome(command_run(&list), 2, "", NULL);
}
