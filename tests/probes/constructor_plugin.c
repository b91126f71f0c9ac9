/* A plugin whose constructor, which runs under the loader's lock, calls dlsym while another thread
 * is on its way to its first SSL_CTX (constructor_program.c, which has the function). */
#include <dlfcn.h>

void meet_other_thread(void);

static void *volatile found;

__attribute__((constructor)) static void on_load(void)
{
    meet_other_thread();
    found = dlsym(RTLD_DEFAULT, "SSL_CTX_new"); /* a name that a hook answers for */
    found = dlsym(RTLD_DEFAULT, "getpid");
}
