/* The dates of the certificates that pins were read from. */
#include "cli/cert_chain.h"
#include "cli/cert_text.h"
#include "cli/certs.h"
#include "cli/check.h"
#include "cli/cli.h"
#include "config/sources.h"

/* Says what there is to say of a certificate whose key is pinned. */
static void check_dates(const struct config *config, const struct config_pin_file *pin,
                        const char *path, X509 *x509, time_t now, struct findings *findings)
{
    const struct policy_section *section = policy_section(config->policy, pin->section);
    const struct config_origin at = {config->origins[pin->section].file, pin->line};
    const char *domain = policy_string(config->policy, section->title);
    bool ca = chain_position(x509) != POSITION_LEAF;
    time_t soon = now + WARN_BEFORE;
    char end[CERT_TIME_SIZE];

    if (X509_cmp_time(X509_get0_notAfter(x509), &soon) >= 0)
        return;
    cert_not_after(x509, end);
    if (cert_expired(x509))
        findings_add(findings, &at, domain,
                     "the certificate in %s expired at %s%s; name the one that has replaced it, "
                     "and keep the old key pinned until no server has it",
                     path, end, ca ? ", and nothing that it signed verifies" : "");
    else
        findings_add(findings, &at, domain,
                     "the certificate in %s expires at %s; pin the key of the next one beside it "
                     "before",
                     path, end);
}

void check_certificates(const struct config *config, time_t now, struct findings *findings)
{
    const struct config_pin_file *pin = config->pin_files.items;
    const struct source *sources = config->sources.items;

    for (size_t i = 0; i < config->pin_files.count; i++) {
        const char *path = sources[pin[i].source].path;
        char why[WHY_SIZE];
        struct certs certs;

        if (!check_has_pins(policy_section(config->policy, pin[i].section)))
            continue;
        /* It held one key or certificate a moment ago; what has none now has no date either. */
        if (certs_read(path, &certs, why, sizeof(why)))
            for (size_t k = 0; k < certs.count; k++)
                if (certs.items[k].x509)
                    check_dates(config, &pin[i], path, certs.items[k].x509, now, findings);
        certs_free(&certs);
    }
}
