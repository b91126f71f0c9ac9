/* Signals by name, as `signal` in the config has them. A policy holds the place in our own list:
 * the kernel's numbers differ from one architecture to the next, and a policy's octets must not. */
#ifndef PINSHIM_CONFIG_SIGNAL_NAME_H
#define PINSHIM_CONFIG_SIGNAL_NAME_H

#include <stdbool.h>
#include <stdint.h>

/* Places are from 1 on; SIGNAL_UNSET is none. */
enum { SIGNAL_UNSET = 0, SIGNAL_DEFAULT = 1 /* TERM */ };

/* What a signal does to a process that does nothing about it (signal(7)). */
enum signal_effect { SIGNAL_ENDS, SIGNAL_STOPS, SIGNAL_DOES_NOTHING };

/* The place of a signal that POSIX or Linux names: "TERM" or "SIGTERM", in either case.
 * SIGNAL_UNSET when there is no such name. */
uint8_t signal_parse(const char *name);

/* How many places there are: the last one. */
uint8_t signal_last(void);

/* Of a place: the kernel's number, the name without SIG, what it does. */
int signal_number(uint8_t place);
const char *signal_name(uint8_t place);
enum signal_effect signal_effect(uint8_t place);

#endif
