/* Programs with connections to two servers, kept open or at the same time, and sections that go by
 * address: each is judged as the one it is. curl and asyncio hand OpenSSL BIOs of their own. */
#include <string.h>

#include "tests/programs/scene.h"
#include "tests/support/events.h"

#define FIRST "127.0.0.1"
#define SECOND "127.0.0.2"

static struct scene own;
static struct recorder servers[2];

static void open_own(void)
{
    own.scratch = scratch_new();
    pki_make(&own.pki, own.scratch, PKI_P256);
}

static void close_own(void)
{
    background_kill_all();
    pki_free(&own.pki);
    scratch_free(own.scratch);
}

TestSuite(several, .init = open_own, .fini = close_own);

static void serve(unsigned which, const struct identity *identity)
{
    const char *const options[] = {"--address", which == 0 ? FIRST : SECOND,
                                   "--request-client-cert", NULL};

    recorder_start(&servers[which], identity, options);
}

/* Asks FIRST, then SECOND, or both at once. */
static struct outcome ask_both(const char *at_once)
{
    struct command curl = {0}, protected = {0};

    command_add(&curl, "curl", "-sS", "-k", "--cert", own.pki.client.chain_file, "--key",
                own.pki.client.key_file, at_once,
                scratch_format(own.scratch, "https://" FIRST ":%u/", servers[0].port),
                scratch_format(own.scratch, "https://" SECOND ":%u/", servers[1].port), NULL);
    protect(&own.protection, own.scratch, "enforce", &curl, &protected);
    return command_run(&protected);
}

static void expect_asked(unsigned which, bool asked)
{
    json_t *records = recorder_stop(&servers[which]);
    const json_t *only = json_array_get(records, 0);

    cr_assert_eq(json_array_size(records), 1);
    cr_expect_eq(field_number(only, "app_bytes") > 0, asked);
    cr_expect_eq(field_true(only, "client_cert"), asked);
    json_decref(records);
}

/* `pinned`: the address that has a section. */
static void pin(const char *pinned)
{
    protection_write(&own.protection, own.scratch, "domain \"%s\" { pins = {\"%s\"} }\n", pinned,
                     own.pki.genuine.pin);
}

static void run(const char *at_once, bool first, bool second)
{
    struct outcome outcome = ask_both(at_once);

    expect_asked(0, first);
    expect_asked(1, second);
    cr_expect_eq(strstr(outcome.err, "pinshim: blocked") == NULL, first && second, "%s",
                 outcome.err);
    outcome_free(&outcome);
}

#define SEVERAL(row, how)                                                                          \
    Test(several, second_is_pinned_##row)                                                          \
    {                                                                                              \
        pin(SECOND);                                                                               \
        serve(0, &own.pki.genuine);                                                                \
        serve(1, &own.pki.mis_issued);                                                             \
        run(how, true, false);                                                                     \
    }                                                                                              \
    Test(several, first_is_pinned_##row)                                                           \
    {                                                                                              \
        pin(FIRST);                                                                                \
        serve(0, &own.pki.genuine);                                                                \
        serve(1, &own.pki.mis_issued);                                                             \
        run(how, true, true);                                                                      \
    }                                                                                              \
    Test(several, both_are_pinned_##row)                                                           \
    {                                                                                              \
        pin("127.0.0.0/8");                                                                        \
        serve(0, &own.pki.mis_issued);                                                             \
        serve(1, &own.pki.genuine);                                                                \
        run(how, false, true);                                                                     \
    }

SEVERAL(kept_open, "--http1.1")
SEVERAL(at_once, "--parallel")

/* A first connection, that stays; then asyncio's to SECOND, which has no section and sends no name.
 * The path is Debian's own: the first python3 in PATH may have an OpenSSL of its own, linked in. */
#define PYTHON(row, first, pinned)                                                                 \
    Test(several, python_##row)                                                                    \
    {                                                                                              \
        pin(pinned);                                                                               \
        serve(0, &own.pki.genuine);                                                                \
        serve(1, &own.pki.mis_issued);                                                             \
        run_python(first);                                                                         \
    }

#define ASK(stream) stream ".write(b'GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n')\n"

static void run_python(const char *first)
{
    struct command python = {0}, protected = {0};
    struct outcome outcome;

    command_add(
        &python, "/usr/bin/python3", "-I", "-c",
        scratch_format(own.scratch,
                       "import asyncio, socket, ssl\n"
                       "c = ssl._create_unverified_context()\n"
                       "port = %u\n"
                       "async def ask(r, w):\n"
                       "    " ASK("w") "    return (await r.read(4096)).decode()\n"
                                       "async def main():\n"
                                       "%s"
                                       "    print(await ask(*await asyncio.open_connection('" SECOND
                                       "', %u, ssl=c)))\n"
                                       "asyncio.run(main())\n",
                       servers[0].port, first, servers[1].port),
        NULL);
    protect(&own.protection, own.scratch, "enforce", &python, &protected);
    outcome = command_run(&protected);
    cr_assert_eq(outcome.status, 0, "%s", outcome.err);
    cr_assert(strstr(outcome.out, "genuine"), "%s", outcome.out);
    outcome_free(&outcome);
}

PYTHON(beside_its_own_socket,
       "    s = c.wrap_socket(socket.create_connection(('" FIRST
       "', port)))\n    " ASK("s") "    s.read(4096)\n",
       FIRST)
PYTHON(beside_a_name,
       "    k = await asyncio.open_connection('localhost', port, ssl=c)\n"
       "    await ask(*k)\n",
       "localhost")
PYTHON(beside_a_datagram_socket,
       "    u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
       "    u.connect(('" FIRST "', port))\n",
       FIRST)
