#include "cli/tls_library.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shim/functions.h"

/* What tells the code of a library from programs that only talk about it: texts of its own, that it
 * cannot do without. */
static const struct mark {
    enum tls_library library;
    const char *text;    /* NULL: what the version stands behind is enough */
    const char *version; /* a digit behind it begins the version */
} MARKS[] = {
    {TLS_LIBRESSL, "SSL for verify callback", "LibreSSL "},
    {TLS_OPENSSL, "SSL for verify callback", "OpenSSL "},
    {TLS_BORINGSSL, "(compatible; BoringSSL)", NULL},
    {TLS_BORINGSSL, "(compatible; AWS-LC", NULL},
    {TLS_GNUTLS, NULL, "Enabled GnuTLS "},
    {TLS_NSS, "Header: NSS ", "Header: NSS "},
    {TLS_MBEDTLS, "SSL - A fatal alert message was received from our peer", "bed TLS "},
    {TLS_GO, "crypto/tls.(*Conn)", "\xff Go buildinf:"},
    {TLS_RUSTLS, NULL, "/rustls-"},
    {TLS_RUSTLS, "/rustls/src/", NULL},
    {TLS_BUSYBOX, "got bad TLS record (len:", "BusyBox v"},
};
#define MARK_COUNT (sizeof(MARKS) / sizeof(MARKS[0]))

static const struct {
    const char *prefix;
    enum tls_library library;
} NAMES[] = {
    {"libssl.so", TLS_OPENSSL},     {"libssl-", TLS_OPENSSL},       {"libgnutls.so", TLS_GNUTLS},
    {"libssl3.so", TLS_NSS},        {"libmbedtls.so", TLS_MBEDTLS}, {"libmbedtls-", TLS_MBEDTLS},
    {"libwolfssl.so", TLS_WOLFSSL}, {"libjli.so", TLS_JAVA},        {"libjvm.so", TLS_JAVA},
};

const char *tls_library_name(enum tls_library library)
{
    static const char *const names[] = {
        [TLS_OPENSSL] = "OpenSSL",
        [TLS_LIBRESSL] = "LibreSSL",
        [TLS_BORINGSSL] = "BoringSSL",
        [TLS_GNUTLS] = "GnuTLS",
        [TLS_NSS] = "NSS",
        [TLS_MBEDTLS] = "Mbed TLS",
        [TLS_WOLFSSL] = "wolfSSL",
        [TLS_GO] = "Go",
        [TLS_RUSTLS] = "rustls",
        [TLS_JAVA] = "Java",
        [TLS_BUSYBOX] = "BusyBox",
    };

    return names[library];
}

const char *tls_how_name(enum tls_how how)
{
    static const char *const names[] = {
        [TLS_LINKED] = "linked", [TLS_OPENED] = "opened", [TLS_BUILT_IN] = "built in"};

    return names[how];
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

bool tls_library_named(const char *path, enum tls_library *out)
{
    const char *name = base_name(path);

    for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
        if (strncmp(name, NAMES[i].prefix, strlen(NAMES[i].prefix)) == 0 && strstr(name, ".so")) {
            *out = NAMES[i].library;
            return true;
        }
    }
    return false;
}

/* The version at `text`, digits and dots with perhaps letters behind. */
static bool take_version(const char *text, const char *end, char out[TLS_VERSION_SIZE])
{
    size_t length = 0, dots = 0;

    while (text + length < end && length + 1 < TLS_VERSION_SIZE &&
           ((text[length] >= '0' && text[length] <= '9') || text[length] == '.' ||
            (dots > 0 && text[length] >= 'a' && text[length] <= 'z')))
        dots += text[length++] == '.';
    while (length > 0 && text[length - 1] == '.')
        length--;
    if (dots == 0 || text[0] < '0' || text[0] > '9')
        return false;
    memcpy(out, text, length);
    out[length] = '\0';
    return true;
}

static size_t count_dots(const char *text)
{
    size_t dots = 0;

    while (*text)
        dots += *text++ == '.';
    return dots;
}

/* The first version that stands behind `prefix`; one of three parts before a shorter one, which a
 * text for people may have. */
static bool find_version(const struct elf_content *content, const char *prefix,
                         char out[TLS_VERSION_SIZE])
{
    const char *at = content->data, *end = content->data + content->size;
    size_t length = strlen(prefix);
    char found[TLS_VERSION_SIZE];

    out[0] = '\0';
    while (count_dots(out) < 2 && (at = elf_content_find(content, at, prefix, length))) {
        at += length;
        if (take_version(at, end, found) && count_dots(found) > count_dots(out))
            memcpy(out, found, sizeof(found));
    }
    return out[0] != '\0';
}

static bool has_mark(const struct elf_content *content, const struct mark *mark,
                     char version[TLS_VERSION_SIZE])
{
    if (mark->text && !elf_content_find(content, content->data, mark->text, strlen(mark->text)))
        return false;
    if (!mark->version || find_version(content, mark->version, version))
        return true;
    return mark->text && mark->library != TLS_LIBRESSL;
}

static struct tls_use *add(struct list *uses, enum tls_library library, enum tls_how how,
                           const char *file)
{
    struct tls_use *use = list_add(uses, sizeof(*use));

    if (!use)
        return NULL;
    use->library = library;
    use->how = how;
    use->file = strdup(file);
    return use->file ? use : NULL;
}

/* What the shim looks for when it binds a libssl (shim/openssl.h): can it use this one? */
static void look_for_functions(const struct elf_content *ssl, const struct elf_content *crypto,
                               struct tls_use *use)
{
    enum { NEEDED = 1, OPTIONAL = 0 };
    static const struct {
        const char *name;
        bool in_ssl, needed;
    } functions[] = {
#define IN_SSL true
#define IN_CRYPTO false
#define ROW(object, needed, name) {#name, IN_##object, needed},
        OPENSSL_FUNCTIONS(ROW)
#undef ROW
    };

    use->seen = true;
    for (size_t i = 0; use->seen && i < sizeof(functions) / sizeof(functions[0]); i++) {
        if (!functions[i].needed || (!functions[i].in_ssl && !crypto) ||
            elf_content_exports(functions[i].in_ssl ? ssl : crypto, functions[i].name))
            continue;
        snprintf(use->missing, sizeof(use->missing), "%s", functions[i].name);
        use->seen = false;
    }
}

/* A libssl, with the libcrypto it uses. */
static bool add_openssl(const struct elf_content *ssl, const char *path, const char *crypto_path,
                        struct list *uses)
{
    struct tls_use *use = add(uses, TLS_OPENSSL, TLS_LINKED, path);
    struct elf_content crypto = {.fd = -1};
    bool has_crypto;

    if (!use)
        return false;
    has_crypto = crypto_path && elf_content_open(crypto_path, &crypto);
    if (find_version(ssl, "LibreSSL ", use->version) ||
        (has_crypto && find_version(&crypto, "LibreSSL ", use->version)))
        use->library = TLS_LIBRESSL;
    else if (has_crypto && elf_content_find(&crypto, crypto.data, "BoringSSL", 9))
        use->library = TLS_BORINGSSL;
    else if (!(has_crypto && find_version(&crypto, "OpenSSL ", use->version)))
        find_version(ssl, "OpenSSL ", use->version);
    look_for_functions(ssl, has_crypto ? &crypto : NULL, use);
    if (has_crypto)
        elf_content_close(&crypto);
    return true;
}

/* OpenSSL in the file itself is found where its functions are in view (RTLD_GLOBAL, -rdynamic). */
static bool add_built_in(const struct elf_content *content, const char *path, struct list *uses)
{
    char version[TLS_VERSION_SIZE];

    for (size_t i = 0; i < MARK_COUNT; i++) {
        struct tls_use *use;

        version[0] = '\0';
        if (!has_mark(content, &MARKS[i], version))
            continue;
        use = add(uses, MARKS[i].library, TLS_BUILT_IN, path);
        if (!use)
            return false;
        memcpy(use->version, version, sizeof(version));
        if (use->library == TLS_OPENSSL || use->library == TLS_LIBRESSL)
            look_for_functions(content, content, use);
        break;
    }
    return true;
}

/* A text that is the name of a libssl, from its first octet on. */
static bool add_opened(const struct elf_content *content, const char *path, struct list *uses)
{
    static const char *const names[] = {"\0libssl.so", "\0libssl.*"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *at =
            elf_content_find(content, content->data, names[i], strlen(names[i] + 1) + 1);
        const char *end = content->data + content->size;
        struct tls_use *use;

        if (!at || !memchr(at + 1, 0, (size_t)(end - at - 1)))
            continue;
        use = add(uses, TLS_OPENSSL, TLS_OPENED, at + 1);
        if (!use)
            return false;
        use->by = strdup(path);
        use->seen = true;
        return use->by != NULL;
    }
    return true;
}

static bool needs_libssl(const struct elf_content *content)
{
    struct list needed = {0};
    enum tls_library library;
    bool needs = false;

    elf_content_needed(content, &needed);
    for (size_t i = 0; i < needed.count && !needs; i++)
        needs = tls_library_named(((char **)needed.items)[i], &library) && library == TLS_OPENSSL;
    list_free_strings(&needed);
    return needs;
}

bool tls_library_find(const struct elf_content *content, const char *path, const char *crypto,
                      struct list *uses)
{
    enum tls_library library;
    struct tls_use *use;

    if (strncmp(base_name(path), "libcrypto", 9) == 0)
        return true;
    if (!tls_library_named(path, &library))
        return add_built_in(content, path, uses) &&
               (needs_libssl(content) || add_opened(content, path, uses));
    if (library == TLS_OPENSSL)
        return add_openssl(content, path, crypto, uses);
    use = add(uses, library, TLS_LINKED, path);
    for (size_t i = 0; use && i < MARK_COUNT; i++)
        if (MARKS[i].library == library && MARKS[i].version)
            find_version(content, MARKS[i].version, use->version);
    return use != NULL;
}

void tls_uses_free(struct list *uses)
{
    struct tls_use *items = uses->items;

    for (size_t i = 0; i < uses->count; i++) {
        free(items[i].file);
        free(items[i].by);
    }
    free(items);
    *uses = (struct list){0};
}
