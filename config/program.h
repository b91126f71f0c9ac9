/* Which `program` section a process falls under. */
#ifndef PINSHIM_CONFIG_PROGRAM_H
#define PINSHIM_CONFIG_PROGRAM_H

#include "config/policy.h"

/* The section for the program `executable`, an absolute path without links in it, called `name`:
 * one that names the path, else one that names a link to it (/usr/bin/python3), else one that has
 * the name. Returns the scope's index, 0 when none matches. Looks at the file system. */
uint32_t program_scope(const struct policy *policy, const char *executable, const char *name);

#endif
