/* PHP before 8.4 opens its extensions RTLD_DEEPBIND: libcurl, and the OpenSSL under it, past the
 * hooks; its own streams come from the executable. */
#include "tests/programs/scene.h"
#include "tests/support/version.h"

TestSuite(php, .init = scene_open, .fini = scene_close);

/* The shim then meets no connect, and curl since 7.88 keeps its socket from OpenSSL. */
static void find_address(struct program *row)
{
    row->hides_address = !version_from("php", "-v", 8, 4) && version_from("curl", "-V", 7, 88);
}

#define CURL(options)                                                                              \
    "$c = curl_init('https://localhost:{port}/');\n"                                               \
    "curl_setopt_array($c, [CURLOPT_RETURNTRANSFER => true, CURLOPT_CAINFO => '{ca}',\n"           \
    "    CURLOPT_SSLCERT => '{cert}', CURLOPT_SSLKEY => '{key}'," options "]);\n"                  \
    "$r = curl_exec($c);\n"                                                                        \
    "if ($r === false) { fwrite(STDERR, curl_error($c)); exit(1); }\n"                             \
    "echo $r;\n"

#define STREAM(options)                                                                            \
    "$x = stream_context_create(['ssl' => ['cafile' => '{ca}', 'local_cert' => '{cert}',\n"        \
    "    'local_pk' => '{key}'," options "]]);\n"                                                  \
    "$r = file_get_contents('https://localhost:{port}/', false, $x);\n"                            \
    "if ($r === false) { exit(1); }\n"                                                             \
    "echo $r;\n"

/* -n: no php.ini, whatever this machine has in its own. */
#define PHP(row, how, ...)                                                                         \
    PROGRAM(php, row, .host = "localhost", .host_source = "sni", .verification = (how),            \
            .output = "genuine", .refused_status = 1, .has_client_cert = true, __VA_ARGS__)

#define PHP_CURL(row, how, options)                                                                \
    PHP(row, how, .adapt = find_address, .complaint = "application verification failure",          \
        .argv = {"/usr/bin/php", "-n", "-d", "extension=curl", "-r", CURL(options)})

#define PHP_STREAM(row, how, options)                                                              \
    PHP(row, how, .complaint = "certificate verify failed",                                        \
        .argv = {"/usr/bin/php", "-n", "-d", "display_errors=stderr", "-r", STREAM(options)})

PHP_CURL(curl, "ok", "")
PHP_CURL(curl_unverified, "skipped", "CURLOPT_SSL_VERIFYPEER => 0, CURLOPT_SSL_VERIFYHOST => 0")
PHP_STREAM(stream, "ok", "")
PHP_STREAM(stream_unverified, "skipped", "'verify_peer' => false, 'verify_peer_name' => false")
