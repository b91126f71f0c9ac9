/* A preload under which the process has more rights than its caller (AT_SECURE), but for the first
 * look: at that the environment is read, which such a process would ignore. */
#include <dlfcn.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/auxv.h>

__attribute__((visibility("default"))) unsigned long getauxval(unsigned long type)
{
    static atomic_uint looks;
    __typeof__(&getauxval) real;

    if (type == AT_SECURE)
        return atomic_fetch_add(&looks, 1) > 0;
    real = (__typeof__(&getauxval))dlsym(RTLD_NEXT, "getauxval");
    return real != NULL ? real(type) : 0;
}
