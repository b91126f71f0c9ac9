/* pinshim test: what the policy says of a chain, by the functions that the shim calls. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/arguments.h"
#include "cli/chain_source.h"
#include "cli/cli.h"
#include "cli/config_fault.h"
#include "cli/host_port.h"
#include "cli/peer_chain.h"
#include "cli/starttls.h"
#include "cli/table.h"
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
    .status = "0 enforce would let the connection through, 1 it would refuse it (one of\n"
              "two is enough), 2 wrong usage, or the config or a chain cannot be had.\n",
};

struct request {
    const char *config, *program;
    const struct arguments *arguments;
    char host[NAME_SIZE]; /* as written, without the port */
    struct peer peer;
};

/* Where a chain comes from. */
enum from { FROM_FILE, FROM_SERVER, FROM_NEXT };

/* What goes into the answer. */
struct finding {
    enum from from;
    const struct policy *policy;
    const struct config_origin *origins;
    struct policy_match match;
    struct decision decision;
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

/* The name that decided, as in events; without one, what was asked for. */
static const char *host(const struct request *request, const struct finding *answer)
{
    return answer->match.host[0] ? answer->match.host : request->host;
}

/* Where the section that decided was written. */
static const struct config_origin *origin(const struct finding *answer)
{
    return &answer->origins[answer->match.section - policy_section(answer->policy, 0)];
}

static const char *pin_text(const struct finding *answer, char out[PIN_TEXT_SIZE])
{
    struct pin pin;

    if (!answer->decision.pin)
        return NULL;
    pin.kind = answer->decision.pin->kind;
    memcpy(pin.digest, answer->decision.pin->digest, DIGEST_SIZE);
    pin_format(&pin, out);
    return out;
}

static struct table *new_table(void)
{
    static const struct table_column columns[] = {
        {"chain", TABLE_TEXT, TABLE_BOTH},    {"host", TABLE_TEXT, TABLE_BOTH},
        {"port", TABLE_NUMBER, TABLE_BOTH},   {"domain", TABLE_TEXT, TABLE_BOTH},
        {"file", TABLE_TEXT, TABLE_BOTH},     {"line", TABLE_NUMBER, TABLE_BOTH},
        {"mode", TABLE_TEXT, TABLE_BOTH},     {"verdict", TABLE_TEXT, TABLE_BOTH},
        {"reason", TABLE_TEXT, TABLE_BOTH},   {"action", TABLE_TEXT, TABLE_BOTH},
        {"would", TABLE_TEXT, TABLE_BOTH},    {"pin", TABLE_TEXT, TABLE_BOTH},
        {"pin_role", TABLE_TEXT, TABLE_BOTH}, {"pin_position", TABLE_TEXT, TABLE_BOTH},
        {"policy", TABLE_TEXT, TABLE_BOTH},
    };

    return table_new("decisions", true, columns, sizeof(columns) / sizeof(columns[0]));
}

static bool add_row(struct table *table, const struct request *request,
                    const struct finding *answer)
{
    static const char *const chains[] = {"file", "live", "next"};
    const struct policy_section *section = answer->match.section;
    const struct decision *d = &answer->decision;
    char port[8], line_number[16], pin[PIN_TEXT_SIZE], id[17];

    snprintf(port, sizeof(port), "%u", request->peer.port);
    if (section)
        snprintf(line_number, sizeof(line_number), "%u", origin(answer)->line);
    policy_id(answer->policy, id);
    return table_row(
        table, (const char *const[]){
                   chains[answer->from], host(request, answer), request->peer.port ? port : NULL,
                   section ? policy_string(answer->policy, section->title) : NULL,
                   section ? origin(answer)->file : NULL, section ? line_number : NULL,
                   mode_name(d->mode), verdict_name(d->verdict), reason_name(d->reason),
                   action_name(d->action), action_name(d->would), pin_text(answer, pin),
                   d->pin ? (d->backup ? "backup" : "pin") : NULL,
                   d->pin ? position_name(d->position) : NULL, id});
}

/* What people compare when it does not match: what the peer has, and what it should have. */
static void print_pins(const struct finding *answer, const struct peer_chain *chain)
{
    const struct policy_section *section = answer->match.section;
    char text[PIN_TEXT_SIZE];
    struct pin pin = {.kind = PIN_SPKI};

    for (size_t i = 0; i < chain->sent.count; i++) {
        memcpy(pin.digest, chain->sent.digests[i].spki, DIGEST_SIZE);
        pin_format(&pin, text);
        cli_print(stdout, "  %-9s %s (%s, %s)", i == 0 ? "the peer" : "", text,
                  position_name(chain->sent.digests[i].position), chain->names[i]);
    }
    for (uint32_t i = 0; i < section->pins.count; i++) {
        const struct policy_pin *pinned = &policy_pins(answer->policy, section)[i];

        pin.kind = pinned->kind;
        memcpy(pin.digest, pinned->digest, DIGEST_SIZE);
        pin_format(&pin, text);
        printf("  %-9s %s%s\n", i == 0 ? "pinned" : "", text,
               i >= section->current ? " (backup)" : "");
    }
}

static void print_text(const struct request *request, const struct finding *answer,
                       const struct peer_chain *chain)
{
    const struct policy_section *section = answer->match.section;
    const struct decision *d = &answer->decision;
    char pin[PIN_TEXT_SIZE];

    printf("%s", host(request, answer));
    if (request->peer.port)
        printf(" port %u", request->peer.port);
    puts(answer->from == FROM_NEXT     ? ", the next chain"
         : answer->from == FROM_SERVER ? ", as it is now"
                                       : "");
    printf("  %-9s ", "section");
    if (section)
        cli_print(stdout, "domain \"%s\", line %u of %s, mode %s",
                  policy_string(answer->policy, section->title), origin(answer)->line,
                  origin(answer)->file, mode_name(d->mode));
    else
        printf("none, mode %s\n", mode_name(d->mode));
    printf("  %-9s %s\n", "verdict", verdict_name(d->verdict));
    printf("  %-9s %s (%s)\n", "reason", reason_name(d->reason), reason_words(d->reason));
    if (d->pin)
        printf("  %-9s %s (%s, at the %s)\n", "pin", pin_text(answer, pin),
               d->backup ? "backup" : "current", position_name(d->position));
    else if (section && d->verdict == VERDICT_FAIL)
        print_pins(answer, chain);
    printf("  %-9s %s\n", "enforce",
           d->would == ACTION_ALLOW       ? "lets it through"
           : d->would == ACTION_TERMINATE ? "refuses the connection, and ends the process"
                                          : "refuses the connection");
}

/* What to do about the next chain. */
static void print_advice(const struct finding *answer, const struct peer_chain *chain)
{
    const struct decision *d = &answer->decision;
    X509 *leaf = sk_X509_value(chain->stack, 0);

    if (d->verdict == VERDICT_PASS && d->pin)
        printf("  %-9s %s\n", "rotation",
               d->backup ? "the backup pin holds; make it the pin once the new chain is in place"
                         : "none is needed: a current pin holds");
    else if (d->verdict == VERDICT_PASS)
        printf("  %-9s no pin matches it: it passes by an inspection CA\n", "rotation");
    else if (d->verdict == VERDICT_FAIL)
        printf("  %-9s no pin holds: add it as a backup pin before the server changes\n",
               "rotation");
    if (X509_cmp_current_time(X509_get0_notBefore(leaf)) > 0)
        printf("  %-9s its certificate is not valid yet; a CA's pin counts only once it is\n",
               "dates");
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
static bool answer(const struct request *request, const struct config *config, enum from from,
                   struct peer_chain *chain, struct table *table, bool *allowed)
{
    struct policy_view view = {.policy = config->policy, .override = MODE_UNSET};
    struct finding found = {.from = from, .policy = config->policy, .origins = config->origins};

    if (request->program)
        view.scope = scope_for(config->policy, request->program);
    policy_find(&view, &request->peer, &found.match);
    if (!peer_chain_judge(chain, request->config, &view, &found.match, host(request, &found),
                          time(NULL), &found.decision))
        return false;
    *allowed = found.decision.would == ACTION_ALLOW;
    if (table)
        return add_row(table, request, &found);
    print_text(request, &found, chain);
    if (from == FROM_NEXT)
        print_advice(&found, chain);
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
    struct table *table = json ? new_table() : NULL;
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
                   !answer(request, config, (enum from)from, &chain, table, &passes)) {
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
