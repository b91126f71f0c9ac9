/* Programs and libraries that get their TLS from a module, or from a program that they start. */
#ifndef PINSHIM_CLI_TLS_MODULES_H
#define PINSHIM_CLI_TLS_MODULES_H

#include <stdbool.h>

#include "config/list.h"

/* Adds to `modules` the paths (malloc'ed strings) of what the object at `path` (without links)
 * loads or starts for TLS, as far as it is installed: Python's _ssl, perl's Net::SSLeay, git's
 * git-remote-https … False when memory is out. */
bool tls_modules_find(const char *path, struct list *modules);

#endif
