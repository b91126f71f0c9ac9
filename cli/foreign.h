/* Pins as other systems write them down (docs/formats.md): read into sections, and sections written
 * out. What a format, or pinshim, cannot say is told and never dropped in silence. */
#ifndef PINSHIM_CLI_FOREIGN_H
#define PINSHIM_CLI_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "config/list.h"
#include "config/policy.h"

struct foreign_pin {
    char *text; /* malloc'ed; as a config writes it */
    bool backup;
};

/* One domain's. Strings are malloc'ed. */
struct foreign_section {
    char *domain;
    bool include_subdomains;
    enum mode mode;   /* MODE_UNSET: not said */
    char expires[16]; /* "YYYY-MM-DD"; "": never */
    struct list pins; /* struct foreign_pin */
    /* Out of a config: */
    unsigned sections; /* so many were made this one */
    bool ports;        /* it was for some ports alone */
    bool modes, days;  /* these differed */
};

struct foreign {
    struct list sections; /* struct foreign_section */
    struct list lost;     /* char *: sentences */
    size_t most;          /* so many sections are taken; 0: any number */
};

/* More at once than anybody has; what is quadratic in their number ends in seconds. */
#define FOREIGN_MOST 10000

/* A format. Both functions return false, with the reason in `why`, when it cannot be done. */
struct foreign_format {
    const char *name;
    bool one_domain; /* does not name its domain: one is given with the command */
    bool one_name;   /* a name stands there once, with all under it or without */
    bool adds_up;    /* the pins of all patterns that match a host count, not those of the best */
    unsigned says;   /* set of enum foreign_can: what it has words for */
    /* Reads `length` octets, NUL-terminated. `domain`: where one_domain. */
    bool (*read)(const char *text, size_t length, const char *domain, struct foreign *out,
                 char *why, size_t size);
    /* Writes what foreign_narrow has left. */
    bool (*write)(const struct foreign *foreign, bool json, FILE *out, char *why, size_t size);
};

enum foreign_can {
    CAN_SUBDOMAINS = 1, /* a name and everything under it */
    CAN_ONE_LABEL = 2,  /* *.name */
    CAN_ADDRESS = 4,    /* an address */
    CAN_EXPIRES = 8,
    CAN_AUDIT = 16, /* report, and refuse nothing */
    CAN_OFF = 32,   /* a name taken out of a wider section */
    CAN_MANY = 64,  /* several domains */
};

extern const struct foreign_format foreign_tyk, foreign_hpkp, foreign_android, foreign_trustkit,
    foreign_okhttp, foreign_curl;

/* The format of that name, --format's. NULL: there is none, or none was given, which has been said.
 */
const struct foreign_format *foreign_format_find(const char *name);

/* Adds a section for `length` octets of `domain`. NULL when memory is out, or there are too many.
 */
struct foreign_section *foreign_add(struct foreign *foreign, const char *domain, size_t length);

/* Adds a pin to a section that has it not yet. False when memory is out. */
bool foreign_add_pin(struct foreign_section *section, const char *text, bool backup);

/* The same for the base64 of a SHA-256, with or without a prefix as "sha256/", and for a text of
 * that kind that is none: that is told, and not added. */
bool foreign_add_digest(struct foreign *foreign, struct foreign_section *section, const char *text,
                        size_t length);

/* Tells what is lost. False when memory is out. */
bool foreign_tell(struct foreign *foreign, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Is it "YYYY-MM-DD", with perhaps a time behind it? Then the day goes into `out`. */
bool foreign_day(const char *text, char out[16]);

void foreign_free(struct foreign *foreign);

/* Frees what is in a section, and clears it. */
void foreign_free_section(struct foreign_section *section);

/* false, and that memory is out, or that there are too many domains. */
bool foreign_no_memory(char *why, size_t size);

#endif
