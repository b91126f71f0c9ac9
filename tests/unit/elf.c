/* Symbols read from the loaded objects' own tables, against the loader's own answers. */
#include "shim/elf.h"

#include <dlfcn.h>
#include <gnu/lib-names.h>
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>
#include <openssl/ssl.h>

#include "shim/openssl.h"

TestSuite(elf);

struct search {
    const char *soname; /* begins so */
    struct elf_object found;
    unsigned count;
};

static bool visit(const struct elf_object *object, void *arg)
{
    struct search *search = arg;

    if (strncmp(object->soname, search->soname, strlen(search->soname)) == 0) {
        search->found = *object;
        search->count++;
    }
    return true;
}

static struct elf_object object_of(const char *soname)
{
    struct search search = {.soname = soname};

    elf_walk(visit, &search);
    cr_assert_eq(search.count, 1, "%u objects are called %s", search.count, soname);
    return search.found;
}

Test(elf, hash_that_is_written_down)
{
    cr_expect_eq(openssl_first_wanted.hash, elf_hash(openssl_first_wanted.name));
}

/* glibc moved them in 2.34. */
#if __GLIBC_PREREQ(2, 34)
#    define DLSYM_SO LIBC_SO
#else
#    define DLSYM_SO LIBDL_SO
#endif

static const struct {
    const char *soname, *function;
} functions[] = {
    {LIBC_SO, "getaddrinfo"},
    {LIBC_SO, "connect"},
    {LIBC_SO, "malloc"},
    {DLSYM_SO, "dlsym"},
    {LIBC_SO, "realpath"}, /* has an older version too */
    {LIBC_SO, "fmemopen"}, /* likewise */
    {"libssl.so", "SSL_CTX_new"},
    {"libssl.so", "SSL_connect"},
    {"libssl.so", "SSL_do_handshake"},
    {"libcrypto.so", "X509_verify_cert"},
    {"libcrypto.so", "CRYPTO_get_ex_new_index"},
};

Test(elf, as_the_loader)
{
    cr_assert(OPENSSL_init_ssl(0, NULL));
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        struct elf_object object = object_of(functions[i].soname);
        void *handle = dlopen(object.path, RTLD_NOLOAD | RTLD_LAZY);
        void *want = handle ? dlsym(handle, functions[i].function) : NULL;

        cr_assert(want, "%s", functions[i].function);
        cr_expect_eq(elf_function(&object, functions[i].function), want, "%s",
                     functions[i].function);
        cr_expect(elf_contains(&object, want), "%s", functions[i].function);
        dlclose(handle);
    }
}

Test(elf, default_version)
{
    struct elf_object libc = object_of(LIBC_SO), dlsym_object = object_of(DLSYM_SO);
    void *old = dlvsym(RTLD_DEFAULT, "realpath", "GLIBC_2.2.5");

    /* Only where there was an older ABI; elsewhere the test above says it all. */
    if (old)
        cr_expect_neq(elf_function(&libc, "realpath"), old, "an old version of realpath");
    cr_expect_eq(elf_function(&dlsym_object, "dlsym"), dlsym(RTLD_DEFAULT, "dlsym"));
}

Test(elf, not_there)
{
    static const char *const names[] = {"SSL_connect",      "dlsy",   "dlsymx", "",
                                        "no_such_function", "environ"}; /* the last is data */
    struct elf_object libc = object_of(LIBC_SO), libssl;

    cr_assert(OPENSSL_init_ssl(0, NULL));
    libssl = object_of("libssl.so");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        cr_expect_null(elf_function(&libc, names[i]), "\"%s\"", names[i]);
    cr_expect_null(elf_function(&libssl, "getaddrinfo"));
    /* What it merely uses it does not define. */
    cr_expect_null(elf_function(&libssl, "X509_verify_cert"));
    cr_expect_null(elf_function(&libssl, "memcpy"));
}

/* Names that pass the Bloom filter now and then, and end in empty buckets. */
Test(elf, many_that_are_not_there)
{
    struct elf_object libc = object_of(LIBC_SO);

    for (unsigned i = 0; i < 200000; i++) {
        char name[32];

        snprintf(name, sizeof name, "not_there_%u", i);
        cr_assert_null(elf_function(&libc, name), "%s", name);
    }
}

Test(elf, needs)
{
    struct elf_object libssl, libcrypto;

    cr_assert(OPENSSL_init_ssl(0, NULL));
    libssl = object_of("libssl.so");
    libcrypto = object_of("libcrypto.so");
    cr_expect(elf_needs(&libssl, libcrypto.soname));
    cr_expect(elf_needs(&libssl, LIBC_SO));
    cr_expect_not(elf_needs(&libcrypto, libssl.soname));
    cr_expect_not(elf_needs(&libssl, "libcrypto.so"));
}

Test(elf, contains)
{
    struct elf_object libc = object_of(LIBC_SO);
    int here;

    cr_expect(elf_contains(&libc, (void *)libc.start));
    cr_expect_not(elf_contains(&libc, (void *)(libc.start - 1)));
    cr_expect_not(elf_contains(&libc, (void *)libc.end));
    cr_expect_not(elf_contains(&libc, &here));
}

static bool visit_once(const struct elf_object *object, void *arg)
{
    (void)object;
    ++*(unsigned *)arg;
    return false;
}

Test(elf, walk_stops)
{
    unsigned visits = 0;

    elf_walk(visit_once, &visits);
    cr_expect_eq(visits, 1);
}

Test(elf, generation)
{
    unsigned long long before = elf_generation();
    void *handle;

    cr_expect_eq(elf_generation(), before);
    handle = dlopen("libconfuse.so.2", RTLD_NOW | RTLD_LOCAL); /* the shim's own dependency */
    cr_assert(handle, "%s", dlerror());
    cr_expect_neq(elf_generation(), before);
    /* What is opened RTLD_LOCAL is found too. */
    struct elf_object confuse = object_of("libconfuse.so");
    cr_expect_eq(elf_function(&confuse, "cfg_init"), dlsym(handle, "cfg_init"));
    before = elf_generation();
    dlclose(handle);
    cr_expect_neq(elf_generation(), before);
}

Test(elf, what_an_object_calls)
{
    cr_assert(OPENSSL_init_ssl(0, NULL));
    struct elf_object ssl = object_of("libssl.so"), crypto = object_of("libcrypto.so");
    struct elf_object libc = object_of(LIBC_SO);

    cr_expect(elf_calls(&ssl, &crypto));
    cr_expect(elf_calls(&crypto, &libc));
    cr_expect_not(elf_calls(&crypto, &ssl));
    cr_expect_not(elf_calls(&libc, &crypto));
    /* Its address is taken there, so it is bound from the start. */
    cr_expect_eq(elf_callee(&ssl, "X509_free"), elf_function(&crypto, "X509_free"));
    cr_expect_null(elf_callee(&crypto, "SSL_new"));
}
