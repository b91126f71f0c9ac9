#include "cli/system_trust.h"

#include <errno.h>
#include <openssl/pem.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/certs.h"
#include "cli/pin_store.h"
#include "cli/put_file.h"

#define UPDATE "/usr/sbin/update-ca-certificates"

bool system_trust_possible(char *why, size_t size)
{
    if (geteuid() != 0)
        snprintf(why, size,
                 "only root changes the system's trust store; run it as root, or leave "
                 "--trust out");
    else if (access(UPDATE, X_OK) != 0)
        snprintf(why, size, UPDATE " is not there; install ca-certificates");
    else
        return true;
    return false;
}

static bool run_update(char *why, size_t size)
{
    char *const argv[] = {(char[]){UPDATE}, NULL};
    char *const environment[] = {(char[]){"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}, NULL};
    posix_spawn_file_actions_t actions;
    int status = -1, error;
    pid_t pid;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
    error = posix_spawn(&pid, UPDATE, &actions, NULL, argv, environment);
    posix_spawn_file_actions_destroy(&actions);
    while (error == 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (error != 0)
        snprintf(why, size, UPDATE " cannot be run: %s", strerror(error));
    else if (status != 0)
        snprintf(why, size, UPDATE " failed");
    return error == 0 && status == 0;
}

bool system_trust_add(X509 *ca, char *why, size_t size)
{
    char path[sizeof(LOCAL_CAS) + 64], id[STORE_ID_SIZE], *pem;
    BIO *bio = BIO_new(BIO_s_mem());
    struct put_file put = {0};
    struct pin pin;
    bool good = bio && cert_fingerprint(ca, &pin) && PEM_write_bio_X509(bio, ca) == 1;
    long length;

    snprintf(why, size, "there is not enough memory");
    if (good) {
        store_id(&pin, id);
        snprintf(path, sizeof(path), LOCAL_CAS "/pinshim-%s.crt", id);
        length = BIO_get_mem_data(bio, &pem);
        good = put_file_write(path, pem, (size_t)length, 0644, &put, why, size) &&
               put_file_place(&put, why, size);
    }
    BIO_free(bio);
    if (!good || run_update(why, size))
        return good;
    unlink(path);
    return false;
}
