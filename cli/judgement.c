#include "cli/judgement.h"

#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

const char *judgement_host(const struct judgement *judgement)
{
    return judgement->match.host[0] ? judgement->match.host : judgement->host;
}

enum action judgement_enforced(const struct judgement *judgement)
{
    const struct decision *d = &judgement->decision;

    return d->verdict == VERDICT_FAIL ? d->would : ACTION_ALLOW;
}

/* Where the section that decided was written. */
static const struct config_origin *origin(const struct judgement *judgement)
{
    return &judgement->origins[judgement->match.section - policy_section(judgement->policy, 0)];
}

static const char *pin_text(const struct judgement *judgement, char out[PIN_TEXT_SIZE])
{
    struct pin pin;

    if (!judgement->decision.pin)
        return NULL;
    pin.kind = judgement->decision.pin->kind;
    memcpy(pin.digest, judgement->decision.pin->digest, DIGEST_SIZE);
    pin_format(&pin, out);
    return out;
}

struct table *judgement_table(void)
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

bool judgement_row(struct table *table, const struct judgement *judgement)
{
    static const char *const chains[] = {"file", "live", "next"};
    const struct policy_section *section = judgement->match.section;
    const struct decision *d = &judgement->decision;
    char port[8], line_number[16], pin[PIN_TEXT_SIZE], id[17];

    snprintf(port, sizeof(port), "%u", judgement->port);
    if (section)
        snprintf(line_number, sizeof(line_number), "%u", origin(judgement)->line);
    policy_id(judgement->policy, id);
    return table_row(table,
                     (const char *const[]){
                         chains[judgement->from], judgement_host(judgement),
                         judgement->port ? port : NULL,
                         section ? policy_string(judgement->policy, section->title) : NULL,
                         section ? origin(judgement)->file : NULL, section ? line_number : NULL,
                         mode_name(d->mode), verdict_name(d->verdict), reason_name(d->reason),
                         action_name(d->action), action_name(d->would), pin_text(judgement, pin),
                         d->pin ? (d->backup ? "backup" : "pin") : NULL,
                         d->pin ? position_name(d->position) : NULL, id});
}

/* What people compare when it does not match: what the peer has, and what it should have. */
static void print_pins(const struct judgement *judgement, const struct peer_chain *chain)
{
    const struct policy_section *section = judgement->match.section;
    char text[PIN_TEXT_SIZE];
    struct pin pin = {.kind = PIN_SPKI};

    for (size_t i = 0; i < chain->sent.count; i++) {
        memcpy(pin.digest, chain->sent.digests[i].spki, DIGEST_SIZE);
        pin_format(&pin, text);
        cli_print(stdout, "  %-9s %s (%s, %s)", i == 0 ? "the peer" : "", text,
                  position_name(chain->sent.digests[i].position), chain->names[i]);
    }
    for (uint32_t i = 0; i < section->pins.count; i++) {
        const struct policy_pin *pinned = &policy_pins(judgement->policy, section)[i];

        pin.kind = pinned->kind;
        memcpy(pin.digest, pinned->digest, DIGEST_SIZE);
        pin_format(&pin, text);
        printf("  %-9s %s%s\n", i == 0 ? "pinned" : "", text,
               i >= section->current ? " (backup)" : "");
    }
}

static const char *enforced_words(const struct judgement *judgement)
{
    enum action enforced = judgement_enforced(judgement);

    if (enforced == ACTION_ALLOW)
        return judgement->decision.would == ACTION_ALLOW
                   ? "lets it through"
                   : "lets it through, and reports what block would do";
    return enforced == ACTION_TERMINATE ? "refuses the connection, and ends the process"
                                        : "refuses the connection";
}

static void print_judgement(const struct judgement *judgement, const struct peer_chain *chain)
{
    const struct policy_section *section = judgement->match.section;
    const struct decision *d = &judgement->decision;
    char pin[PIN_TEXT_SIZE];

    printf("%s", judgement_host(judgement));
    if (judgement->port)
        printf(" port %u", judgement->port);
    puts(judgement->from == FROM_NEXT     ? ", the next chain"
         : judgement->from == FROM_SERVER ? ", as it is now"
                                          : "");
    printf("  %-9s ", "section");
    if (section)
        cli_print(stdout, "domain \"%s\", line %u of %s, mode %s",
                  policy_string(judgement->policy, section->title), origin(judgement)->line,
                  origin(judgement)->file, mode_name(d->mode));
    else
        printf("none, mode %s\n", mode_name(d->mode));
    printf("  %-9s %s\n", "verdict", verdict_name(d->verdict));
    printf("  %-9s %s (%s)\n", "reason", reason_name(d->reason), reason_words(d->reason));
    if (d->pin)
        printf("  %-9s %s (%s, at the %s)\n", "pin", pin_text(judgement, pin),
               d->backup ? "backup" : "current", position_name(d->position));
    else if (section && d->verdict == VERDICT_FAIL)
        print_pins(judgement, chain);
    printf("  %-9s %s\n", "enforce", enforced_words(judgement));
}

/* What to do about the next chain. */
static void print_advice(const struct judgement *judgement, const struct peer_chain *chain)
{
    const struct decision *d = &judgement->decision;
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

void judgement_print(const struct judgement *judgement, const struct peer_chain *chain)
{
    print_judgement(judgement, chain);
    if (judgement->from == FROM_NEXT)
        print_advice(judgement, chain);
}
