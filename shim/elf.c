#include "shim/elf.h"

#include <limits.h>

/* glibc relocates the pointers of the dynamic section in place, but not where that is read-only. */
static const void *pointer(uintptr_t base, ElfW(Addr) value)
{
    return (const void *)(value < base ? value + base : value);
}

/* What an entry of the dynamic section names; NULL where there is none. */
static const void *table(uintptr_t base, ElfW(Addr) value)
{
    return value == 0 ? NULL : pointer(base, value);
}

/* The kernel's own object: the loader binds no symbol to it, and it is the one without a file. */
static bool is_vdso(const char *path)
{
    return elf_same(path, "linux-vdso.so.1");
}

static void find_range(const struct dl_phdr_info *info, struct elf_object *out)
{
    out->start = UINTPTR_MAX;
    out->end = 0;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        uintptr_t from = info->dlpi_addr + segment->p_vaddr;
        if (segment->p_type == PT_DYNAMIC)
            out->dynamic = (const void *)from;
        if (segment->p_type != PT_LOAD)
            continue;
        if (from < out->start)
            out->start = from;
        if (from + segment->p_memsz > out->end)
            out->end = from + segment->p_memsz;
    }
}

/* With path, base and dynamic section known. */
static bool read_dynamic(struct elf_object *out)
{
    ElfW(Addr) low[DT_SONAME + 1] = {0}, gnu_hash = 0, versions = 0, names = 0;

    out->soname = "";
    if (out->dynamic == NULL)
        return false;
    /* Some thirty entries in each of some forty objects. */
    for (const ElfW(Dyn) *d = out->dynamic; d->d_tag != DT_NULL; d++) {
        if ((ElfW(Xword))d->d_tag <= DT_SONAME)
            low[d->d_tag] = d->d_un.d_ptr;
        else if (d->d_tag == DT_GNU_HASH)
            gnu_hash = d->d_un.d_ptr;
        else if (d->d_tag == DT_VERSYM)
            versions = d->d_un.d_ptr;
        else if (d->d_tag == DT_VERDEF)
            names = d->d_un.d_ptr;
    }
    out->symbols = table(out->base, low[DT_SYMTAB]);
    out->strings = table(out->base, low[DT_STRTAB]);
    out->sysv_hash = table(out->base, low[DT_HASH]);
    out->gnu_hash = table(out->base, gnu_hash);
    out->versions = table(out->base, versions);
    out->version_names = table(out->base, names);
    if (out->symbols == NULL || out->strings == NULL ||
        (out->gnu_hash == NULL && out->sysv_hash == NULL))
        return false;
    if (low[DT_SONAME] != 0)
        out->soname = out->strings + low[DT_SONAME];
    return true;
}

bool elf_open(const struct dl_phdr_info *info, struct elf_object *out)
{
    *out = (struct elf_object){.path = info->dlpi_name, .base = info->dlpi_addr};
    find_range(info, out);
    return read_dynamic(out);
}

bool elf_same(const char *a, const char *b)
{
    for (; *a == *b; a++, b++)
        if (*a == '\0')
            return true;
    return false;
}

uint32_t elf_hash(const char *name)
{
    uint32_t hash = 5381;

    for (const unsigned char *c = (const unsigned char *)name; *c != '\0'; c++)
        hash = hash * 33 + *c;
    return hash;
}

/* Does a symbol of the object have the version? Those before 2 are none. */
static bool has_version(const struct elf_object *object, uint32_t index, const char *version)
{
    ElfW(Versym) mark = object->versions != NULL ? object->versions[index] : VER_NDX_GLOBAL;
    const ElfW(Verdef) *definition = object->version_names;

    if (version == NULL || (mark & 0x7fff) <= VER_NDX_GLOBAL)
        return (mark & 0x8000) == 0; /* hides versions that only old programs ask for */
    while (definition != NULL && definition->vd_ndx != (mark & 0x7fff))
        definition = definition->vd_next != 0
                         ? (const void *)((const char *)definition + definition->vd_next)
                         : NULL;
    if (definition == NULL)
        return false;
    const ElfW(Verdaux) *first = (const void *)((const char *)definition + definition->vd_aux);
    return elf_same(object->strings + first->vda_name, version);
}

static bool defines(const struct elf_object *object, uint32_t index,
                    const struct elf_wanted *wanted)
{
    const ElfW(Sym) *symbol = &object->symbols[index];
    unsigned type = ELF64_ST_TYPE(symbol->st_info);

    return symbol->st_shndx != SHN_UNDEF && symbol->st_value != 0 &&
           (type == STT_FUNC || type == STT_GNU_IFUNC || type == STT_NOTYPE) &&
           ELF64_ST_BIND(symbol->st_info) != STB_LOCAL &&
           elf_same(object->strings + symbol->st_name, wanted->name) &&
           has_version(object, index, wanted->version);
}

/* The index of a symbol that the object defines; 0, which is nobody's, if it defines none. */
static uint32_t find_gnu(const struct elf_object *object, const struct elf_wanted *wanted)
{
    const uint32_t *table = object->gnu_hash;
    uint32_t buckets = table[0], first = table[1], words = table[2], shift = table[3];
    const ElfW(Addr) *bloom = (const void *)(table + 4);
    const uint32_t *bucket = (const void *)(bloom + words), *chain = bucket + buckets;
    uint32_t bits = sizeof(ElfW(Addr)) * 8, hash = wanted->hash, index;
    ElfW(Addr) word;

    if (buckets == 0 || words == 0)
        return 0;
    word = bloom[hash / bits & (words - 1)]; /* a power of two */
    if ((word >> hash % bits & word >> (hash >> shift) % bits & 1) == 0)
        return 0;
    index = bucket[hash % buckets];
    if (index < first)
        return 0;
    for (;; index++) {
        uint32_t entry = chain[index - first];
        if ((entry | 1) == (hash | 1) && defines(object, index, wanted))
            return index;
        if ((entry & 1) != 0)
            return 0;
    }
}

/* Only objects from other linkers have no DT_GNU_HASH; so their hash is not known beforehand. */
static uint32_t find_sysv(const struct elf_object *object, const struct elf_wanted *wanted)
{
    const uint32_t *table = object->sysv_hash;
    uint32_t buckets = table[0], hash = 0, index;
    const uint32_t *bucket = table + 2, *chain = bucket + buckets;

    for (const unsigned char *c = (const unsigned char *)wanted->name; *c != '\0'; c++) {
        hash = (hash << 4) + *c;
        hash ^= hash >> 24 & 0xf0;
        hash &= 0x0fffffff;
    }
    for (index = buckets > 0 ? bucket[hash % buckets] : 0; index != 0; index = chain[index])
        if (defines(object, index, wanted))
            return index;
    return 0;
}

/* A resolver asks the processor itself. Some of AArch64's take the kernel's word on it as well, and
 * choose what runs everywhere when they are told nothing. */
static void *choose(void *resolver)
{
    return ((void *(*)(uint64_t, const void *))resolver)(0, NULL);
}

void *elf_import(const struct elf_object *object, const struct elf_wanted *wanted)
{
    uint32_t index =
        object->gnu_hash != NULL ? find_gnu(object, wanted) : find_sysv(object, wanted);
    const ElfW(Sym) *symbol = &object->symbols[index];
    void *address = (void *)(object->base + symbol->st_value);

    if (index == 0)
        return NULL;
    return ELF64_ST_TYPE(symbol->st_info) == STT_GNU_IFUNC ? choose(address) : address;
}

void *elf_function(const struct elf_object *object, const char *name)
{
    return elf_import(object, &(struct elf_wanted){.name = name, .hash = elf_hash(name)});
}

bool elf_needs(const struct elf_object *object, const char *soname)
{
    for (const ElfW(Dyn) *d = object->dynamic; d->d_tag != DT_NULL; d++)
        if (d->d_tag == DT_NEEDED && elf_same(object->strings + d->d_un.d_val, soname))
            return true;
    return false;
}

/* What the relocations of an object are asked. */
struct question {
    const char *name;            /* of the function … */
    const struct elf_object *to; /* … or of none, but bound into this one */
    void *answer;
};

static void ask(const struct elf_object *from, const ElfW(Rela) * relocations, size_t size,
                struct question *question)
{
    for (size_t i = 0; i < size / sizeof *relocations && question->answer == NULL; i++) {
        size_t index = ELF64_R_SYM(relocations[i].r_info);
        const ElfW(Sym) *symbol = &from->symbols[index];
        void *bound = *(void *const *)(from->base + relocations[i].r_offset);
        bool matches = question->to != NULL
                           ? symbol->st_shndx == SHN_UNDEF && elf_contains(question->to, bound)
                           : elf_same(from->strings + symbol->st_name, question->name);
        if (index != 0 && matches)
            question->answer = bound;
    }
}

static void *ask_all(const struct elf_object *from, struct question question)
{
    const ElfW(Rela) *plain = NULL, *calls = NULL;
    size_t plain_size = 0, calls_size = 0;

    for (const ElfW(Dyn) *d = from->dynamic; d->d_tag != DT_NULL; d++) {
        if (d->d_tag == DT_RELA)
            plain = pointer(from->base, d->d_un.d_ptr);
        else if (d->d_tag == DT_RELASZ)
            plain_size = d->d_un.d_val;
        else if (d->d_tag == DT_JMPREL)
            calls = pointer(from->base, d->d_un.d_ptr);
        else if (d->d_tag == DT_PLTRELSZ)
            calls_size = d->d_un.d_val;
    }
    if (calls != NULL)
        ask(from, calls, calls_size, &question);
    if (plain != NULL)
        ask(from, plain, plain_size, &question);
    return question.answer;
}

bool elf_calls(const struct elf_object *from, const struct elf_object *to)
{
    return ask_all(from, (struct question){.to = to}) != NULL;
}

void *elf_callee(const struct elf_object *from, const char *name)
{
    return ask_all(from, (struct question){.name = name});
}

struct walk {
    bool (*visit)(const struct elf_object *object, void *arg);
    void *arg;
    unsigned from, to, index;
    struct elf_seen *seen; /* NULL: `from` stands */
};

static int visit_info(struct dl_phdr_info *info, size_t size, void *arg)
{
    struct walk *walk = arg;
    struct elf_object object;

    (void)size;
    if (walk->seen != NULL && walk->seen->unloaded != info->dlpi_subs) {
        walk->seen->unloaded = info->dlpi_subs;
        walk->from = 0;
    }
    if (walk->index == walk->to)
        return 1;
    return walk->index++ >= walk->from && !is_vdso(info->dlpi_name) && elf_open(info, &object) &&
           !walk->visit(&object, walk->arg);
}

void elf_walk(bool (*visit)(const struct elf_object *object, void *arg), void *arg)
{
    elf_walk_first(UINT_MAX, visit, arg);
}

void elf_walk_first(unsigned count, bool (*visit)(const struct elf_object *object, void *arg),
                    void *arg)
{
    struct walk walk = {.visit = visit, .arg = arg, .to = count};

    dl_iterate_phdr(visit_info, &walk);
}

/* The loader's, for debuggers: looked up weakly, so that the loader is not needed by name. */
#pragma weak _r_debug

void elf_walk_started(bool (*visit)(const struct elf_object *object, void *arg), void *arg)
{
    const struct link_map *map = &_r_debug != NULL ? _r_debug.r_map : NULL;

    if (map == NULL)
        elf_walk(visit, arg);
    for (; map != NULL; map = map->l_next) {
        struct elf_object object = {.path = map->l_name, .base = map->l_addr, .dynamic = map->l_ld};
        if (!is_vdso(object.path) && read_dynamic(&object) && !visit(&object, arg))
            return;
    }
}

bool elf_is_own(const struct elf_object *object)
{
    return object->dynamic == _DYNAMIC;
}

void elf_walk_new(struct elf_seen *seen, bool (*visit)(const struct elf_object *object, void *arg),
                  void *arg)
{
    struct walk walk = {visit, arg, .from = seen->count, .to = UINT_MAX, .seen = seen};

    dl_iterate_phdr(visit_info, &walk);
    seen->count = walk.index;
}

static int count_one(struct dl_phdr_info *info, size_t size, void *arg)
{
    unsigned *count = arg;

    (void)info, (void)size;
    ++*count;
    return 0;
}

unsigned elf_count(void)
{
    unsigned count = 0;

    dl_iterate_phdr(count_one, &count);
    return count;
}

static int read_generation(struct dl_phdr_info *info, size_t size, void *arg)
{
    unsigned long long *generation = arg;

    (void)size;
    *generation = info->dlpi_adds + info->dlpi_subs;
    return 1;
}

unsigned long long elf_generation(void)
{
    unsigned long long generation = 0;

    dl_iterate_phdr(read_generation, &generation);
    return generation;
}

bool elf_contains(const struct elf_object *object, const void *address)
{
    return (uintptr_t)address >= object->start && (uintptr_t)address < object->end;
}
