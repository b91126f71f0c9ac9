/* What the sub-commands share: exit statuses, messages, options. */
#ifndef PINSHIM_CLI_CLI_H
#define PINSHIM_CLI_CLI_H

#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define PINSHIM_VERSION "0.1.0"
#define DEFAULT_CONFIG "/etc/pinshim/pinshim.conf"

/* Room for one reason, with its mend. */
#define WHY_SIZE 1024

enum {
    STATUS_GOOD = 0,
    STATUS_NO = 1,               /* the answer is no */
    STATUS_USAGE = 2,            /* wrong usage or unreadable input */
    STATUS_OWN_FAILURE = 125,    /* run: pinshim's own, wrong usage included */
    STATUS_CANNOT_EXECUTE = 126, /* run */
    STATUS_NOT_FOUND = 127,      /* run */
};

/* The sub-command that messages name; NULL: pinshim itself. */
void cli_set_command(const char *name);

/* One line, cut at 4 KiB; control characters in it, which a certificate or a file name may hold,
 * are made visible. */
void cli_print(FILE *stream, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same on stderr: "pinshim COMMAND: text". */
void cli_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same, and where to read about the usage. */
void cli_usage_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints a text as it is on stdout; so much of it. */
void cli_write(const char *text);
void cli_write_octets(const char *text, size_t length);

/* Puts out what was printed on stdout, before something goes to stderr or the command ends. */
void cli_flush(void);

/* Ends the output. False when some of it could not be written, which has been said. */
bool cli_end_output(void);

/* getopt_long with messages of ours. Returns the option, -1 at the end, '?' when it has
 * complained. */
int cli_option(int argc, char *const *argv, const char *shorts, const struct option *longs);

/* Prints a sub-command's help on stdout; returns STATUS_GOOD. */
int cli_help(const char *text);

/* The ending of a noun behind that number. */
static inline const char *plural(uint64_t number)
{
    return number == 1 ? "" : "s";
}

/* The value of an environment variable; empty counts as unset. */
const char *cli_environment(const char *name);

/* `path` from the root on, without looking at the file; malloc'ed. NULL and errno when there is
 * no current directory. */
char *cli_absolute(const char *path);

/* The sub-commands. argv[0] is the sub-command's name. */
int cmd_run(int argc, char **argv);
int cmd_pin(int argc, char **argv);
int cmd_show(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_compile(int argc, char **argv);
int cmd_test(int argc, char **argv);
int cmd_import(int argc, char **argv);
int cmd_refresh(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_script(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_add(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_remove(int argc, char **argv);
int cmd_edit(int argc, char **argv);
int cmd_store(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_learn(int argc, char **argv);

#endif
