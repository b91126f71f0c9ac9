/* One client (tests/client) before one recording server, bare and protected.
 *
 * A trip says how both are run. What all tests of this suite ask: is the protected client's view
 * of the world the bare one's, to the last flag; and where it was refused, is there nothing in the
 * server's record that should not be. */
#ifndef PINSHIM_TESTS_HANDSHAKE_SCENE_H
#define PINSHIM_TESTS_HANDSHAKE_SCENE_H

#include <stdbool.h>

#include <criterion/criterion.h>
#include <jansson.h>

#include "tests/support/background.h"
#include "tests/support/events.h"
#include "tests/support/pki.h"
#include "tests/support/process.h"
#include "tests/support/protect.h"
#include "tests/support/recorder.h"

#define HOST "api.example.test" /* in every certificate; nothing resolves it */

/* A client that does all a good client does, and one that verifies nothing. Both present a
 * certificate when they are asked. */
#define CLIENT_CERT " --cert {cert} --key {key} "
#define VERIFYING "--sni " HOST " --verify-host " HOST " --verify peer --ca {ca}" CLIENT_CERT
#define CARELESS "--sni " HOST " --verify none" CLIENT_CERT

/* What a test works with; a fresh one for each. */
struct scene {
    struct scratch *scratch;
    struct pki pki;
    struct protection protection;
    unsigned ports[2]; /* of the servers of the trip that is under way */
};
extern struct scene scene;

void scene_open(void);
void scene_close(void);

/* How to run both sides. Words are separated by blanks; {ca} {cert} {key} {dir} {port2} stand for
 * the CA file, the client's chain and key, the test's directory, the second server's port. */
struct trip {
    const char *client;              /* options of tls-client, but for --port */
    const char *load;                /* how it finds libssl; NULL: linked */
    const char *server;              /* options of tls-server beside the certificate */
    const struct identity *identity; /* the server's; NULL: none */
    const struct identity *second; /* of a second server, with the same options; NULL: no second */
    const char *program;           /* $PINSHIM_PROGRAM; NULL: not set */
    int status;                    /* that the client ends with */
    const char *directory, *user;  /* to run the client in and as, as in struct command */
    const char *shell; /* a shell runs it before the client, in the same process; NULL: none */
    void (*policy)(unsigned port);  /* writes it, when it depends on the server's port */
    const char *const *environment; /* more of the client's, as for scene_run_in; NULL: none */
};

/* What came of it. Free with result_free. */
struct result {
    struct outcome outcome;
    json_t *reports; /* the client's, one a connection */
    json_t *records; /* the server's, one a connection; then the second server's */
    json_t *events;
    unsigned port; /* of the first server */
};

/* Writes the policy, from a format. */
#define scene_policy(...) protection_write(&scene.protection, scene.scratch, __VA_ARGS__)

/* A policy that pins this for HOST, and no mode. */
void scene_pin(const char *pin);

/* `text` with its {words} replaced. The scratch directory's. */
char *scene_expand(const char *text);

/* Runs the trip under `mode`; NULL: bare. */
struct result scene_run(struct trip trip, const char *mode);

/* The same with the shim preloaded by hand, in this environment (NAME=VALUE, the last one NULL).
 * With a LD_PRELOAD as the first of them, that is what is preloaded. */
struct result scene_run_in(struct trip trip, const char *const *environment);
void result_free(struct result *result);

/* The parts of a run: starts the trip's servers, one or two; adds the client to a command. */
void scene_servers(struct trip trip, struct recorder recorders[2]);
void scene_client(struct trip trip, const struct recorder recorders[2], struct command *command);

/* The last connection's report, and a field of it by its path ("handshake.return"). */
const json_t *result_report(const struct result *result);
long result_number(const struct result *result, const char *path);

/* The last connection worked: it was answered. */
void expect_works(const struct result *result);

/* The two saw and did the same: reports, output, exit status, and what the server recorded. */
void expect_same(const struct result *bare, const struct result *protected);

/* The last connection was refused as contract.md section 3 says, and no server got application
 * data, nor a client certificate. */
void expect_refused(const struct result *result);

/* The same, but for what is said on standard error. */
void expect_refused_quietly(const struct result *result);

/* The same of what the servers recorded alone, for connection `from` and those after it. */
void expect_nothing_sent(const struct result *result, size_t from);

/* Refused because the policy cannot be read. */
void expect_closed(const struct result *result);

/* The last handshake's event. */
const json_t *expect_verdict(const struct result *result, const char *verdict, const char *reason,
                             const char *action, const char *would);

/* Runs bare and under `mode`; both worked and are the same; the event says this. */
void expect_invisible(struct trip trip, const char *mode, const char *verdict, const char *reason,
                      const char *would);

/* The trip of a client that verifies, or one that does not, both with a certificate of their own,
 * to a server that asks for it. */
struct trip scene_trip(const struct identity *identity, bool verifying);

/* Unchanged under enforce, and this pin matched there. */
void expect_pass(struct trip trip, const char *reason, const char *pin, const char *position);

/* Works bare; refused under enforce, for `reason`. */
void expect_refusal(struct trip trip, const char *reason);

#endif
