/* The options that commands share, in one table: each has one name, one meaning and one line of
 * help wherever it is accepted. */
#ifndef PINSHIM_CLI_ARGUMENTS_H
#define PINSHIM_CLI_ARGUMENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "config/list.h"

enum argument {
    ARG_CERT,
    ARG_PEM,
    ARG_FROM,
    ARG_STARTTLS,
    ARG_SERVERNAME,
    ARG_TIMEOUT,
    ARG_INSECURE_FIRST_USE,
    ARG_PIN,
    ARG_CN,
    ARG_EXPIRES,
    ARG_FINGERPRINT,
    ARG_POSITION,
    ARG_BACKUP,
    ARG_PORTS,
    ARG_INCLUDE_SUBDOMAINS,
    ARG_TRUST,
    ARG_TRUST_YES,
    ARG_DOMAIN,
    ARG_STATUS,
    ARG_WITHIN,
    ARG_SORT,
    ARG_PROGRAM,
    ARG_CHAIN,
    ARG_LIVE,
    ARG_NEXT,
    ARG_FORMAT,
    ARG_CHECK,
    ARG_HTML,
    ARG_MIN_CONNECTIONS,
    ARG_MIN_DAYS,
    ARG_CA,
    ARG_OUTPUT,
    ARG_YES,
    ARG_CONFIG,
    ARG_JSON,
    ARG_HELP,
    ARG_COUNT
};

#define ARG(name) (UINT64_C(1) << ARG_##name)

/* What a command accepts and says of itself. */
struct command_line {
    const char *usage;    /* behind "Usage: pinshim " */
    const char *about;    /* paragraphs, ending in a line break */
    uint64_t accepted;    /* set of ARG(); --help always */
    const char *examples; /* lines; NULL: none */
    const char *status;   /* behind "Exit status: " */
};

struct arguments {
    const char *value[ARG_COUNT]; /* NULL: not given; "" for those without a value */
    char **rest;                  /* what is no option … */
    int count;                    /* … and how much */
};

/* Reads them. Returns -1; or the status to exit with, when help was asked for or something is
 * wrong, which has been said. */
int arguments_read(const struct command_line *line, int argc, char **argv, struct arguments *out);

static inline bool given(const struct arguments *arguments, enum argument argument)
{
    return arguments->value[argument] != 0;
}

/* The config: -c, else $PINSHIM_CONFIG, else the default. */
const char *arguments_config(const struct arguments *arguments);

/* The same for a command that is given the config as FILE, too. NULL when it was named twice, or is
 * not all, which has been said. */
const char *arguments_config_file(const struct arguments *arguments);

/* Reads --ports into a list of uint16_t, none when it is not given. False when they are no ports,
 * which has been said. */
bool arguments_ports(const struct arguments *arguments, struct list *out);

/* A number of a kind, from `least` to `most`; `otherwise` when it was not given. False when it is
 * none, which has been said. */
bool arguments_number(const struct arguments *arguments, enum argument argument, unsigned least,
                      unsigned most, unsigned otherwise, unsigned *out);

#endif
