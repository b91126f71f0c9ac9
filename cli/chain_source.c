#include "cli/chain_source.h"

#include <stdio.h>
#include <string.h>

#include "cli/cert_chain.h"
#include "cli/starttls.h"

/* The store's part: what completes the chain, and whether it verifies. */
static bool look_up(struct chain_source *out, char *why, size_t size)
{
    out->store = system_store();
    while (out->count < out->certs.count && out->certs.items[out->count].x509)
        out->count++;
    if (!out->store ||
        (out->count == out->certs.count && !chain_complete(&out->certs, out->store))) {
        snprintf(why, size, "there is not enough memory");
        return false;
    }
    while (out->count < out->certs.count && out->certs.items[out->count].x509)
        out->count++;
    if (out->count > 0)
        out->verified =
            chain_verifies(&out->certs, out->store, out->live ? live_name(&out->server) : NULL,
                           out->reason, sizeof(out->reason));
    return true;
}

bool chain_source_file(const char *path, struct chain_source *out, char *why, size_t size)
{
    *out = (struct chain_source){.live = false};
    if (!certs_read(path, &out->certs, why, size))
        return false;
    if (!chain_order(&out->certs)) {
        snprintf(why, size, "there is not enough memory");
        return false;
    }
    return look_up(out, why, size);
}

bool chain_source_live(const char *text, const struct arguments *arguments,
                       struct chain_source *out, char *why, size_t size)
{
    *out = (struct chain_source){.live = true};
    out->server.starttls = arguments->value[ARG_STARTTLS];
    out->server.servername = arguments->value[ARG_SERVERNAME];
    arguments_number(arguments, ARG_TIMEOUT, 1, 3600, LIVE_TIMEOUT, &out->server.timeout);
    if (!host_port_parse(text, &out->server.at, why, size) ||
        !live_chain(&out->server, &out->certs, why, size))
        return false;
    if (!chain_order_sent(&out->certs)) {
        snprintf(why, size, "there is not enough memory");
        return false;
    }
    return look_up(out, why, size);
}

static bool is_alone(const struct chain_source *source)
{
    return !source->live && source->count == 1 && source->certs.count == 1;
}

enum position chain_source_position(const struct chain_source *source, size_t i)
{
    X509 *x509 = source->certs.items[i].x509;

    if (source->live && i == 0)
        return POSITION_LEAF;
    return is_alone(source) ? chain_position_alone(x509, source->store) : chain_position(x509);
}

bool chain_source_is_either(const struct chain_source *source)
{
    return is_alone(source) && chain_is_either(source->certs.items[0].x509);
}

void chain_source_free(struct chain_source *source)
{
    certs_free(&source->certs);
    X509_STORE_free(source->store);
    source->store = NULL;
}
