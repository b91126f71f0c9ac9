#include "shim/policy_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "config/directory.h"
#include "config/program.h"
#include "config/sources.h"
#include "shim/environment.h"
#include "shim/opener.h"

struct policy_reader *policy_reader_open(bool compiled)
{
    struct policy_reader *reader = calloc(1, sizeof *reader);
    char *path = environment.config != NULL ? image_path(environment.config) : NULL;

    if (reader != NULL && path != NULL && compiled &&
        image_open(path, environment.config, geteuid(), &reader->image, reader->refused,
                   sizeof reader->refused) != IMAGE_REFUSED)
        reader->refused[0] = '\0';
    if (reader != NULL && reader->image == NULL)
        confuse_open(&reader->confuse);
    free(path);
    return reader;
}

void policy_reader_close(struct policy_reader *reader)
{
    if (reader == NULL)
        return;
    image_close(reader->image);
    confuse_close(&reader->confuse);
    free(reader);
}

/* A session is remembered as verified only by this process under this policy. */
static uint64_t make_salt(void)
{
    uint64_t salt;

    if (getrandom(&salt, sizeof salt, GRND_NONBLOCK) != sizeof salt)
        salt = (uint64_t)(uintptr_t)&salt ^ (uint64_t)getpid() << 32;
    return salt;
}

/* Read where any handshake may ask for all of them; else only a pinned root may be among them. */
static bool take_anchors(struct loaded *loaded)
{
    char *path;
    bool whole = policy_wants_anchors(&loaded->view);

    if (!whole && !policy_pins_cas(&loaded->view))
        return true;
    path = path_beside(environment.config, policy_trust_anchors(&loaded->view));
    if (path != NULL)
        loaded->anchors = anchors_open(path, geteuid(), whole);
    if (loaded->anchors != NULL)
        sources_add(&loaded->sources, path);
    free(path);
    return loaded->anchors != NULL;
}

static void take_sources(struct loaded *loaded, struct list *sources)
{
    loaded->sources = *sources;
    *sources = (struct list){NULL, 0, 0};
}

/* A compiled form is watched as well, be it one that is not used, or not there yet. */
static void watch_image(struct loaded *loaded)
{
    char *path = environment.config != NULL ? image_path(environment.config) : NULL;

    if (path != NULL)
        sources_add(&loaded->sources, path);
    free(path);
}

static bool take_view(struct loaded *loaded, const struct policy *policy,
                      struct config_error *error)
{
    loaded->view = (struct policy_view){.policy = policy, .override = environment.mode};
    loaded->view.scope = program_scope(policy, environment.executable, environment.program);
    loaded->session_salt = make_salt();
    if (policy_redirects(&loaded->view))
        opener_remember();
    loaded->local_cas = local_cas_open(geteuid(), &loaded->sources);
    if (take_anchors(loaded))
        return true;
    snprintf(error->file, sizeof error->file, "%s", environment.config);
    error->line = 0;
    snprintf(
        error->text, sizeof error->text,
        "there is not enough memory, or are not enough descriptors, to read the trust anchors");
    return false;
}

static bool take_image(struct loaded *loaded, struct policy_reader *reader,
                       struct config_error *error)
{
    loaded->image = reader->image;
    reader->image = NULL;
    take_sources(loaded, &loaded->image->sources);
    if (!take_view(loaded, loaded->image->policy, error))
        return false;
    loaded->view.image = loaded->image->mapped ? loaded->image : NULL;
    memcpy(loaded->policy_id, loaded->image->id, sizeof loaded->policy_id);
    return true;
}

bool policy_read(struct policy_reader *reader, struct loaded *loaded, struct config *config,
                 struct config_error *error)
{
    struct policy *policy;
    bool good = false;

    if (environment.config == NULL || reader == NULL) {
        snprintf(error->file, sizeof error->file, "environment");
        error->line = 0;
        snprintf(error->text, sizeof error->text, "there is not enough memory to read the policy");
        return false;
    }
    if (reader->image != NULL) {
        good = take_image(loaded, reader, error);
    } else {
        good = config_load_with(&reader->confuse, environment.config, geteuid(), config, error);
        policy = config->policy;
        config->policy = NULL;
        take_sources(loaded, &config->sources);
        if (good) {
            good = take_view(loaded, policy, error);
            policy_id(policy, loaded->policy_id);
        }
    }
    watch_image(loaded);
    return good;
}
