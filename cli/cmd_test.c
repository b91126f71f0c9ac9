/* pinshim test: what the policy says of a chain, by the functions that the shim calls. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/judgement.h"
#include "cli/arguments.h"
#include "cli/chain_source.h"
#include "cli/cli.h"
#include "cli/config_fault.h"
#include "cli/host_port.h"
#include "cli/peer_chain.h"
#include "cli/starttls.h"
#include "config/config.h"
#include "config/program.h"
#include "config/verdict.h"

static const struct command_line line = {
    .usage = "test [OPTION...] [HOST[:PORT]] (--chain FILE | --live HOST[:PORT]) [--next FILE]",
    .about = "Says what the policy makes of a server that answers for HOST: with the\n"
             "certificates of a file, without connecting anywhere, or with those that a server\n"
             "sends now. The file holds the chain as the server sends it, the leaf first (PEM\n"
             "or DER, PKCS#7; \"-\" is standard input). Without PORT any port is meant; of a\n"
             "name's sections for different ports the strictest then answers, or among equals\n"
             "that for 443. A pinned CA counts where the chain verifies up to it, with the\n"
             "system's trust store at hand. --next asks the same of the chain that is planned:\n"
             "would a pin, or the backup pin, hold? --program says which program connects, for\n"
             "program sections: a base name or an absolute path, links followed.\n",
    .accepted = ARG(CHAIN) | ARG(LIVE) | ARG(NEXT) | ARG(STARTTLS) | ARG(SERVERNAME) |
                ARG(TIMEOUT) | ARG(PROGRAM) | ARG(CONFIG) | ARG(JSON),
    .examples = "  pinshim test api.example.com --chain chain.pem\n"
                "  pinshim test --live api.example.com --next renewed.pem\n"
                "  pinshim test api.example.com --live 192.0.2.7:8443\n",
    .status = "0 enforce would let the connection through (what unpinned or unnamed only\n"
              "audits too), 1 it would refuse it (one of two is enough), 2 wrong usage, or the\n"
              "config or a chain cannot be had.\n",
};

struct request {
    const char *config, *program;
    const struct arguments *arguments;
    char host[NAME_SIZE]; /* as written, without the port */
    struct peer peer;
};

static bool parse_peer(const char *text, struct request *request)
{
    struct peer *peer = &request->peer;
    struct host_port at;
    char why[WHY_SIZE];

    if (!host_port_parse(text, &at, why, sizeof(why))) {
        cli_usage_error("%s", why);
        return false;
    }
    memcpy(request->host, at.host, sizeof(at.host));
    peer->address = at.address;
    peer->port = at.port;
    if (at.address.bits == 0)
        peer->sni = request->host;
    return true;
}

/* The program section that the shim would find in a process of that program. */
static uint32_t scope_for(const struct policy *policy, const char *program)
{
    char *real = program[0] == '/' ? realpath(program, NULL) : NULL;
    const char *executable = real ? real : program, *slash = strrchr(executable, '/');
    uint32_t scope = program_scope(policy, executable, slash ? slash + 1 : executable);

    free(real);
    return scope;
}

/* Judges one chain, into the table or in words; *allowed: enforce would let it through. */
static bool judge(const struct request *request, const struct config *config, enum from from,
                  struct peer_chain *chain, struct table *table, bool *allowed)
{
    struct policy_view view = {.policy = config->policy, .override = MODE_UNSET};
    struct judgement found = {.from = from,
                              .host = request->host,
                              .port = request->peer.port,
                              .policy = config->policy,
                              .origins = config->origins};

    if (request->program)
        view.scope = scope_for(config->policy, request->program);
    policy_find(&view, &request->peer, &found.match);
    if (!peer_chain_judge(chain, request->config, &view, &found.match, judgement_host(&found),
                          time(NULL), &found.decision))
        return false;
    *allowed = judgement_enforced(&found) == ACTION_ALLOW;
    if (table)
        return judgement_row(table, &found);
    judgement_print(&found, chain);
    return true;
}

static bool read_chain(const struct request *request, enum from from, struct peer_chain *out,
                       char *why, size_t size)
{
    const struct arguments *arguments = request->arguments;
    const char *at = arguments->value[from == FROM_FILE     ? ARG_CHAIN
                                      : from == FROM_SERVER ? ARG_LIVE
                                                            : ARG_NEXT];
    struct arguments how = *arguments;
    struct chain_source source;
    bool good;

    if (from != FROM_SERVER)
        return peer_chain_read(at, out, why, size);
    if (!given(arguments, ARG_SERVERNAME) && request->peer.sni)
        how.value[ARG_SERVERNAME] = request->host;
    good = chain_source_live(at, &how, &source, why, size) &&
           peer_chain_take(&source.certs, at, out, why, size);
    chain_source_free(&source);
    return good;
}

static int test(const struct request *request, const struct config *config)
{
    static const enum argument arguments[] = {ARG_CHAIN, ARG_LIVE, ARG_NEXT};
    bool json = given(request->arguments, ARG_JSON), allowed = true, good = true;
    struct table *table = json ? judgement_table() : NULL;
    char why[WHY_SIZE];

    for (int from = FROM_FILE; good && from <= FROM_NEXT; from++) {
        struct peer_chain chain = {0};
        bool passes = true;

        if (!given(request->arguments, arguments[from]))
            continue;
        if (!read_chain(request, (enum from)from, &chain, why, sizeof(why))) {
            cli_error("%s", why);
            good = false;
        } else if ((json && !table) ||
                   !judge(request, config, (enum from)from, &chain, table, &passes)) {
            cli_error("out of memory");
            good = false;
        }
        allowed &= passes;
        peer_chain_free(&chain);
    }
    good = good && (!json || table_print(table));
    table_free(table);
    return !good ? STATUS_USAGE : allowed ? STATUS_GOOD : STATUS_NO;
}

/* The peer is the one named, else the server that is asked. */
static bool read_request(const struct arguments *arguments, struct request *request)
{
    const char *live = arguments->value[ARG_LIVE];
    const char *peer = arguments->count > 0 ? arguments->rest[0] : live;
    bool chain = given(arguments, ARG_CHAIN);

    *request = (struct request){.config = arguments_config(arguments),
                                .arguments = arguments,
                                .program = arguments->value[ARG_PROGRAM]};
    request->peer.likely_port = 443;
    if (arguments->count > 1 || !peer || (!chain && !live && !given(arguments, ARG_NEXT))) {
        cli_usage_error(
            "name one HOST[:PORT], and --chain FILE, --live HOST[:PORT] or --next FILE");
        return false;
    }
    if (chain && live) {
        cli_usage_error("--chain and --live exclude each other");
        return false;
    }
    if (!parse_peer(peer, request))
        return false;
    if (peer == live && request->peer.port == 0) {
        const char *protocol = arguments->value[ARG_STARTTLS];

        request->peer.port = protocol ? starttls_port(protocol) : 443;
    }
    return true;
}

int cmd_test(int argc, char **argv)
{
    struct config config = {0};
    struct config_error error = {0};
    struct arguments arguments;
    struct request request;
    int status = arguments_read(&line, argc, argv, &arguments);

    if (status >= 0)
        return status;
    if (!read_request(&arguments, &request))
        return STATUS_USAGE;
    if (config_load(request.config, geteuid(), &config, &error)) {
        status = test(&request, &config);
    } else {
        config_fault_print(&error);
        status = STATUS_USAGE; /* there is no answer: neither yes nor no */
    }
    config_free(&config);
    return status;
}
