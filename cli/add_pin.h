/* The pin that `pinshim add` is to add: where it comes from, and whether that is to be trusted. */
#ifndef PINSHIM_CLI_ADD_PIN_H
#define PINSHIM_CLI_ADD_PIN_H

#include "cli/arguments.h"
#include "cli/chain_source.h"
#include "cli/pin_about.h"
#include "config/config.h"

struct add_pin {
    char text[128]; /* as it shall stand in the config */
    bool backup;
    struct pin_about about;
    const struct cert *cert;    /* what it was made from; NULL: typed */
    struct chain_source source; /* owns that */
};

/* Do the options go together? What does not has been said. */
bool add_pin_arguments(const struct arguments *arguments);

/* Makes the pin; asks, for a server's. Returns STATUS_GOOD, or the status to exit with: why has
 * been said. Free with add_pin_free in either case. */
int add_pin_read(const char *domain, const struct arguments *arguments, const struct config *config,
                 struct add_pin *out);
void add_pin_free(struct add_pin *pin);

/* --trust: puts the CA at the end of the chain into the system's trust store, when told so. Returns
 * a status; what was done, or why not, has been said. */
int add_trust(const struct add_pin *pin, const struct arguments *arguments);

#endif
