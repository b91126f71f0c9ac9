/* Two libssl in one process: the one that api_load found, and a copy under another soname. */
#ifndef PINSHIM_TESTS_CLIENT_TWIN_H
#define PINSHIM_TESTS_CLIENT_TWIN_H

/* Makes a connection for each figure of --libraries: 1 through the first libssl, 2 through the
 * second, opened by --twin-scope from the directory --twin (tests/support/twin.h) when it is first
 * needed, and x closes it. Each has a context of its own and, with --resume, its own session. One
 * after the other; with --threads all at once, each with a context of its own. */
void twin_run(void);

#endif
