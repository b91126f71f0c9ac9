/* The opener of a page is nobody's child here: what a program that waits for children, and handles
 * SIGCHLD, sees of it. */
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/handshake/scene.h"

TestSuite(opener, .init = scene_open, .fini = scene_close);

#ifndef SYS_pidfd_open
#    define SYS_pidfd_open 434
#endif

/* Debian's own: the first python3 in PATH may have an OpenSSL of its own, linked in. */
#define PYTHON "/usr/bin/python3"

/* A program with one child of its own, which it collects by waiting for any; twice refused. */
#define PROGRAM                                                                                    \
    "import ctypes, os, signal, socket, ssl, sys\n"                                                \
    "signals = []\n"                                                                               \
    "signal.signal(signal.SIGCHLD, lambda *a: signals.append(1))\n"                                \
    "if sys.argv[2] == 'subreaper':\n"                                                             \
    "    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)\n"                                                \
    "def connect():\n"                                                                             \
    "    c = ssl._create_unverified_context()\n"                                                   \
    "    try:\n"                                                                                   \
    "        c.wrap_socket(socket.create_connection(('127.0.0.1', int(sys.argv[1]))),\n"           \
    "                      server_hostname='" HOST "')\n"                                          \
    "    except ssl.SSLError:\n"                                                                   \
    "        print('refused', flush=True)\n"                                                       \
    "def wait(name, call):\n"                                                                      \
    "    try:\n"                                                                                   \
    "        print(name, call())\n"                                                                \
    "    except ChildProcessError:\n"                                                              \
    "        print(name, 'no child')\n"                                                            \
    "connect()\n"                                                                                  \
    "sys.stdin.read(1)\n"                                                                          \
    "wait('wait', lambda: os.waitpid(-1, os.WNOHANG))\n"                                           \
    "wait('waitid', lambda: os.waitid(os.P_ALL, 0, os.WEXITED | os.WSTOPPED | os.WNOHANG))\n"      \
    "print('signals', len(signals))\n"                                                             \
    "print('children', open(f'/proc/self/task/{os.getpid()}/children').read())\n"                  \
    "child = os.posix_spawn('/bin/true', ['true'], {})\n"                                          \
    "connect()\n"                                                                                  \
    "print('own', os.wait()[0] == child)\n"                                                        \
    "wait('wait', os.wait)\n"                                                                      \
    "print('signals', len(signals))\n"

/* Waits for what is written there, and for the end of the process that wrote its number. */
static void wait_for_opener(int pipe_end)
{
    struct pollfd ready = {.fd = pipe_end, .events = POLLIN};
    char text[64] = "";
    int process;

    cr_assert_eq(poll(&ready, 1, DEADLINE * 1000), 1, "no opener");
    cr_assert_gt(read(pipe_end, text, sizeof text - 1), 0);
    process = (int)syscall(SYS_pidfd_open, atoi(text), 0);
    if (process < 0)
        return; /* it has ended */
    ready = (struct pollfd){.fd = process, .events = POLLIN};
    cr_assert_eq(poll(&ready, 1, DEADLINE * 1000), 1, "%s does not end", text);
    close(process);
}

/* What the program wrote; with `opens`, an opener was started and has ended meanwhile. */
static char *run_program(const char *kind, bool opens)
{
    const char *pipe = scratch_path(scene.scratch, "told");
    const char *const asks[] = {"--request-client-cert", NULL};
    struct command program = {0}, protected = {0};
    struct recorder recorder;
    struct background *running;
    char *output, *line;
    int pipe_end;

    cr_assert_eq(mkfifo(pipe, 0600), 0);
    pipe_end = open(pipe, O_RDWR | O_CLOEXEC);
    scene_policy("domain \"" HOST "\" {\n    pins = {\"%s\"}\n    on_failure = {redirect}\n"
                 "    redirect = \"https://status.test/\"\n}\n",
                 scene.pki.genuine.pin);
    recorder_start(&recorder, &scene.pki.mis_issued, asks);
    command_add(&program, PYTHON, "-I", "-c", PROGRAM,
                scratch_format(scene.scratch, "%u", recorder.port), kind, NULL);
    command_set(&program, scratch_format(scene.scratch, "PINSHIM_OPENER=%s",
                                         scratch_text(scene.scratch, "opener", 0755,
                                                      "#!/bin/sh\necho $$ >%s\n", pipe)));
    protect(&scene.protection, scene.scratch, "enforce", &program, &protected);
    running = background_start(&protected);
    line = background_wait_for(running, "refused");
    cr_assert(line, "the program ended");
    if (opens)
        wait_for_opener(pipe_end);
    background_tell(running, "\n");
    cr_assert_eq(background_stop(running, 0, &output), 0, "%s", output);
    json_decref(recorder_stop(&recorder));
    free(line);
    close(pipe_end);
    return output;
}

static void need_python(void)
{
    if (access(PYTHON, X_OK) != 0 || shim_is_inside())
        cr_skip_test("needs " PYTHON " and the preload");
}

#define SEEN "wait no child\nwaitid no child\nsignals 0\nchildren \n"

Test(opener, is_no_child_of_the_program)
{
    need_python();
    char *output = run_program("plain", true), *seen = strstr(output, SEEN);

    cr_assert(seen, "%s", output);
    seen = strstr(seen, "\nown True\nwait no child\nsignals 1\n");
    cr_assert(seen, "%s", output);
    free(output);
}

/* An orphan would be its child; then none is made, and that is said. */
Test(opener, is_not_started_by_who_adopts_orphans)
{
    need_python();
    char *output = run_program("subreaper", false);

    cr_assert(strstr(output, SEEN), "%s", output);
    cr_assert(strstr(output, "this process adopts orphans"), "%s", output);
    free(output);
}

Test(opener, is_not_started_by_the_first_process_of_a_container)
{
    struct trip trip = {.client = CARELESS,
                        .server = "--request-client-cert",
                        .identity = &scene.pki.mis_issued,
                        .shell = "exec unshare --pid --fork \"$@\""};

    if (geteuid() != 0)
        cr_skip_test("needs root");
    scene_policy(
        "unpinned = block\non_failure = {redirect}\nredirect = \"https://status.test/\"\n");
    struct result result = scene_run(trip, "enforce");
    expect_refused(&result);
    cr_assert(strstr(result.outcome.err, "this process adopts orphans"), "%s", result.outcome.err);
    result_free(&result);
}
