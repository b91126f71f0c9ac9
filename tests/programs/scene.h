/* One unmodified program before a genuine and a mis-issued certificate, with and without pinshim.
 *
 * Each program is a row: how to run it, what it says of a peer, how it fails. A row makes three
 * tests, and each runs the program bare as well:
 *   right_pin          under enforce with the leaf's pin: nothing changes
 *   mis_issued_enforce the program accepts the certificate, pinshim does not, and the server gets
 *                      neither a client certificate nor an octet of application data
 *   mis_issued_audit   nothing changes but the event */
#ifndef PINSHIM_TESTS_PROGRAMS_SCENE_H
#define PINSHIM_TESTS_PROGRAMS_SCENE_H

#include <stdbool.h>

#include <criterion/criterion.h>

#include "tests/support/background.h"
#include "tests/support/pki.h"
#include "tests/support/process.h"
#include "tests/support/protect.h"
#include "tests/support/recorder.h"

#define SCENE_ARGUMENTS 32

/* What a test works with; a fresh one for each. */
struct scene {
    struct scratch *scratch;
    struct pki pki;
    struct protection protection;
    unsigned port; /* of the server in play */
};

struct program {
    /* The command line. {port} {ca} {cert} {key} {dir} stand for the server's port, the CA file,
     * the client certificate with its chain, its key, and the test's directory. */
    const char *argv[SCENE_ARGUMENTS];
    const char *input;        /* its standard input */
    const char *config;       /* written to {dir}/program.conf, the words expanded; NULL: none */
    const char *name;         /* `program` in its events; NULL: what the symlink argv[0] leads to */
    const char *host;         /* the name that decides, and the title of the section */
    const char *host_source;  /* how that name is known */
    const char *verification; /* `program_verification`; NULL: the program leaves it open */
    const char *output;       /* what it writes when all is well */
    const char *complaint;    /* what it says itself of a refusal */
    int refused_status;       /* its exit status then */
    unsigned attempts;        /* handshakes it tries then; 0: one */
    bool hangs_up;            /* ... and closes without sending OpenSSL's alert */
    bool hides_address;       /* its connect does not come to the shim, nor does OpenSSL know it */
    bool has_client_cert;     /* it presents one when asked */
    bool is_daemon;           /* events come from its workers, its log is its standard error */
    const char *const *recorder; /* further options of the recording server; NULL: none */

    /* Makes the row right for the release of the program that is installed; NULL: it is. */
    void (*adapt)(struct program *row);
    /* Starts a real server with a certificate, sets scene->port; NULL: the recording server. */
    void (*serve)(struct scene *scene, const struct identity *identity);
    /* Runs the command to its end; NULL: command_run. */
    struct outcome (*run)(struct scene *scene, const struct command *command);
};

void scene_open(void);
void scene_close(void);
void scene_right_pin(const struct program *program);
void scene_mis_issued_enforce(const struct program *program);
void scene_mis_issued_audit(const struct program *program);

/* `text` with the {words} of struct program replaced. The scratch directory's. */
char *scene_expand(struct scene *scene, const char *text);

/* A row's three tests, in a suite whose fixtures are scene_open and scene_close. */
#define PROGRAM(suite, row, ...)                                                                   \
    static const struct program suite##_##row = {__VA_ARGS__};                                     \
    Test(suite, row##_right_pin)                                                                   \
    {                                                                                              \
        scene_right_pin(&suite##_##row);                                                           \
    }                                                                                              \
    Test(suite, row##_mis_issued_enforce)                                                          \
    {                                                                                              \
        scene_mis_issued_enforce(&suite##_##row);                                                  \
    }                                                                                              \
    Test(suite, row##_mis_issued_audit)                                                            \
    {                                                                                              \
        scene_mis_issued_audit(&suite##_##row);                                                    \
    }

#endif
