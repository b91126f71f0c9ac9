/* What `pinshim check` is expected to warn of. */
#ifndef PINSHIM_TESTS_COMMAND_FINDINGS_H
#define PINSHIM_TESTS_COMMAND_FINDINGS_H

#include <stddef.h>

/* Pins, and sections' bodies that nothing is wrong with. */
#define PIN_A "\"sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\""
#define PIN_E "\"sha256/EEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE=\""
#define PINS "pins = {" PIN_A "} backup_pins = {" PIN_E "}"

struct warning {
    const char *file;   /* NULL: the config */
    long line;          /* 0: the file as a whole, null in JSON */
    const char *domain; /* NULL: null in JSON */
    const char *says;   /* a part of the message */
};

/* Checks `config`, as JSON and as text, and fails the test unless it is good and exactly these
 * warnings are given, in this order. `variable` is NAME=VALUE for the environment, or NULL. */
void expect_warnings(const char *config, const char *variable, const struct warning *want,
                     size_t count);

/* A line of a config, and what is warned of it. */
struct line {
    const char *domain; /* a section with a pin and a backup pin; NULL: `more` is the whole line */
    const char *more;   /* what else stands in it; NULL: nothing */
    const char *says;   /* NULL: no warning */
};

/* Writes a config of these lines and expects their warnings. */
void expect_lines(const struct line *lines, size_t count);

#define LINES(lines) expect_lines(lines, sizeof(lines) / sizeof *(lines))

#define WARNINGS(config, ...) WARNINGS_IN(config, NULL, __VA_ARGS__)
#define WARNINGS_IN(config, variable, ...)                                                         \
    expect_warnings(config, variable, (const struct warning[]){__VA_ARGS__},                       \
                    sizeof((const struct warning[]){__VA_ARGS__}) / sizeof(struct warning))
#define NO_WARNINGS(config) expect_warnings(config, NULL, NULL, 0)

#endif
