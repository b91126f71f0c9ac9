/* What is known of a pin beside its digest, as the comment behind it:
 *
 *     "sha256/…" # position=leaf expires=2027-06-30 fingerprint=9c56… cn=api.example.com
 *
 * There it moves with the pin when a person edits the file, and needs no second file. It is what
 * somebody said; a certificate in the store says more and is believed first. */
#ifndef PINSHIM_CLI_PIN_ABOUT_H
#define PINSHIM_CLI_PIN_ABOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/pin.h"

struct pin_about {
    char position[16];                     /* "leaf", "intermediate", "root"; "": not known */
    char expires[16];                      /* "YYYY-MM-DD"; "": not known */
    char fingerprint[2 * DIGEST_SIZE + 1]; /* of the certificate, lower-case hex; "": not known */
    char cn[256];                          /* cut when longer; "": not known */
};

/* Writes the comment, without its mark. False, and "", when there is nothing to say. */
#define PIN_ABOUT_SIZE 512
bool pin_about_format(const struct pin_about *about, char out[PIN_ABOUT_SIZE]);

/* Unix time of the first second after about->expires, a day in UTC; 0: not known. */
int64_t pin_about_end(const struct pin_about *about);

/* Reads a comment; what is not of that form is passed over. `comment` NULL: nothing is known. */
void pin_about_parse(const char *comment, struct pin_about *out);

#endif
