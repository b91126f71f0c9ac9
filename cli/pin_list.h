/* The pins of a config, one by one, with what is known of each. */
#ifndef PINSHIM_CLI_PIN_LIST_H
#define PINSHIM_CLI_PIN_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/config_change.h"
#include "cli/pin_about.h"
#include "config/list.h"

enum pin_status { PIN_VALID, PIN_EXPIRING, PIN_EXPIRED, PIN_UNKNOWN };

struct listed_pin {
    size_t number;    /* in the order of the files */
    uint32_t section; /* index into the policy's */
    char *written;    /* malloc'ed; as it stands in the config */
    char text[128];   /* the pin itself, as pin_format writes it */
    bool backup;
    struct pin pin;
    struct pin_about about; /* the certificate's, or what the comment says */
    int64_t expires;        /* Unix time of the first second after; 0: not known */
    const char *source;     /* "store", "file", "typed", or NULL: nothing but the digest is known */
    enum pin_status status;
};

/* Lists all pins as they stand in the files. `within`: how many seconds before its end a pin is
 * expiring. A pin with a certificate ends with that or with the section's `expires`, whichever is
 * first. One without is unknown for as long as no date that somebody wrote down says otherwise. On
 * failure false, and `why`. Free with pin_list_free in either case. */
bool pin_list_read(struct config_change *change, int64_t within, struct list *out, char *why,
                   size_t size);
void pin_list_free(struct list *pins);

const char *pin_status_name(enum pin_status status);

#endif
