/* The policy in force, and those before it that handshakes under way still use. */
#ifndef PINSHIM_SHIM_LOADED_H
#define PINSHIM_SHIM_LOADED_H

#include <stdatomic.h>
#include <stdint.h>

#include "config/list.h"
#include "config/policy.h"
#include "shim/anchors.h"
#include "shim/local_ca.h"
#include "shim/lookups.h"
#include "shim/paths.h"

enum { PROBLEM_SIZE = 1200 };

/* A policy as it was loaded, or the reason why none could be. Does not change once published, but
 * for `sources`, which belong to whoever reloads, `paths` and `lookups`. */
struct loaded {
    struct policy_view view; /* policy NULL: broken, and nothing can be judged */
    enum mode broken_mode;   /* then: MODE_ENFORCE refuses everything, MODE_AUDIT lets through */
    char policy_id[17];      /* "" when broken */
    uint64_t session_salt;   /* of this policy in this process: see session.h */
    uint64_t serial;         /* of this loading of it; from 1 on, never the same again */
    struct image *image;     /* what view.policy lies in; NULL: malloc'ed */
    struct anchors *anchors;
    struct local_cas *local_cas;
    struct paths paths;         /* those that were verified under it */
    struct lookups lookups;     /* those that were made in it */
    struct list sources;        /* struct source */
    char problem[PROBLEM_SIZE]; /* when broken: "FILE:LINE: text" */
    atomic_uint users;
};

/* Takes the policy in force, for a moment in which no code of the program's runs; NULL before the
 * first was published. Wait-free but for the moment in which another is published. */
struct loaded *loaded_acquire(void);

/* Has a lookup found the image that it was mapped from damaged? Then what it found says nothing. */
bool loaded_damaged(const struct loaded *loaded);

/* What stands for a policy that is damaged and cannot be read anew now: nothing can be judged, and
 * `mode` says what becomes of that. For loaded_release, like any. */
struct loaded *loaded_unusable(enum mode mode);

/* Is everything to be refused, because there is no policy to judge by? */
bool loaded_refuses_all(const struct loaded *loaded);

/* Gives it back; NULL is fine. */
void loaded_release(struct loaded *loaded);

/* An empty one to fill; NULL when all are in use. The caller sees to it that no two threads do
 * this at once, until loaded_publish. */
struct loaded *loaded_new(void);

/* Makes it a broken one: lets go of its policy. */
void loaded_break(struct loaded *loaded);

/* Puts one in force that loaded_new gave. */
void loaded_publish(struct loaded *loaded);

/* Lets go of what is not in force and nobody uses any more. By the same thread. */
void loaded_sweep(void);

#endif
