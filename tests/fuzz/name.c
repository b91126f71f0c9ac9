/* Names, addresses and the patterns that sections write for them. The input: a pattern, a line end,
 * a name. Whether the one stands for the other is worked out a second time, label by label. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/builder.h"
#include "config/punycode.h"
#include "tests/fuzz/support/fuzz.h"

enum { LABELS = NAME_SIZE };

/* A name as its labels, in lower case, the last one first. */
struct labels {
    char text[NAME_SIZE];
    const char *at[LABELS];
    unsigned count;
};

/* False when no peer can have that name. */
static bool split(const char *text, struct labels *out)
{
    size_t length = strlen(text);

    out->count = 0;
    while (length > 0 && text[length - 1] == '.')
        length--;
    if (length == 0 || length > 253)
        return false;
    memcpy(out->text, text, length);
    out->text[length] = '\0';
    for (char *c = out->text; *c != '\0'; c++) {
        if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 127)
            return false;
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    }
    for (char *dot; (dot = strrchr(out->text, '.')) != NULL; *dot = '\0')
        out->at[out->count++] = dot + 1;
    out->at[out->count++] = out->text;
    for (unsigned i = 0; i < out->count; i++)
        if (out->at[i][0] == '\0')
            return false;
    return true;
}

/* As a peer's name: without the dots at its end, if it could be a name with them. */
static bool read_peer(const char *text, struct address *out)
{
    size_t length = strlen(text);
    char plain[NAME_SIZE];
    struct labels labels;

    if (address_parse(text, out))
        return true;
    if (!split(text, &labels))
        return false;
    while (text[length - 1] == '.')
        length--;
    memcpy(plain, text, length);
    plain[length] = '\0';
    return address_parse(plain, out);
}

/* Does the pattern, a good one that is no address, stand for the name? */
static bool stands_for(const char *title, const char *name)
{
    unsigned stars = (unsigned)strspn(title, "*");
    struct labels base, host;
    struct address address;

    if (read_peer(name, &address) || !split(name, &host))
        return false;
    HOLDS(split(title + (stars > 0 ? stars + 1 : 0), &base));
    for (unsigned i = 0; i < base.count; i++)
        if (i >= host.count || strcmp(base.at[i], host.at[i]) != 0)
            return false;
    return stars == 2 || host.count == base.count + stars;
}

static void expect_network(const struct pattern *pattern, const struct policy_match *match,
                           const char *name)
{
    struct address address;
    bool inside = false;

    if (read_peer(name, &address) && address.bits == pattern->network.bits) {
        address_mask(&address, pattern->prefix);
        inside = address_equal(&address, &pattern->network);
    }
    HOLDS((match->section != NULL) == inside);
}

/* A policy with that pattern alone. */
static void look_up(const char *title, const struct pattern *pattern, const char *name)
{
    struct config_error error = {0};
    struct config config = {0};
    struct builder builder;
    struct section_draft *section;
    struct policy_view view = {.override = MODE_UNSET};
    const struct peer peer = {.sni = name};
    struct policy_match match;
    char **file;

    HOLDS(builder_init(&builder));
    HOLDS((file = list_add(&builder.files, sizeof *file)) && (*file = strdup("a config")));
    HOLDS((section = list_add(&builder.sections, sizeof *section)) != NULL);
    HOLDS((section->title = strdup(title)) != NULL);
    section->pattern = *pattern;
    section->mode = MODE_UNSET;
    section->verify = VERIFY_UNSET;
    section->match = POSITION_ANY;
    HOLDS(builder_finish(&builder, &config, &error));
    builder_free(&builder);
    HOLDS(policy_valid(config.policy, config.policy->size));
    view.policy = config.policy;
    policy_find(&view, &peer, &match);
    if (pattern->kind == PATTERN_NETWORK)
        expect_network(pattern, &match, name);
    else
        HOLDS((match.section != NULL) == stands_for(title, name));
    config_free(&config);
}

static void normalise(const char *name)
{
    char once[NAME_SIZE], twice[NAME_SIZE];
    struct labels labels;
    bool good = name_normalise(name, strlen(name), once);

    HOLDS(good == split(name, &labels));
    if (good) {
        HOLDS(name_normalise(once, strlen(once), twice) && strcmp(once, twice) == 0);
        HOLDS(strstr(once, "..") == NULL && once[0] != '.' && once[strlen(once) - 1] != '.');
    }
}

static void read_address(const char *text)
{
    struct address address, again;
    char shown[ADDRESS_SIZE];
    struct in_addr v4;

    if (!address_parse(text, &address)) {
        HOLDS(inet_pton(AF_INET, text, &v4) != 1);
        return;
    }
    address_format(&address, shown);
    HOLDS(address_parse(shown, &again) && address_equal(&address, &again));
    for (unsigned prefix = 0; prefix <= address.bits; prefix++) {
        struct address masked = address;
        address_mask(&masked, prefix);
        again = masked;
        address_mask(&again, prefix);
        HOLDS(address_equal(&masked, &again));
        HOLDS(prefix < address.bits || address_equal(&masked, &address));
    }
}

/* What it writes is ASCII, and in lower case where it is an A-label. */
static void to_ascii(const char *name)
{
    char out[2 * NAME_SIZE];

    if (!punycode_name(name, out, sizeof out))
        return;
    for (const char *c = out; *c != '\0'; c++)
        HOLDS((unsigned char)*c < 0x80);
    HOLDS(strlen(out) < sizeof out);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    struct fuzz_input all = {input, input + size};
    char *title = fuzz_text(&all, "\n", NULL), *name = fuzz_text(&all, "\n", NULL);
    char why[600] = "";
    struct pattern pattern, untouched;

    normalise(name);
    read_address(name);
    to_ascii(name);
    memset(&pattern, 0xa5, sizeof pattern);
    untouched = pattern;
    if (pattern_parse(title, &pattern, why, sizeof why)) {
        look_up(title, &pattern, name);
    } else {
        HOLDS(why[0] != '\0' && strlen(why) < sizeof why);
        HOLDS(memcmp(&pattern, &untouched, sizeof pattern) == 0);
    }
    free(title);
    free(name);
    return 0;
}
