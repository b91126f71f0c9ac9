#include "tests/client/options.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options options = {
    .load = "plt",
    .road = "connect",
    .address = "127.0.0.1",
    .verify = "none",
    .cert_verify_when = "early",
    .info = "ssl",
    .times = "1",
    .twin_scope = "local",
    .libraries = "12",
};

static const struct {
    const char *name;
    const char **text; /* the option takes a value */
    bool *flag;
    const char *words; /* the values there are, each with a space behind; NULL: any */
} known[] = {
    {"--load", &options.load, NULL, NULL},
    {"--road", &options.road, NULL, NULL},
    {"--address", &options.address, NULL, NULL},
    {"--address2", &options.address2, NULL, NULL},
    {"--beside", &options.beside, NULL, NULL},
    {"--silent", NULL, &options.silent, NULL},
    {"--ask-for-tls", NULL, &options.ask_for_tls, NULL},
    {"--unseen", NULL, &options.unseen, NULL},
    {"--port", &options.port, NULL, NULL},
    {"--port2", &options.port2, NULL, NULL},
    {"--sni", &options.sni, NULL, NULL},
    {"--sni2", &options.sni2, NULL, NULL},
    {"--verify-host", &options.verify_host, NULL, NULL},
    {"--verify-ip", &options.verify_ip, NULL, NULL},
    {"--resolve", &options.resolve, NULL, NULL},
    {"--resolver", &options.resolver, NULL,
     "getaddrinfo thread gethostbyname gethostbyname_r gethostbyname2 gethostbyname2_r none "},
    {"--verify", &options.verify, NULL, "none peer "},
    {"--ca", &options.ca, NULL, NULL},
    {"--cert", &options.cert, NULL, NULL},
    {"--key", &options.key, NULL, NULL},
    {"--verify-callback", &options.verify_callback, NULL, "accept "},
    {"--purpose", &options.purpose, NULL, "any store "},
    {"--lenient", &options.lenient, NULL, "time past proxy critical "},
    {"--lenient-store", &options.lenient_store, NULL, "time past proxy critical "},
    {"--cert-verify-callback", &options.cert_verify_callback, NULL,
     "accept check switch later-accept later-refuse later-and-no "},
    {"--cert-verify-when", &options.cert_verify_when, NULL, "early late info "},
    {"--verify-switch", &options.verify_switch, NULL, "before during ctx-during info cert after "},
    {"--info", &options.info, NULL, "none ctx ctx-late ssl ssl-late both "},
    {"--tls", &options.tls, NULL, "1.0 1.1 1.2 1.3 dtls1.0 dtls1.2 "},
    {"--psk", &options.psk, NULL, NULL},
    {"--psk-beside-session", NULL, &options.psk_beside_session, NULL},
    {"--times", &options.times, NULL, NULL},
    {"--threads", &options.threads, NULL, NULL},
    {"--fork", &options.fork, NULL, "before after between threaded during "},
    {"--serve", &options.serve, NULL, "one two "},
    {"--peer-cert", &options.peer_cert, NULL, NULL},
    {"--peer-key", &options.peer_key, NULL, NULL},
    {"--session-in", &options.session_in, NULL, NULL},
    {"--session-out", &options.session_out, NULL, NULL},
    {"--life", &options.life, NULL, NULL},
    {"--life-file", &options.life_file, NULL, NULL},
    {"--life-number", &options.life_number, NULL, NULL},
    {"--twin", &options.twin, NULL, NULL},
    {"--twin-scope", &options.twin_scope, NULL, "local global deepbind "},
    {"--libraries", &options.libraries, NULL, NULL},
    {"--apart", &options.apart, NULL, NULL},
    {"--chroot", &options.chroot, NULL, NULL},
    {"--setuid", &options.setuid, NULL, NULL},
    {"--pause", NULL, &options.pause, NULL},
    {"--reload", NULL, &options.reload, NULL},
    {"--carry", &options.carry, NULL, "dup copy cache "},
    {"--libctx", &options.libctx, NULL, "before after around between "},
    {"--alone", NULL, &options.alone, NULL},
    {"--no-request", NULL, &options.no_request, NULL},
    {"--stale-errors", NULL, &options.stale_errors, NULL},
    {"--anonymous", NULL, &options.anonymous, NULL},
    {"--resume", NULL, &options.resume, NULL},
    {"--renegotiate", NULL, &options.renegotiate, NULL},
    {"--ignore-failure", NULL, &options.ignore_failure, NULL},
    {"--mem-functions", NULL, &options.mem_functions, NULL},
    {"--quick-timer", NULL, &options.quick_timer, NULL},
    {"--expect-key", &options.expect_key, NULL, NULL},
    {"--raw-key", NULL, &options.raw_key, NULL},
    {"--show-raw-key", NULL, &options.show_raw_key, NULL},
    {"--quic-too", NULL, &options.quic_too, NULL},
    {"--switch-ctx", NULL, &options.switch_ctx, NULL},
    {"--switch-ctx-between", NULL, &options.switch_ctx_between, NULL}, /* with --road clear */
    {"--set-session-first", NULL, &options.set_session_first, NULL},
    {"--look-first", NULL, &options.look_first, NULL},
    {"--crowd", NULL, &options.crowd, NULL}, /* more SSLs than anybody keeps places for */
    {"--pending-signals", NULL, &options.pending_signals, NULL},
};

void die(const char *format, ...)
{
    va_list args;

    fputs("tls-client: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(2);
}

bool option_is(const char *value, const char *word)
{
    return value && strcmp(value, word) == 0;
}

static bool is_one_of(const char *value, const char *words)
{
    size_t length = strlen(value);

    for (const char *word = words; *word; word += strcspn(word, " ") + 1)
        if (strcspn(word, " ") == length && strncmp(word, value, length) == 0)
            return true;
    return false;
}

void options_parse(int argc, char **argv)
{
    const size_t count = sizeof known / sizeof *known;

    for (int i = 1; i < argc; i++) {
        size_t k = 0;
        while (k < count && strcmp(argv[i], known[k].name) != 0)
            k++;
        if (k == count)
            die("%s: no such option", argv[i]);
        if (known[k].flag) {
            *known[k].flag = true;
            continue;
        }
        if (++i == argc)
            die("%s: needs a value", known[k].name);
        if (known[k].words && !is_one_of(argv[i], known[k].words))
            die("%s %s: one of %s", known[k].name, argv[i], known[k].words);
        *known[k].text = argv[i];
    }
    if (!options.port)
        die("--port is needed");
    if (!options.threads &&
        (options.alone || option_is(options.fork, "threaded") || option_is(options.fork, "during")))
        die("--threads is needed");
}
