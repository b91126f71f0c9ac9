/* Blocks of addresses under which no peer can fall, because longer prefixes within them have all of
 * their addresses, for all of their ports.
 *
 * Blocks either lie within each other or have nothing in common. Sorted by where they begin, wide
 * before narrow, they are walked with a stack of those that are still open. A block is closed when
 * one comes that lies behind it; by then the blocks right within it have told, one after the
 * other, whether they leave a gap between them, and which ports they take, each over all of its
 * addresses. */
#include <stdlib.h>
#include <string.h>

#include "cli/check.h"

/* Blocks within each other have one prefix length each: 0 to 128. */
#define DEPTH 129

/* Of an address. IPv4 takes the first four: a block of it is handled as the IPv6 block of the same
 * bits. */
#define OCTETS 16

struct block {
    uint8_t first[OCTETS], last[OCTETS];
    uint32_t scope, section;
    uint8_t bits, prefix;
};

/* A set of ports. */
struct ports {
    uint64_t words[65536 / 64];
};

/* A block that is still open, and what lies within it. */
struct open {
    const struct block *block; /* the first section of this block … */
    size_t sections;           /* … and how many there are, with different ports */
    uint8_t next[OCTETS];      /* the first address that is not taken yet; 0 behind the last */
    bool inner, gap;           /* there are blocks right within; they leave addresses to it */
    struct ports taken;        /* on all addresses before `next` */
};

static bool same(const uint8_t *a, const uint8_t *b)
{
    return memcmp(a, b, OCTETS) == 0;
}

/* The address behind `last`. */
static void behind(const uint8_t *last, uint8_t out[OCTETS])
{
    memcpy(out, last, OCTETS);
    for (int i = OCTETS - 1; i >= 0 && ++out[i] == 0; i--)
        ;
}

static int compare(const void *a, const void *b)
{
    const struct block *x = a, *y = b;

    if (x->scope != y->scope)
        return x->scope < y->scope ? -1 : 1;
    if (x->bits != y->bits)
        return x->bits < y->bits ? -1 : 1;
    if (!same(x->first, y->first))
        return memcmp(x->first, y->first, OCTETS);
    if (x->prefix != y->prefix)
        return x->prefix < y->prefix ? -1 : 1;
    return x->section < y->section ? -1 : 1;
}

static struct block make_block(const struct policy_section *section, uint32_t index)
{
    struct block block = {.scope = section->scope,
                          .section = index,
                          .bits = section->network.bits,
                          .prefix = section->prefix};

    memcpy(block.first, section->network.bytes, OCTETS);
    for (unsigned i = 0; i < OCTETS; i++) {
        unsigned kept = block.prefix > 8 * i ? block.prefix - 8 * i : 0;

        block.last[i] = block.first[i] | (kept < 8 ? 0xff >> kept : 0);
    }
    return block;
}

static bool has(const struct ports *set, unsigned port)
{
    return set->words[port / 64] >> port % 64 & 1;
}

static bool takes_all(const struct policy *policy, const struct policy_section *section,
                      const struct ports *taken)
{
    const uint16_t *ports = policy_ports(policy, section);

    for (uint32_t i = 0; i < section->ports.count; i++)
        if (!has(taken, ports[i]))
            return false;
    for (unsigned port = 1; section->ports.count == 0 && port < 65536; port++)
        if (!has(taken, port))
            return false;
    return true;
}

static void add_ports(const struct policy *policy, const struct policy_section *section,
                      struct ports *set)
{
    const uint16_t *ports = policy_ports(policy, section);

    if (section->ports.count == 0)
        memset(set, 0xff, sizeof(*set));
    for (uint32_t i = 0; i < section->ports.count; i++)
        set->words[ports[i] / 64] |= UINT64_C(1) << ports[i] % 64;
}

/* Tells the block around which ports this one takes on all of its addresses. */
static void tell_outer(struct open *outer, const struct open *inner)
{
    outer->inner = true;
    if (!same(outer->next, inner->block->first))
        outer->gap = true;
    behind(inner->block->last, outer->next);
    for (size_t i = 0; !outer->gap && i < sizeof(outer->taken.words) / sizeof(uint64_t); i++)
        outer->taken.words[i] &= inner->taken.words[i];
}

/* Nothing more lies within `open`. */
static void close_block(const struct config *config, struct open *open, struct open *outer,
                        struct findings *findings)
{
    const struct policy *policy = config->policy;
    uint8_t end[OCTETS];

    behind(open->block->last, end);
    if (!open->inner || open->gap || !same(open->next, end))
        memset(&open->taken, 0, sizeof(open->taken));
    else
        for (size_t i = 0; i < open->sections; i++) {
            uint32_t section = open->block[i].section;

            if (takes_all(policy, policy_section(policy, section), &open->taken))
                findings_section(findings, config, section,
                                 "no peer can fall under it: sections with longer prefixes have "
                                 "all of its addresses%s; take it out, or one of those",
                                 policy_section(policy, section)->ports.count ? " at its ports"
                                                                              : "");
        }
    if (!outer || outer->gap)
        return;
    for (size_t i = 0; i < open->sections; i++)
        add_ports(policy, policy_section(policy, open->block[i].section), &open->taken);
    tell_outer(outer, open);
}

static bool within(const struct block *block, const struct block *outer)
{
    return block->scope == outer->scope && block->bits == outer->bits &&
           memcmp(block->first, outer->last, OCTETS) <= 0;
}

/* Opens the block at `block`; returns how many sections it has. */
static size_t open_block(struct open *open, const struct block *block, const struct block *end)
{
    open->block = block;
    open->sections = 1;
    while (block + open->sections < end && block[open->sections].prefix == block->prefix &&
           same(block[open->sections].first, block->first) && within(&block[open->sections], block))
        open->sections++;
    memcpy(open->next, block->first, OCTETS);
    open->inner = open->gap = false;
    memset(&open->taken, 0xff, sizeof(open->taken));
    return open->sections;
}

static void walk(const struct config *config, const struct block *block, const struct block *end,
                 struct open *stack, struct findings *findings)
{
    size_t depth = 0;

    while (block < end || depth > 0) {
        if (depth > 0 && (block == end || !within(block, stack[depth - 1].block))) {
            depth--;
            close_block(config, &stack[depth], depth > 0 ? &stack[depth - 1] : NULL, findings);
        } else {
            block += open_block(&stack[depth++], block, end);
        }
    }
}

void check_networks(const struct config *config, struct findings *findings)
{
    const struct policy *policy = config->policy;
    struct block *blocks = calloc(policy->sections.count + 1, sizeof(*blocks));
    struct open *stack = calloc(DEPTH, sizeof(*stack));
    size_t count = 0;

    if (!blocks || !stack) {
        findings->failed = true;
    } else {
        for (uint32_t i = 0; i < policy->sections.count; i++)
            if (policy_section(policy, i)->kind == PATTERN_NETWORK)
                blocks[count++] = make_block(policy_section(policy, i), i);
        qsort(blocks, count, sizeof(*blocks), compare);
        walk(config, blocks, blocks + count, stack, findings);
    }
    free(stack);
    free(blocks);
}
