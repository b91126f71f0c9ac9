/* Will the shim see the TLS of a program, or of a process? What was found, and the answer. */
#ifndef PINSHIM_CLI_DOCTOR_H
#define PINSHIM_CLI_DOCTOR_H

#include <stdbool.h>
#include <sys/types.h>

#include "cli/tls_library.h"
#include "config/list.h"
#include "config/policy.h"

enum doctor_verdict {
    DOCTOR_SEEN,    /* its OpenSSL will be seen */
    DOCTOR_NOT,     /* it will not */
    DOCTOR_UNKNOWN, /* nobody can tell from outside */
};

/* What a process has of the shim. */
struct doctor_process {
    pid_t pid;
    char *shim;          /* the libpinshim.so that is mapped; NULL: none */
    bool preload_asked;  /* its environment has LD_PRELOAD with libpinshim.so */
    bool libssl_deleted; /* a library it uses is gone from the disk, or replaced */
    char *config;        /* the config it has, as far as its environment tells; NULL */
    char policy[17];     /* the policy's id; "": not known */
    bool policy_read;    /* it is that of the compiled form that is mapped; else computed */
    enum mode mode;      /* the strictest in that policy; MODE_UNSET: not known */
    char *policy_error;  /* why there is no policy to tell; NULL */
};

struct diagnosis {
    char *program;       /* as it was asked for */
    char *executable;    /* the ELF file that it comes down to; NULL: none was found */
    struct list steps;   /* char *: files on the way there: scripts, wrappers */
    struct list uses;    /* struct tls_use */
    struct list notes;   /* char *: what else is worth knowing, a sentence each */
    struct list objects; /* char *: files that were looked into */
    enum doctor_verdict verdict;
    char *reason;                   /* of the verdict; goes on from "PROGRAM: VERDICT: " */
    struct doctor_process *process; /* NULL: a program was asked for */
};

/* Examines the program `name`, found as execvp does. Returns 0, or STATUS_USAGE with the reason in
 * `why` when there is no such program, or memory is out. Free with diagnosis_free in either case.
 */
int doctor_program(const char *name, struct diagnosis *out, char *why, size_t size);

/* The same for a running process. */
int doctor_process(pid_t pid, struct diagnosis *out, char *why, size_t size);

void diagnosis_free(struct diagnosis *diagnosis);

/* Parts of the two. Each is false when memory is out. */

/* Adds a copy of `text` to a list of strings. */
bool diagnosis_add(struct list *strings, const char *text);
bool diagnosis_note(struct diagnosis *diagnosis, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
bool diagnosis_conclude(struct diagnosis *diagnosis, enum doctor_verdict verdict,
                        const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Looks for TLS in the file at `path`, shown as `shown`. `crypto`: see tls_library_find. */
bool diagnosis_look(struct diagnosis *diagnosis, const char *path, const char *shown,
                    const char *crypto);

/* "OpenSSL 3.0.19, GnuTLS 3.7.9": the libraries that the shim sees, or those that it does not;
 * malloc'ed. */
char *diagnosis_libraries(const struct diagnosis *diagnosis, bool seen);

#endif
