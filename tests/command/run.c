/* pinshim run: a program started so is protected, or it is not started. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "tests/command/pinshim.h"

static const char *config;

static void open_run(void)
{
    open_scratch();
    config = write_config("mode = audit\n");
}

TestSuite(run, .init = open_run, .fini = close_scratch);

#define RUN(...) PINSHIM("run", "-c", config, "--", __VA_ARGS__)

/* What a program that was reached says of itself: the shim is mapped. */
#define SEE_MAPS "grep -q libpinshim.so /proc/self/maps && echo protected"

Test(run, status_is_the_programs)
{
    expect_outcome(RUN("true"), 0, "", "");
    expect_outcome(RUN("sh", "-c", "exit 7"), 7, "", "");
    expect_outcome(RUN("sh", "-c", "exit 125"), 125, "", "");
    expect_outcome(RUN("sh", "-c", "exit 255"), 255, "", "");
    expect_outcome(RUN("sh", "-c", "echo out; echo err >&2"), 0, "out\n", "err\n");
}

Test(run, signal_is_the_programs)
{
    expect_outcome(RUN("sh", "-c", "kill -TERM $$"), 128 + 15, "", "");
    expect_outcome(RUN("sh", "-c", "kill -KILL $$"), 128 + 9, "", "");
}

/* exec, not fork: the process is the one that was started. */
Test(run, process_is_the_same)
{
    struct outcome outcome = RUN("sh", "-c", "echo $$");

    cr_expect_eq(atoi(outcome.out), outcome.pid, "%s", outcome.out);
    outcome_free(&outcome);
}

Test(run, is_protected)
{
    expect_outcome(RUN("sh", "-c", SEE_MAPS), 0, "protected", "");
    expect_outcome(RUN("cat", "/proc/self/maps"), 0, "/libpinshim.so", "");
}

Test(run, arguments)
{
    const char *words = "<two words>\n<>\n<$HOME>\n<-c>\n<a'b\"c>\n<*>\n";

    expect_outcome(RUN("printf", "<%s>\\n", "two words", "", "$HOME", "-c", "a'b\"c", "*"), 0,
                   words, "");
    /* The first word that is no option is the program, with or without "--". */
    expect_outcome(PINSHIM("run", "-c", config, "printf", "<%s>", "-m", "--help"), 0,
                   "<-m><--help>", "");
}

Test(run, standard_input)
{
    struct command command = {.input = "through\n"};

    pinshim_add(&command, "run", "-c", config, "--", "cat", NULL);
    expect_outcome(pinshim_run(command), 0, "through\n", "");
}

Test(run, preload_is_kept)
{
    struct command command = {0};
    char *shim = build_path("libpinshim.so");

    command_set(&command, "LD_PRELOAD=libdl.so.2:/old/libpinshim.so libpthread.so.0");
    pinshim_add(&command, "run", "-c", config, "--", "sh", "-c", "echo \"$LD_PRELOAD\"", NULL);
    struct outcome outcome = pinshim_run(command);
    cr_expect_str_eq(outcome.out, scratch_format(scratch, "%s:libdl.so.2:libpthread.so.0\n", shim));
    expect_outcome(outcome, 0, NULL, NULL);
    expect_outcome(RUN("sh", "-c", "echo \"$LD_PRELOAD\""), 0,
                   scratch_format(scratch, "%s\n", shim), "");
    free(shim);
}

#define SHOW "echo \"$PINSHIM_CONFIG|$PINSHIM_MODE|$PINSHIM_EVENTS\""

Test(run, environment)
{
    struct command command = {.directory = scratch_dir(scratch)};
    const char *dir = scratch_dir(scratch);

    pinshim_add(&command, "run", "-c", "pinshim.conf", "-m", "audit", "-e", "file:e.jsonl,stderr",
                "--", "sh", "-c", SHOW, NULL);
    expect_outcome(
        pinshim_run(command), 0,
        scratch_format(scratch, "%s/pinshim.conf|audit|file:%s/e.jsonl,stderr\n", dir, dir), NULL);
    expect_outcome(
        PINSHIM("run", "--config", config, "--mode", "off", "--events", "none", "sh", "-c", SHOW),
        0, scratch_format(scratch, "%s|off|none\n", config), "");
    expect_outcome(RUN("sh", "-c", SHOW), 0, scratch_format(scratch, "%s||\n", config), "");
}

Test(run, config_from_the_environment)
{
    struct command command = {.directory = scratch_dir(scratch)};

    command_set(&command, "PINSHIM_CONFIG=pinshim.conf");
    command_set(&command, "PINSHIM_MODE=audit");
    pinshim_add(&command, "run", "--", "sh", "-c", SHOW, NULL);
    expect_outcome(pinshim_run(command), 0,
                   scratch_format(scratch, "%s/pinshim.conf|audit|\n", scratch_dir(scratch)), "");
}

/* A config that is named and wrong is for the shim to judge: it fails closed. */
Test(run, config_missing)
{
    const char *missing = scratch_path(scratch, "missing.conf");

    expect_outcome(PINSHIM("run", "-c", missing, "--", "sh", "-c", "echo \"$PINSHIM_CONFIG\""), 0,
                   missing, NULL);
}

/* Without any config the shim would sleep. (There is a default one on a machine that uses it.) */
Test(run, no_config)
{
    struct outcome outcome = PINSHIM("run", "--", "echo", "started");
    bool has_default = access("/etc/pinshim/pinshim.conf", F_OK) == 0;

    if (has_default)
        expect_outcome(outcome, 0, "started", NULL);
    else
        expect_outcome(outcome, 125, "", "pinshim run: there is no config");
    expect_outcome(PINSHIM("run", "-m", "off", "--", "echo", "started"), 0, "started", "");
}

Test(run, wrong_usage)
{
    const char *try = "Try 'pinshim run --help'";

    expect_outcome(PINSHIM("run"), 125, "", try);
    expect_outcome(PINSHIM("run", "-c"), 125, "", try);
    expect_outcome(PINSHIM("run", "-c", "", "true"), 125, "", "is not empty");
    expect_outcome(PINSHIM("run", "-x", "true"), 125, "", "there is no option '-x'");
    expect_outcome(PINSHIM("run", "--frob", "true"), 125, "", "there is no option '--frob'");
    expect_outcome(PINSHIM("run", "-c", config, "-m", "strict", "true"), 125, "",
                   "there is no mode 'strict': it is off, audit or enforce");
    expect_outcome(PINSHIM("run", "-c", config, "-e", "bogus", "true"), 125, "",
                   "there is no such sink");
    expect_outcome(PINSHIM("run", "-c", config, "-e", "stderr,file:", "true"), 125, "",
                   "the path is missing");
}

Test(run, not_found)
{
    expect_outcome(RUN("no-such-program"), 127, "", "no-such-program: not found in PATH");
    expect_outcome(RUN("/no/such/program"), 127, "", "No such file or directory");
    expect_outcome(RUN(""), 127, "", "not found");
}

Test(run, not_executable)
{
    const char *plain = scratch_text(scratch, "plain", 0644, "#!/bin/sh\n");
    const char *noise = scratch_write(scratch, "noise", 0755, "\x01\0\x02\n", 4);
    const char *damaged = scratch_write(scratch, "damaged", 0755, "\177ELF", 4);

    expect_outcome(RUN(plain), 126, "", "Permission denied; it is no program");
    expect_outcome(RUN(scratch_dir(scratch)), 126, "", "directory");
    expect_outcome(RUN(noise), 126, "", "is neither an ELF program nor a script");
    expect_outcome(RUN(damaged), 126, "", "is a damaged ELF file");
}

/* An ELF program without a loader, which ends with status 42. */
static const char *write_static_program(void)
{
#if defined __x86_64__
    static const unsigned char code[] = "\xb8\x3c\0\0\0\xbf\x2a\0\0\0\x0f\x05";
#elif defined __aarch64__
    static const unsigned char code[] = "\x40\x05\x80\xd2\xa8\x0b\x80\xd2\x01\0\0\xd4";
#else
#    error "write exit(42) for this machine"
#endif
    struct {
        Elf64_Ehdr header;
        Elf64_Phdr segment;
        unsigned char code[sizeof code];
    } file = {0};
    int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

    cr_assert(self >= 0 && read(self, &file.header, sizeof file.header) == sizeof file.header);
    close(self);
    file.header.e_type = ET_EXEC;
    file.header.e_entry = 0x400000 + offsetof(__typeof__(file), code);
    file.header.e_phoff = offsetof(__typeof__(file), segment);
    file.header.e_phnum = 1;
    file.header.e_shoff = file.header.e_shnum = file.header.e_shstrndx = 0;
    file.segment = (Elf64_Phdr){.p_type = PT_LOAD,
                                .p_flags = PF_R | PF_X,
                                .p_vaddr = 0x400000,
                                .p_filesz = sizeof file,
                                .p_memsz = sizeof file,
                                .p_align = 0x1000};
    memcpy(file.code, code, sizeof code);
    return scratch_write(scratch, "static", 0755, &file, sizeof file);
}

Test(run, static_program)
{
    const char *path = write_static_program();
    const char *script = scratch_text(scratch, "script", 0755, "#!%s\n", path);
    struct command bare = {0};

    command_add(&bare, path, NULL);
    expect_outcome(command_run(&bare), 42, "", ""); /* it is a program */
    expect_outcome(RUN(path), 126, "", "is statically linked");
    expect_outcome(RUN(script), 126, "", "is statically linked");
}

/* A program that the loader would take no preloaded object into. */
Test(run, setuid_program)
{
    const char *path = "/bin/su";
    struct stat st;

    if (geteuid() == 0) { /* one that drops root's rights is as deaf as one that gives them */
        struct command copy = {0};
        path = scratch_path(scratch, "copy");
        command_add(&copy, "cp", "/bin/true", path, NULL);
        expect_outcome(command_run(&copy), 0, "", "");
        expect_outcome(RUN(path), 0, "", "");
        cr_assert(chown(path, 65534, 65534) == 0 && chmod(path, 04755) == 0);
    }
    cr_assert(stat(path, &st) == 0 && (st.st_mode & S_ISUID), "%s is not setuid", path);
    expect_outcome(RUN(path), 126, "", "is setuid");
    if (geteuid() != 0)
        return;
    cr_assert(chown(path, 0, 65534) == 0 && chmod(path, 02755) == 0);
    expect_outcome(RUN(path), 126, "", "is setgid");
}

Test(run, scripts)
{
    const char *sh = scratch_text(scratch, "sh script", 0755, "#!/bin/sh\n" SEE_MAPS "\n");
    const char *env = scratch_text(scratch, "env", 0755, "#!/usr/bin/env sh\n" SEE_MAPS "\n");
    const char *none = scratch_text(scratch, "none", 0755, SEE_MAPS "\n");
    const char *deep = scratch_text(scratch, "deep", 0755, "#! /bin/sh -e\n" SEE_MAPS "\n");

    expect_outcome(RUN(sh), 0, "protected", "");
    expect_outcome(RUN(env), 0, "protected", "");
    expect_outcome(RUN(none), 0, "protected", "");
    expect_outcome(RUN(deep), 0, "protected", "");
}

Test(run, scripts_that_cannot_be)
{
    const char *lost = scratch_text(scratch, "lost", 0755, "#!/no/such/interpreter\n");
    const char *clean = scratch_text(scratch, "clean", 0755, "#!/usr/bin/env -i\necho started\n");
    const char *unset =
        scratch_text(scratch, "unset", 0755, "#!/usr/bin/env -S -u LD_PRELOAD sh\necho started\n");
    const char *blank = scratch_text(scratch, "blank", 0755, "#! \necho started\n");
    const char *self = scratch_path(scratch, "self");

    scratch_text(scratch, "self", 0755, "#!%s\n", self);
    expect_outcome(RUN(lost), 126, "", "No such file or directory");
    expect_outcome(RUN(clean), 126, "", "which cannot be followed");
    expect_outcome(RUN(unset), 126, "", "which cannot be followed");
    expect_outcome(RUN(blank), 126, "", "names no interpreter");
    expect_outcome(RUN(self), 126, "", "too deep");
}

/* A relative path of the program and of the script's own directory. */
Test(run, relative_program)
{
    struct command command = {.directory = scratch_dir(scratch)};

    scratch_text(scratch, "here", 0755, "#!/bin/sh\n" SEE_MAPS "\n");
    pinshim_add(&command, "run", "-c", "pinshim.conf", "./here", NULL);
    expect_outcome(pinshim_run(command), 0, "protected", "");
}
