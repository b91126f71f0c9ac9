/* The policy: one flat, read-only, position-independent block of octets (the image), and the
 * lookup in it. Nothing here allocates, locks or does I/O; an image never changes once built.
 *
 * The same config gives the same octets on every machine of the same byte order, so the hash of
 * the image is the policy's id. Lines and file names are therefore not in it. */
#ifndef PINSHIM_CONFIG_POLICY_H
#define PINSHIM_CONFIG_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "config/name.h"
#include "config/pin.h"

#define POLICY_MAGIC "PINSHIM"
#define POLICY_VERSION 3
/* The default of reload_interval. */
#define RELOAD_INTERVAL 5
#define POLICY_BYTE_ORDER 0x01020304u

/* Modes in the order of strictness: lock_mode compares them. */
enum mode { MODE_OFF, MODE_AUDIT, MODE_ENFORCE, MODE_UNSET = 255 };

/* What to do with a peer that no section names (`unpinned`, `unnamed`) or whose section's pins
 * have expired (`expired`; RULE_AUDIT does not occur there). */
enum rule { RULE_ALLOW, RULE_AUDIT, RULE_BLOCK, RULE_UNSET = 255 };

/* Positions in a chain, as bits: `match` is a set of them. */
enum position { POSITION_LEAF = 1, POSITION_INTERMEDIATE = 2, POSITION_ROOT = 4 };
#define POSITION_ANY (POSITION_LEAF | POSITION_INTERMEDIATE | POSITION_ROOT)

/* Checks beside the pins that `verify` asks for, as bits. */
enum check { VERIFY_CHAIN = 1, VERIFY_HOSTNAME = 2, VERIFY_UNSET = 255 };

/* What `on_failure` adds to a refusal, as bits. */
enum response {
    RESPONSE_MESSAGE = 1,
    RESPONSE_REDIRECT = 2,
    RESPONSE_TERMINATE = 4,
    RESPONSE_UNSET = 255
};
#define RESPONSE_ALL (RESPONSE_MESSAGE | RESPONSE_REDIRECT | RESPONSE_TERMINATE)

/* The default of trust_anchors. */
#define TRUST_ANCHORS "/etc/ssl/certs/ca-certificates.crt"

/* Offsets are from the start of the image; strings are offsets into its string table, where
 * offset 0 is the empty string and means "not given". */
struct policy_array {
    uint32_t offset, count;
};

struct policy {
    char magic[8];
    uint32_t version;
    uint32_t byte_order;
    uint32_t size;                /* of the whole image */
    uint32_t reload_interval;     /* seconds between looks for a changed config; 0: never */
    uint32_t section_modes;       /* bit n: some section with pins has mode n; bit 31: has none */
    uint8_t section_checks;       /* set of enum check: what the sections' `verify` ask for */
    uint8_t section_matches;      /* set of enum position: what their `match` says */
    uint8_t section_responses;    /* set of enum response: what their `on_failure` says */
    uint8_t section_kinds;        /* bit n: some section is of enum pattern_kind n */
    uint64_t prefixes4;           /* bit n: some section has an IPv4 prefix of n bits */
    uint64_t prefixes6[3];        /* the same for IPv6, 0 to 128 */
    struct policy_array scopes;   /* struct policy_scope; [0] is the top level */
    struct policy_array sections; /* struct policy_section, sorted by key */
    struct policy_array buckets;  /* uint32_t: 1 + index of the first section of a key */
    struct policy_array pins;     /* struct policy_pin */
    struct policy_array ports;    /* uint16_t */
    struct policy_array sinks;    /* uint32_t: strings */
    struct policy_array certs;    /* struct policy_array: each a certificate (DER) in octets */
    struct policy_array octets;   /* uint8_t */
    struct policy_array strings;  /* char */
};

/* The top level, or a `program` section. */
struct policy_scope {
    uint32_t program; /* string: base name or absolute path; 0 at the top level */
    uint8_t mode;     /* enum mode; MODE_UNSET in a program section: as the top level */
    uint8_t unpinned; /* enum rule, likewise */
    uint8_t unnamed;
    uint8_t expired;
    uint8_t lock_mode;
    uint8_t sinks_set; /* this scope says `events` */
    uint8_t verify;    /* set of enum check; VERIFY_UNSET: as the top level */
    uint8_t inspection_set;
    uint32_t trust_anchors;             /* string: path as written; 0: not given */
    struct policy_array sinks;          /* index into policy.sinks, count */
    struct policy_array inspection_cas; /* index into policy.certs, count */
    uint32_t message, redirect;         /* strings; 0: as the top level, there: not given */
    uint8_t responses;                  /* set of enum response; RESPONSE_UNSET: as the top level */
    uint8_t signal;                     /* signal_name.h; SIGNAL_UNSET: as the top level */
    uint8_t reserved[2];
};

/* One `domain` section. */
struct policy_section {
    uint64_t key;              /* hash of scope, kind and name or network */
    int64_t expires;           /* Unix time of the first second after; 0: never */
    uint32_t scope;            /* index into scopes */
    uint32_t title;            /* string, as written */
    uint32_t name;             /* string, normalised */
    uint32_t owner;            /* string */
    uint32_t message;          /* string; 0: as the scope */
    uint32_t redirect;         /* likewise */
    struct policy_array ports; /* index into policy.ports, count; none: any port */
    struct policy_array pins;  /* index into policy.pins, count; current ones first */
    uint32_t current;          /* how many of them are `pins`; the rest are `backup_pins` */
    uint8_t kind;              /* enum pattern_kind */
    uint8_t prefix;
    uint8_t mode;  /* enum mode; MODE_UNSET: as the scope */
    uint8_t match; /* set of enum position */
    struct address network;
    uint8_t verify;    /* set of enum check; VERIFY_UNSET: as the scope */
    uint8_t responses; /* set of enum response; RESPONSE_UNSET: as the scope */
    uint8_t signal;    /* signal_name.h; SIGNAL_UNSET: as the scope */
};

struct policy_pin {
    uint8_t digest[DIGEST_SIZE];
    uint32_t kind; /* enum pin_kind */
};

struct image;

/* A policy as one process sees it: the program section it matches and its environment. */
struct policy_view {
    const struct policy *policy;
    uint32_t scope;      /* 0: no program section matches */
    enum mode override;  /* PINSHIM_MODE, or MODE_UNSET */
    struct image *image; /* where the policy is mapped from a file, and its pages are checked as
                            they are used; NULL: it is in memory, and valid */
};

/* What is known of a peer. Names as the program gave them; NULL or "" when not known. */
struct peer {
    const char *sni;         /* server_name (RFC 6066 section 3) the program set */
    const char *verify_host; /* the name the program asked OpenSSL to verify */
    const char *resolved;    /* the name it last resolved to the address */
    struct address address;  /* 0 bits: not known */
    uint16_t port;           /* 0: not known, matches any `ports` */
    uint16_t likely_port;    /* a guess; only chooses between sections, never rules one out */
};

enum host_source { HOST_NONE, HOST_SNI, HOST_VERIFY, HOST_RESOLVER };

/* Which section a peer falls under, and by which name. */
struct policy_match {
    const struct policy_section *section; /* NULL: none */
    enum host_source source;
    char host[NAME_SIZE]; /* the name that decided; without a section the first one known,
                             the address as text when its section decided; "" when nothing is known
                           */
};

/* Is `size` octets at `image` a policy that this build can read, with every offset inside?
 * Everything below takes for granted that it is. */
bool policy_valid(const void *image, size_t size);

/* Parts of that: the head and where it says the arrays are; the scopes, with what they point to;
 * one section. */
bool policy_arrays_valid(const struct policy *policy, size_t size);
bool policy_scopes_valid(const struct policy *policy);
bool policy_section_valid(const struct policy *policy, const struct policy_section *section);

/* The first 16 hex digits of the SHA-256 of the image. */
void policy_id(const struct policy *policy, char out[17]);

/* The program section for this process: an absolute path is compared with `path`, a base name
 * with `name`. A path wins over a name. Returns the scope's index, 0 when none matches. */
uint32_t policy_scope_for(const struct policy *policy, const char *path, const char *name);

/* Do names alone lead to sections, whatever the peer's address and port? */
bool policy_goes_by_names(const struct policy *policy);

/* Finds the section for a peer (contract section 2, "Names" and "The peer's name"). What it finds
 * in a mapped image is sound, pins and strings included; where that is not, view->image is marked
 * as damaged, and what was found says nothing. */
void policy_find(const struct policy_view *view, const struct peer *peer, struct policy_match *out);

/* Is `now` behind the date up to which its pins hold? */
static inline bool policy_pins_expired(const struct policy_section *section, int64_t now)
{
    return section->expires != 0 && now >= section->expires;
}

/* The mode that holds for a section (NULL: for peers that none names), with the environment's
 * override and lock_mode taken in. */
enum mode policy_mode(const struct policy_view *view, const struct policy_section *section);

/* The strictest mode that anything in the policy has. */
enum mode policy_strictest_mode(const struct policy_view *view);

/* The rules of the view's scope. */
enum rule policy_unpinned(const struct policy_view *view);
enum rule policy_unnamed(const struct policy_view *view);
enum rule policy_expired(const struct policy_view *view);

/* The checks of `verify` that hold for a section (NULL: for peers that none names): a set of enum
 * check. */
unsigned policy_verify(const struct policy_view *view, const struct policy_section *section);

/* What is done beside refusing a peer of this section (NULL: one that none names): a set of enum
 * response; the text of `message` and the URL of `redirect`, "" when there is none; the place of
 * `signal`. */
unsigned policy_responses(const struct policy_view *view, const struct policy_section *section);
const char *policy_message(const struct policy_view *view, const struct policy_section *section);
const char *policy_redirect(const struct policy_view *view, const struct policy_section *section);
uint8_t policy_signal(const struct policy_view *view, const struct policy_section *section);

/* May a refusal of this process open a URL? */
bool policy_redirects(const struct policy_view *view);

/* The path of the view's trust_anchors as written. */
const char *policy_trust_anchors(const struct policy_view *view);

/* May any peer be held to the trust anchors: by `verify`, or because they are named? */
bool policy_wants_anchors(const struct policy_view *view);

/* Do the pins of any section count for CAs? */
bool policy_pins_cas(const struct policy_view *view);

/* The view's inspection CAs: how many, and the i-th, in DER. */
uint32_t policy_inspection_count(const struct policy_view *view);
const uint8_t *policy_inspection_ca(const struct policy_view *view, uint32_t i, size_t *length);

/* Parts of an image. policy_string of 0 is "". */
const char *policy_string(const struct policy *policy, uint32_t offset);
const struct policy_scope *policy_scope(const struct policy *policy, uint32_t index);
const struct policy_section *policy_section(const struct policy *policy, uint32_t index);
const struct policy_pin *policy_pins(const struct policy *policy,
                                     const struct policy_section *section);
/* section->ports.count of them. */
const uint16_t *policy_ports(const struct policy *policy, const struct policy_section *section);
/* The section's pin that a certificate with these digests matches, or NULL. */
const struct policy_pin *policy_pin_of(const struct policy *policy,
                                       const struct policy_section *section,
                                       const uint8_t spki[DIGEST_SIZE],
                                       const uint8_t cert[DIGEST_SIZE]);
/* The sinks of the view's scope: how many, and the i-th. */
uint32_t policy_sink_count(const struct policy_view *view);
const char *policy_sink(const struct policy_view *view, uint32_t i);

/* The key under which a section is found: used by the builder too. */
uint64_t policy_key(uint32_t scope, enum pattern_kind kind, const void *text, size_t length,
                    unsigned prefix);

/* Words for events and messages. */
const char *mode_name(enum mode mode);
const char *host_source_name(enum host_source source);
const char *position_name(enum position position);

/* Reads "off", "audit" or "enforce". False for anything else. */
bool mode_parse(const char *text, enum mode *out);

#endif
