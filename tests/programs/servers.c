#include "tests/programs/servers.h"

#include <errno.h>
#include <glob.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/version.h"

#define ATTEMPTS 5 /* at a port that nobody else has taken meanwhile */

/* Starts a server that does not take port 0, and waits until it says `ready`. The maker fills in
 * the command for scene->port. */
static void start(struct scene *scene, const struct identity *identity, const char *ready,
                  void (*make)(struct scene *, const struct identity *, struct command *))
{
    char *output = NULL, *line = NULL;

    for (int i = 0; i < ATTEMPTS && !line; i++) {
        struct command command = {0};
        scene->port = free_port();
        make(scene, identity, &command);
        struct background *server = background_start(&command);
        line = background_wait_for(server, ready);
        if (!line) {
            free(output);
            background_stop(server, SIGKILL, &output);
        }
    }
    cr_assert(line, "the server does not come up:\n%s", output);
    free(output);
    free(line);
}

static void make_http2(struct scene *scene, const struct identity *identity,
                       struct command *command)
{
    const char *config = scratch_text(
        scene->scratch, "http2.conf", 0644,
        "daemon off;\n"
        "master_process off;\n"
        "pid %s/http2.pid;\n"
        "error_log stderr notice;\n"
        "events {}\n"
        "http {\n"
        "    access_log off;\n"
        "    client_body_temp_path .; proxy_temp_path .; fastcgi_temp_path .;\n"
        "    uwsgi_temp_path .; scgi_temp_path .;\n"
        "    server {\n"
        "        listen 127.0.0.1:%u ssl http2;\n"
        "        ssl_certificate %s;\n"
        "        ssl_certificate_key %s;\n"
        "        location / { return 200 \"genuine\\n\"; }\n"
        "    }\n"
        "}\n",
        scratch_dir(scene->scratch), scene->port, identity->chain_file, identity->key_file);

    command_add(command, "nginx", "-p", scratch_dir(scene->scratch), "-c", config,
                nginx_has_early_log() ? "-e" : NULL, "stderr", NULL);
}

bool nginx_has_early_log(void)
{
    return version_from("nginx", "-v", 1, 20);
}

void serve_http2(struct scene *scene, const struct identity *identity)
{
    start(scene, identity, "OS: ", make_http2); /* said once it listens */
}

static void make_redis(struct scene *scene, const struct identity *identity,
                       struct command *command)
{
    command_add(command, "redis-server", "--port", "0", "--tls-port",
                scratch_format(scene->scratch, "%u", scene->port), "--bind", "127.0.0.1",
                "--tls-cert-file", identity->chain_file, "--tls-key-file", identity->key_file,
                "--tls-ca-cert-file", scene->pki.ca_file, "--tls-auth-clients", "optional",
                "--save", "", "--appendonly", "no", "--dir", scratch_dir(scene->scratch), NULL);
}

void serve_redis(struct scene *scene, const struct identity *identity)
{
    start(scene, identity, "Ready to accept connections", make_redis);
}

/* A program of the newest PostgreSQL; Debian keeps them out of PATH. */
static const char *postgresql_program(struct scene *scene, const char *name)
{
    glob_t found;
    const char *pattern = scratch_format(scene->scratch, "/usr/lib/postgresql/*/bin/%s", name);

    if (glob(pattern, 0, NULL, &found) != 0)
        return name;
    const char *path = scratch_format(scene->scratch, "%s", found.gl_pathv[found.gl_pathc - 1]);
    globfree(&found);
    return path;
}

/* Gives a file to the user that PostgreSQL runs as: it refuses to run as root. */
static void give_to_postgres(const char *path)
{
    const struct passwd *user = getpwnam("postgres");

    if (geteuid() != 0)
        return;
    cr_assert(user && chown(path, user->pw_uid, user->pw_gid) == 0, "%s: %s", path,
              strerror(errno));
}

static void make_postgresql(struct scene *scene, const struct identity *identity,
                            struct command *command)
{
    (void)identity; /* in the data directory */
    command->user = "postgres";
    command_add(command, postgresql_program(scene, "postgres"), "-D",
                scratch_path(scene->scratch, "data"), "-p",
                scratch_format(scene->scratch, "%u", scene->port), "-c",
                "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off",
                "-c", "ssl=on", "-c", "ssl_cert_file=server.pem", "-c", "ssl_key_file=server.key",
                "-c", scratch_format(scene->scratch, "ssl_ca_file=%s", scene->pki.ca_file), NULL);
}

void serve_postgresql(struct scene *scene, const struct identity *identity)
{
    struct command initdb = {.user = "postgres"};
    const char *data = scratch_path(scene->scratch, "data");
    struct scratch *scratch = scene->scratch;

    cr_assert(mkdir(data, 0700) == 0, "%s: %s", data, strerror(errno));
    give_to_postgres(data);
    command_add(&initdb, postgresql_program(scene, "initdb"), "-D", data, "-U", "tester", "-A",
                "trust", "-E", "UTF8", "--no-locale", "--no-sync", NULL);
    struct outcome made = command_run(&initdb);
    cr_assert(made.status == 0, "initdb: status %d\n%s", made.status, made.err);
    outcome_free(&made);
    give_to_postgres(scratch_text(scratch, "data/server.pem", 0600, "%s",
                                  scratch_read(scratch, identity->chain_file)));
    give_to_postgres(scratch_text(scratch, "data/server.key", 0600, "%s",
                                  scratch_read(scratch, identity->key_file)));
    start(scene, identity, "database system is ready to accept connections", make_postgresql);
}
