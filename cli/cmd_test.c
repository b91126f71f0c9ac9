/* pinshim test: what the policy says of a chain, by the functions that the shim calls. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/peer_chain.h"
#include "cli/table.h"
#include "config/config.h"
#include "config/program.h"
#include "config/verdict.h"

static const char help[] =
    "Usage: pinshim test [-c CONFIG] [--program NAME] [--json] HOST[:PORT] --chain FILE\n"
    "\n"
    "Says what the policy makes of a server that answers for HOST with the\n"
    "certificates of FILE, without connecting anywhere. The file holds the chain as\n"
    "the server sends it, the leaf first (PEM or DER, PKCS#7; \"-\" is standard\n"
    "input). Without PORT any port is meant; of a name's sections for different\n"
    "ports the strictest then answers, or among equals that for 443. A pinned CA\n"
    "counts where the chain verifies up to it, with the system's trust store at\n"
    "hand.\n"
    "\n"
    "  --chain FILE        the chain\n"
    "  -c, --config FILE   the config (else $PINSHIM_CONFIG, else\n"
    "                      " DEFAULT_CONFIG ")\n"
    "  --program NAME      the program that connects, for program sections: a base\n"
    "                      name or an absolute path, links followed\n"
    "  --json              the decision as JSON\n"
    "  --help              this text\n"
    "\n"
    "Exit status: 0 enforce would let the connection through, 1 it would refuse it,\n"
    "2 wrong usage, or the config or the chain cannot be used.\n";

struct request {
    const char *config, *chain, *program;
    char host[NAME_SIZE + 2]; /* as written, without the port */
    struct peer peer;
    bool json;
};

/* What goes into the answer. */
struct finding {
    const struct policy *policy;
    const struct config_origin *origins;
    struct policy_match match;
    struct decision decision;
};

static bool parse_port(const char *text, uint16_t *port)
{
    unsigned long number;

    if (strlen(text) > 5 || !*text || text[strspn(text, "0123456789")] != '\0')
        return false;
    number = strtoul(text, NULL, 10);
    if (number == 0 || number > UINT16_MAX)
        return false;
    *port = (uint16_t)number;
    return true;
}

/* HOST, HOST:PORT, an address, ADDRESS:PORT for IPv4, [ADDRESS]:PORT for IPv6. */
static bool parse_peer(const char *text, struct request *request)
{
    struct peer *peer = &request->peer;
    const char *colon = strrchr(text, ':');
    size_t length = strlen(text);
    char name[NAME_SIZE];

    if (address_parse(text, &peer->address))
        colon = NULL; /* IPv6: its own colons */
    if (colon && !parse_port(colon + 1, &peer->port)) {
        cli_usage_error("'%s' is no port: a number from 1 to 65535", colon + 1);
        return false;
    }
    if (colon)
        length = (size_t)(colon - text);
    if (length < sizeof(request->host)) {
        memcpy(request->host, text, length);
        request->host[length] = '\0';
        if (address_parse(request->host, &peer->address))
            return true;
        if (name_normalise(request->host, length, name)) {
            peer->sni = request->host;
            return true;
        }
    }
    cli_usage_error("'%.*s' is no name that a server can have", (int)length, text);
    return false;
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

static bool print_json(const struct request *request, const struct finding *answer)
{
    static const struct table_column columns[] = {
        {"host", TABLE_TEXT, TABLE_BOTH},         {"port", TABLE_NUMBER, TABLE_BOTH},
        {"domain", TABLE_TEXT, TABLE_BOTH},       {"file", TABLE_TEXT, TABLE_BOTH},
        {"line", TABLE_NUMBER, TABLE_BOTH},       {"mode", TABLE_TEXT, TABLE_BOTH},
        {"verdict", TABLE_TEXT, TABLE_BOTH},      {"reason", TABLE_TEXT, TABLE_BOTH},
        {"action", TABLE_TEXT, TABLE_BOTH},       {"would", TABLE_TEXT, TABLE_BOTH},
        {"pin", TABLE_TEXT, TABLE_BOTH},          {"pin_role", TABLE_TEXT, TABLE_BOTH},
        {"pin_position", TABLE_TEXT, TABLE_BOTH}, {"policy", TABLE_TEXT, TABLE_BOTH},
    };
    struct table *table =
        table_new("decisions", true, columns, sizeof(columns) / sizeof(columns[0]));
    const struct policy_section *section = answer->match.section;
    const struct decision *d = &answer->decision;
    char port[8], line[16], pin[PIN_TEXT_SIZE], id[17];
    bool good;

    snprintf(port, sizeof(port), "%u", request->peer.port);
    if (section)
        snprintf(line, sizeof(line), "%u", origin(answer)->line);
    policy_id(answer->policy, id);
    good = table &&
           table_row(table,
                     (const char *const[]){
                         host(request, answer), request->peer.port ? port : NULL,
                         section ? policy_string(answer->policy, section->title) : NULL,
                         section ? origin(answer)->file : NULL, section ? line : NULL,
                         mode_name(d->mode), verdict_name(d->verdict), reason_name(d->reason),
                         action_name(d->action), action_name(d->would), pin_text(answer, pin),
                         d->pin ? (d->backup ? "backup" : "pin") : NULL,
                         d->pin ? position_name(d->position) : NULL, id}) &&
           table_print(table);
    table_free(table);
    return good;
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
    printf("\n  %-9s ", "section");
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
           d->would == ACTION_ALLOW ? "lets it through" : "refuses the connection");
}

static bool print(const struct request *request, const struct finding *answer,
                  const struct peer_chain *chain)
{
    if (request->json)
        return print_json(request, answer);
    print_text(request, answer, chain);
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

static int answer(const struct request *request, const struct config *config,
                  struct peer_chain *chain)
{
    struct policy_view view = {.policy = config->policy, .override = MODE_UNSET};
    struct finding found = {.policy = config->policy, .origins = config->origins};

    if (request->program)
        view.scope = scope_for(config->policy, request->program);
    policy_find(&view, &request->peer, &found.match);
    if (!peer_chain_judge(chain, request->config, &view, &found.match, host(request, &found),
                          time(NULL), &found.decision) ||
        !print(request, &found, chain)) {
        cli_error("out of memory");
        return STATUS_USAGE;
    }
    return found.decision.would == ACTION_ALLOW ? STATUS_GOOD : STATUS_NO;
}

static int test(const struct request *request)
{
    struct config config = {0};
    struct config_error error = {0};
    struct peer_chain chain = {0};
    char why[sizeof(error.file) + sizeof(error.text) + 32];
    int status = STATUS_USAGE;

    if (!config_load(request->config, geteuid(), &config, &error)) {
        config_error_format(&error, why, sizeof(why));
        cli_error("%s", why);
    } else if (!peer_chain_read(request->chain, &chain, why, sizeof(why))) {
        cli_error("%s", why);
    } else {
        status = answer(request, &config, &chain);
    }
    peer_chain_free(&chain);
    config_free(&config);
    return status;
}

int cmd_test(int argc, char **argv)
{
    static const struct option longs[] = {
        {"config", required_argument, NULL, 'c'},  {"chain", required_argument, NULL, 'f'},
        {"program", required_argument, NULL, 'p'}, {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},          {0}};
    struct request request = {.config = cli_environment("PINSHIM_CONFIG")};
    int option;

    while ((option = cli_option(argc, argv, ":c:h", longs)) != -1) {
        if (option == 'h')
            return cli_help(help);
        if (option == '?')
            return STATUS_USAGE;
        if (option == 'j')
            request.json = true;
        else
            *(option == 'c'   ? &request.config
              : option == 'f' ? &request.chain
                              : &request.program) = optarg;
    }
    if (argc - optind != 1 || !request.chain) {
        cli_usage_error("name one HOST[:PORT], and --chain FILE");
        return STATUS_USAGE;
    }
    if (!request.config)
        request.config = DEFAULT_CONFIG;
    request.peer.likely_port = 443;
    return parse_peer(argv[optind], &request) ? test(&request) : STATUS_USAGE;
}
