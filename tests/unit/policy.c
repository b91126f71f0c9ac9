/* The image as a file of unknown origin: whatever is wrong in it is seen before it is used. */
#include "config/policy.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "config/signal_name.h"
#include "tests/support/pki.h"
#include "tests/unit/load.h"

static struct scratch *scratch;
static struct config config;
static struct policy *image; /* a copy to break */
static size_t size;

static void setup(void)
{
    struct identity ca;
    const struct request request = {.ca = true};

    scratch = scratch_new();
    pki_issue(scratch, "ca", NULL, &request, &ca);
    identity_free(&ca);
    must_load(scratch,
              DOMAIN("a.test", "ports = {443, 8443} owner = \"x\" verify = {hostname}")
                  DOMAIN("**.b.test", "") DOMAIN(
                      "10.0.0.0/8",
                      "match = ca") "events = {stderr, \"file:/a\"}\nunpinned = "
                                    "block\ninspection_cas = {\"file:ca.pem\"}\n"
                                    "trust_anchors = ca.pem\n"
                                    "program \"curl\" { " DOMAIN("c.test", "mode = audit") " }\n",
              &config);
    size = config.policy->size;
    image = malloc(size);
    memcpy(image, config.policy, size);
}

static void cleanup(void)
{
    free(image);
    config_free(&config);
    scratch_free(scratch);
}

TestSuite(policy, .init = setup, .fini = cleanup);

static void *part(struct policy *policy, const struct policy_array *array)
{
    return (char *)policy + array->offset;
}

/* The image is good; with `value` in the field it is not; and good again afterwards. */
#define REFUSED(field, value)                                                                      \
    do {                                                                                           \
        __typeof__(field) before = (field);                                                        \
        cr_expect(policy_valid(image, size), "before " #field);                                    \
        (field) = (value);                                                                         \
        cr_expect_not(policy_valid(image, size), #field " = " #value);                             \
        (field) = before;                                                                          \
    } while (0)

Test(policy, header)
{
    for (size_t i = 0; i < sizeof image->magic; i++)
        REFUSED(image->magic[i], (char)(image->magic[i] ^ 1));
    REFUSED(image->version, POLICY_VERSION + 1);
    REFUSED(image->version, 0);
    REFUSED(image->byte_order, 0x04030201u);
    REFUSED(image->size, (uint32_t)size - 1);
    REFUSED(image->size, (uint32_t)size + 1);
    REFUSED(image->size, 0);
    REFUSED(image->scopes.count, 0);
    REFUSED(image->strings.count, 0);
    REFUSED(image->buckets.count, 0);
    REFUSED(image->buckets.count, 3); /* no power of two */
    REFUSED(image->buckets.count, 1);
}

Test(policy, arrays_outside)
{
    struct policy_array *const arrays[] = {&image->scopes, &image->sections, &image->buckets,
                                           &image->pins,   &image->ports,    &image->sinks,
                                           &image->certs,  &image->octets,   &image->strings};

    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        struct policy_array *array = arrays[i];

        cr_assert_gt(array->count, 0, "array %zu is empty: nothing is tested", i);
        REFUSED(array->offset, (uint32_t)size);
        REFUSED(array->offset, (uint32_t)size + 8);
        REFUSED(array->offset, UINT32_MAX - 7);
        REFUSED(array->count, UINT32_MAX);
        REFUSED(array->count, UINT32_MAX / 8 + 1); /* times the size it would wrap */
        REFUSED(array->count, UINT32_MAX / 64 + 1);
        REFUSED(array->count, (uint32_t)size + 1);
        if (array != &image->strings && array != &image->octets)
            REFUSED(array->offset, array->offset + 1); /* not aligned */
    }
}

Test(policy, sections)
{
    for (uint32_t i = 0; i < image->sections.count; i++) {
        struct policy_section *s = (struct policy_section *)part(image, &image->sections) + i;

        REFUSED(s->scope, image->scopes.count);
        REFUSED(s->title, image->strings.count);
        REFUSED(s->name, image->strings.count);
        REFUSED(s->message, image->strings.count);
        REFUSED(s->redirect, image->strings.count);
        REFUSED(s->responses, RESPONSE_ALL + 1);
        REFUSED(s->signal, signal_last() + 1);
        REFUSED(s->owner, image->strings.count);
        REFUSED(s->ports.offset, image->ports.count + 1);
        REFUSED(s->ports.count, image->ports.count + 1);
        REFUSED(s->ports.count, UINT32_MAX);
        REFUSED(s->pins.offset, image->pins.count + 1);
        REFUSED(s->pins.count, image->pins.count + 1);
        REFUSED(s->pins.count, UINT32_MAX);
        REFUSED(s->current, s->pins.count + 1);
        REFUSED(s->kind, PATTERN_NETWORK + 1);
        REFUSED(s->network.bits, 33);
        REFUSED(s->network.bits, 255);
        REFUSED(s->prefix, s->network.bits + 1);
        REFUSED(s->prefix, 255);
        REFUSED(s->mode, MODE_ENFORCE + 1);
        REFUSED(s->mode, MODE_UNSET - 1);
        REFUSED(s->match, 0);
        REFUSED(s->match, POSITION_ANY + 1);
        REFUSED(s->match, 255);
        REFUSED(s->verify, 4);
        REFUSED(s->verify, VERIFY_UNSET - 1);
    }
}

Test(policy, scopes_and_sinks)
{
    uint32_t *sinks = part(image, &image->sinks);

    for (uint32_t i = 0; i < image->scopes.count; i++) {
        struct policy_scope *s = (struct policy_scope *)part(image, &image->scopes) + i;

        REFUSED(s->program, image->strings.count);
        REFUSED(s->sinks.offset, image->sinks.count + 1);
        REFUSED(s->sinks.count, image->sinks.count + 1);
        REFUSED(s->sinks.count, UINT32_MAX);
        REFUSED(s->mode, MODE_ENFORCE + 1);
        REFUSED(s->unpinned, RULE_BLOCK + 1);
        REFUSED(s->unnamed, RULE_BLOCK + 1);
        REFUSED(s->expired, RULE_BLOCK + 1);
        REFUSED(s->expired, RULE_UNSET - 1);
        REFUSED(s->lock_mode, 2);
        REFUSED(s->verify, 4);
        REFUSED(s->verify, VERIFY_UNSET - 1);
        REFUSED(s->trust_anchors, image->strings.count);
        REFUSED(s->message, image->strings.count);
        REFUSED(s->redirect, image->strings.count);
        REFUSED(s->responses, RESPONSE_ALL + 1);
        REFUSED(s->responses, RESPONSE_UNSET - 1);
        REFUSED(s->signal, signal_last() + 1);
        REFUSED(s->inspection_cas.offset, image->certs.count + 1);
        REFUSED(s->inspection_cas.count, image->certs.count + 1);
        REFUSED(s->inspection_cas.count, UINT32_MAX);
    }
    for (uint32_t i = 0; i < image->sinks.count; i++)
        REFUSED(sinks[i], image->strings.count);
}

/* The top level has nothing to take a value from. */
Test(policy, top_level)
{
    struct policy_scope *top = part(image, &image->scopes);

    REFUSED(top->mode, MODE_UNSET);
    REFUSED(top->unpinned, RULE_UNSET);
    REFUSED(top->expired, RULE_UNSET);
    REFUSED(top->program, 1);
    REFUSED(top->responses, RESPONSE_UNSET);
    REFUSED(top->signal, SIGNAL_UNSET);
}

Test(policy, certificates)
{
    struct policy_array *certs = part(image, &image->certs);

    cr_assert_eq(image->certs.count, 1);
    REFUSED(certs->offset, image->octets.count + 1);
    REFUSED(certs->offset, UINT32_MAX);
    REFUSED(certs->count, image->octets.count + 1);
    REFUSED(certs->count, UINT32_MAX);
}

Test(policy, strings_end)
{
    char *strings = part(image, &image->strings);

    REFUSED(strings[image->strings.count - 1], 'x');
}

Test(policy, buckets)
{
    uint32_t *buckets = part(image, &image->buckets);

    for (uint32_t i = 0; i < image->buckets.count; i++) {
        REFUSED(buckets[i], image->sections.count + 1);
        REFUSED(buckets[i], UINT32_MAX);
    }
    for (uint32_t i = 0; i < image->buckets.count; i++) /* a search would never end */
        buckets[i] = 1;
    cr_expect_not(policy_valid(image, size), "no bucket is free");
}

Test(policy, cut_everywhere)
{
    for (size_t n = 0; n < size; n++) {
        void *cut = malloc(n + !n); /* of that size: a sanitizer sees reads behind it */

        memcpy(cut, image, n);
        cr_expect_not(policy_valid(cut, n), "%zu of %zu octets", n, size);
        if (n >= sizeof *image) { /* nor when it says it is that long */
            ((struct policy *)cut)->size = (uint32_t)n;
            cr_expect_not(policy_valid(cut, n) && n < size - 7, "%zu of %zu octets", n, size);
        }
        free(cut);
    }
}

static void look_at_strings(const struct policy_view *view)
{
    size_t length, sum = strlen(policy_trust_anchors(view));

    for (uint32_t i = 0; i < policy_inspection_count(view); i++) {
        const uint8_t *der = policy_inspection_ca(view, i, &length);
        for (size_t k = 0; k < length; k++)
            sum += der[k];
    }
    cr_expect_neq(sum, 1); /* and so it is not optimised away */
}

/* Whatever octet is wrong, what is still accepted can be searched without a crash. */
Test(policy, damaged_everywhere, .timeout = 60)
{
    static const unsigned char masks[] = {0x01, 0x80, 0xff};
    static const uint8_t digest[DIGEST_SIZE];
    const struct peer peer = {.sni = "a.b.test", .port = 443, .address = {.bits = 32}};

    for (size_t i = 0; i < size; i++)
        for (size_t k = 0; k < sizeof masks; k++) {
            unsigned char *octet = (unsigned char *)image + i;
            struct policy_match match;

            *octet ^= masks[k];
            if (policy_valid(image, size)) {
                const struct policy_view view = {.policy = image, .override = MODE_UNSET};
                policy_find(&view, &peer, &match);
                policy_mode(&view, match.section);
                policy_verify(&view, match.section);
                look_at_strings(&view);
                if (match.section)
                    policy_pin_of(image, match.section, digest, digest);
            }
            *octet ^= masks[k];
        }
}

/* Two images of one config are the same octets, padding included. */
Test(policy, same_octets)
{
    struct config again;

    must_load(scratch, scratch_read(scratch, scratch_path(scratch, "policy.conf")), &again);
    cr_assert_eq(again.policy->size, size);
    cr_expect_arr_eq(again.policy, image, size);
    config_free(&again);
}

Test(policy, words)
{
    enum mode mode = MODE_UNSET;

    cr_expect(mode_parse("off", &mode) && mode == MODE_OFF);
    cr_expect(mode_parse("audit", &mode) && mode == MODE_AUDIT);
    cr_expect(mode_parse("enforce", &mode) && mode == MODE_ENFORCE);
    cr_expect_not(mode_parse("", &mode) || mode_parse("OFF", &mode) || mode_parse("audit ", &mode));
    cr_expect_str_eq(position_name(POSITION_LEAF), "leaf");
    cr_expect_str_eq(position_name(POSITION_INTERMEDIATE), "intermediate");
    cr_expect_str_eq(position_name(POSITION_ROOT), "root");
}
