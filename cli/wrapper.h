/* Shell scripts that end in starting another program. */
#ifndef PINSHIM_CLI_WRAPPER_H
#define PINSHIM_CLI_WRAPPER_H

/* The program that the script at `path` becomes, by its `exec` lines: a name or a path, malloc'ed.
 * Variables are followed where the script sets them once, to a text. NULL: it has no such line, or
 * several that differ, or nobody can tell without running it. */
char *wrapper_target(const char *path);

#endif
