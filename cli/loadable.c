#include "cli/loadable.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "cli/elf_file.h"

/* What our own object is built for, this program was built for. */
#define OURSELVES "/proc/self/exe"

static bool same_machine(const struct elf_file *a, const struct elf_file *b)
{
    return a->class == b->class && a->machine == b->machine;
}

bool loadable_object(const char *path)
{
    struct elf_file object, ours;
    bool good = false;

    if (!elf_file_read(path, &object))
        return false;
    if (elf_file_read(OURSELVES, &ours)) {
        good = object.type == ET_DYN && same_machine(&object, &ours);
        elf_file_free(&ours);
    }
    elf_file_free(&object);
    return good;
}

/* One C library has one loader; it may go by several paths, and by several names of one file. */
static bool same_loader(const char *a, const char *b)
{
    const char *base_a = strrchr(a, '/'), *base_b = strrchr(b, '/');
    struct stat st_a, st_b;

    if (base_a && base_b && strcmp(base_a, base_b) == 0)
        return true;
    return stat(a, &st_a) == 0 && stat(b, &st_b) == 0 && st_a.st_dev == st_b.st_dev &&
           st_a.st_ino == st_b.st_ino;
}

static const char *machine_name(const struct elf_file *file)
{
    switch (file->machine) {
    case EM_X86_64:
        return file->class == ELFCLASS64 ? "64-bit x86" : "x32";
    case EM_386:
        return "32-bit x86";
    case EM_AARCH64:
        return "64-bit Arm";
    case EM_ARM:
        return "32-bit Arm";
    default:
        return file->class == ELFCLASS64 ? "another 64-bit machine" : "another 32-bit machine";
    }
}

static bool same_kind(const struct elf_file *file, char *why, size_t size)
{
    struct elf_file ours;
    bool good = false;

    if (!elf_file_read(OURSELVES, &ours)) {
        snprintf(why, size, "cannot be compared with pinshim: /proc/self/exe cannot be read");
        return false;
    }
    if (!same_machine(file, &ours))
        snprintf(why, size, "is made for %s, and this pinshim for %s: use one of its kind",
                 machine_name(file), machine_name(&ours));
    else if (!file->interpreter)
        snprintf(why, size,
                 "is statically linked, so nothing can be loaded into it; only a dynamically "
                 "linked program can be protected");
    else if (ours.interpreter && !same_loader(file->interpreter, ours.interpreter))
        snprintf(why, size,
                 "is made for another C library (its loader is %s, pinshim's is %s), which cannot "
                 "load libpinshim.so",
                 file->interpreter, ours.interpreter);
    else
        good = true;
    elf_file_free(&ours);
    return good;
}

/* Where the loader finds AT_SECURE set, it ignores LD_PRELOAD (ld.so(8)). */
static bool same_privilege(const char *path, char *why, size_t size)
{
    struct statvfs mount;
    struct stat st;
    const char *what = NULL;

    if (stat(path, &st) != 0 || statvfs(path, &mount) != 0) {
        snprintf(why, size, "cannot be looked at: %m");
        return false;
    }
    if (mount.f_flag & ST_NOSUID)
        return true;
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) {
        if ((st.st_mode & S_ISUID) && st.st_uid != getuid())
            what = "is setuid";
        else if ((st.st_mode & S_ISGID) && (st.st_mode & S_IXGRP) && st.st_gid != getgid())
            what = "is setgid";
    }
    /* They give root nothing it has not. */
    if (!what && getuid() != 0 && getxattr(path, "security.capability", NULL, 0) > 0)
        what = "has file capabilities";
    if (what)
        snprintf(why, size,
                 "%s: run with more privilege than its caller, it ignores preloaded libraries; "
                 "run it as the user whose rights it takes",
                 what);
    return !what;
}

bool loadable(const char *path, char *why, size_t size)
{
    struct elf_file file;
    bool good;

    if (!elf_file_read(path, &file)) {
        snprintf(why, size, "is a damaged ELF file");
        return false;
    }
    good = same_kind(&file, why, size) && same_privilege(path, why, size);
    elf_file_free(&file);
    return good;
}
