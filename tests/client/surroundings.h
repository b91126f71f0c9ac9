/* What a program can observe of its own process, written into the visit's report. */
#ifndef PINSHIM_TESTS_CLIENT_SURROUNDINGS_H
#define PINSHIM_TESTS_CLIENT_SURROUNDINGS_H

#include "tests/client/visit.h"

/* Descriptors, signals, threads, children, environment, directory, locale, dlerror, and the
 * statistics of the context. Not for a program of several threads, where some of it is chance. */
void observe_surroundings(struct visit *visit);

#endif
