/* A config with an include_dir, for the commands that change one. */
#ifndef PINSHIM_TESTS_COMMAND_DESK_H
#define PINSHIM_TESTS_COMMAND_DESK_H

#include "tests/command/pinshim.h"

#define PIN_A "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define PIN_E "sha256/EEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE="
#define PIN_I "sha256/IIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIIII="

extern struct pki pki;
extern const char *desk_config;

/* For a suite's .init and .fini: scratch, pki, pinshim.conf with include_dir = "pins.d". */
void open_desk(void);
void close_desk(void);

/* Writes pins.d/NAME. */
const char *write_pins(const char *name, const char *text);

/* What stands in pins.d/NAME; "" when there is none. */
const char *read_pins(const char *name);

/* pinshim ARGUMENT… -c CONFIG */
#define DESK(...) PINSHIM(__VA_ARGS__, "-c", desk_config)

#endif
