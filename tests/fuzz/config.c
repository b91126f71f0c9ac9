/* A whole config, read as the shim and `pinshim check` read it. The input: the config, a line of
 * two percent signs, a file of its pins.d, another such line, a key file. What loads is a valid
 * policy, the same when it is read again, the same when it is compiled, and finds its sections;
 * what does not load is explained. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/check.h"
#include "config/config.h"
#include "config/image.h"
#include "tests/fuzz/support/certificates.h"
#include "tests/fuzz/support/fuzz.h"

#define CONFIG "policy.conf"

/* What configs may name. */
static void lay_out(void)
{
    const char *leaf = CERTIFICATES[CERTIFICATE_LEAF], *root = CERTIFICATES[CERTIFICATE_ROOT];

    fuzz_write("leaf.pem", leaf, strlen(leaf));
    fuzz_write("root.pem", root, strlen(root));
    /* Its name is the beginning of its key's SHA-256. */
    fuzz_write("store/aa56e71fdfb9a629fc718f051b5c08ab.pem", leaf, strlen(leaf));
}

static void write_part(struct fuzz_input *input, const char *name)
{
    size_t length;
    char *text = fuzz_text(input, "\n%%\n", &length);

    fuzz_write(name, text, length);
    free(text);
}

static unsigned lines_of(const struct fuzz_input *input)
{
    unsigned lines = 1;

    for (const uint8_t *at = input->at; at < input->end; at++)
        lines += *at == '\n';
    return lines;
}

static void expect_explained(const struct config *config, const struct config_error *error,
                             unsigned lines)
{
    char text[sizeof error->file + sizeof error->text + 32];

    HOLDS(config->policy == NULL && config->origins == NULL);
    HOLDS(error->text[0] != '\0' && strlen(error->text) < sizeof error->text);
    HOLDS(error->file[0] == '/');
    HOLDS(error->line <= lines);
    config_error_format(error, text, sizeof text);
    for (const char *c = text; *c != '\0'; c++)
        HOLDS((unsigned char)*c >= ' ' && *c != 0x7f);
}

/* Reads it again: the same octets. */
static void expect_same(const struct config *config)
{
    struct config again;
    struct config_error error;

    HOLDS(config_load(fuzz_path(CONFIG), geteuid(), &again, &error));
    HOLDS(again.policy->size == config->policy->size);
    HOLDS(memcmp(again.policy, config->policy, again.policy->size) == 0);
    config_free(&again);
}

static void expect_compiled(const struct config *config)
{
    const char *compiled = fuzz_path(CONFIG ".compiled");
    struct image *image;
    char why[400], id[17];

    HOLDS(image_write(compiled, config, why, sizeof why));
    HOLDS(image_open(compiled, fuzz_path(CONFIG), geteuid(), &image, why, sizeof why) ==
          IMAGE_GOOD);
    HOLDS(image->policy_size == config->policy->size);
    HOLDS(memcmp(image->policy, config->policy, image->policy_size) == 0);
    policy_id(config->policy, id);
    HOLDS(strcmp(id, image->id) == 0);
    image_close(image);
    unlink(compiled);
}

/* A peer that the section names falls under it, or under one that is written for the same name. */
static void expect_found(const struct policy *policy, const struct policy_section *section)
{
    const struct policy_view view = {
        .policy = policy, .scope = section->scope, .override = MODE_UNSET};
    const char *name = policy_string(policy, section->name);
    char below[NAME_SIZE + 2];
    struct peer peer = {.sni = name};
    struct policy_match match;

    if (section->ports.count > 0)
        peer.port = policy_ports(policy, section)[section->ports.count - 1];
    if (section->kind == PATTERN_NETWORK) {
        peer.sni = NULL;
        peer.address = section->network;
    } else if (section->kind == PATTERN_ONE_LABEL) {
        if (strlen(name) + 2 >= NAME_SIZE)
            return;
        strcpy(below, "x.");
        strcat(below, name);
        peer.sni = below;
    }
    policy_find(&view, &peer, &match);
    HOLDS(match.section != NULL && match.section->scope == section->scope);
    HOLDS(section->kind == PATTERN_NETWORK || match.section->kind == PATTERN_EXACT ||
          strcmp(policy_string(policy, match.section->name), name) == 0);
    HOLDS(section->kind != PATTERN_NETWORK || match.section->prefix >= section->prefix);
    if (section->kind == PATTERN_EXACT && peer.port != 0)
        HOLDS(match.section == section);
}

/* All of `pinshim check` but the roots, which takes reading the machine's own each time. */
static void check(const struct config *config)
{
    struct findings findings = {0};
    time_t now = time(NULL);

    check_pins(config, now, &findings);
    check_certificates(config, now, &findings);
    check_wildcards(config, &findings);
    check_networks(config, &findings);
    check_programs(config, &findings);
    check_compiled(config, &findings);
    findings_sort(&findings, config);
    HOLDS(!findings.failed);
    findings_free(&findings);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    struct fuzz_input all = {input, input + size};
    unsigned lines = lines_of(&all);
    struct config_error error;
    struct config config;

    if (access(fuzz_path("leaf.pem"), F_OK) != 0)
        lay_out();
    write_part(&all, CONFIG);
    write_part(&all, "pins.d/more.conf");
    write_part(&all, "key");
    if (config_load(fuzz_path(CONFIG), geteuid(), &config, &error)) {
        HOLDS(policy_valid(config.policy, config.policy->size));
        for (uint32_t i = 0; i < config.policy->sections.count; i++)
            expect_found(config.policy, policy_section(config.policy, i));
        expect_same(&config);
        expect_compiled(&config);
        check(&config);
    } else {
        expect_explained(&config, &error, lines);
    }
    config_free(&config);
    return 0;
}
