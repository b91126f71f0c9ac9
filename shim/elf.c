#include "shim/elf.h"

/* glibc relocates the pointers of the dynamic section in place, the vDSO's are left relative. */
static const void *pointer(uintptr_t base, ElfW(Addr) value)
{
    return (const void *)(value < base ? value + base : value);
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

bool elf_open(const struct dl_phdr_info *info, struct elf_object *out)
{
    ElfW(Xword) soname = 0;

    *out = (struct elf_object){0};
    out->path = info->dlpi_name;
    out->soname = "";
    out->base = info->dlpi_addr;
    find_range(info, out);
    if (out->dynamic == NULL)
        return false;
    for (const ElfW(Dyn) *d = out->dynamic; d->d_tag != DT_NULL; d++) {
        const void *table = pointer(out->base, d->d_un.d_ptr);
        if (d->d_tag == DT_SYMTAB)
            out->symbols = table;
        else if (d->d_tag == DT_STRTAB)
            out->strings = table;
        else if (d->d_tag == DT_VERSYM)
            out->versions = table;
        else if (d->d_tag == DT_GNU_HASH)
            out->gnu_hash = table;
        else if (d->d_tag == DT_SONAME)
            soname = d->d_un.d_val;
    }
    if (out->symbols == NULL || out->strings == NULL || out->gnu_hash == NULL)
        return false;
    if (soname != 0)
        out->soname = out->strings + soname;
    return true;
}

bool elf_same(const char *a, const char *b)
{
    for (; *a == *b; a++, b++)
        if (*a == '\0')
            return true;
    return false;
}

static uint32_t hash_name(const char *name)
{
    uint32_t hash = 5381;

    for (const unsigned char *c = (const unsigned char *)name; *c != '\0'; c++)
        hash = hash * 33 + *c;
    return hash;
}

static bool defines(const struct elf_object *object, uint32_t index, const char *name)
{
    const ElfW(Sym) *symbol = &object->symbols[index];

    return symbol->st_shndx != SHN_UNDEF && symbol->st_value != 0 &&
           ELF64_ST_TYPE(symbol->st_info) == STT_FUNC &&
           ELF64_ST_BIND(symbol->st_info) != STB_LOCAL &&
           /* The high bit hides versions that only old programs ask for. */
           (object->versions == NULL || (object->versions[index] & 0x8000) == 0) &&
           elf_same(object->strings + symbol->st_name, name);
}

void *elf_function(const struct elf_object *object, const char *name)
{
    const uint32_t *table = object->gnu_hash;
    uint32_t buckets = table[0], first = table[1], words = table[2], shift = table[3];
    const ElfW(Addr) *bloom = (const void *)(table + 4);
    const uint32_t *bucket = (const void *)(bloom + words), *chain = bucket + buckets;
    uint32_t hash = hash_name(name), bits = sizeof(ElfW(Addr)) * 8, index;
    ElfW(Addr) word;

    if (buckets == 0 || words == 0)
        return NULL;
    word = bloom[hash / bits % words];
    if ((word >> hash % bits & word >> (hash >> shift) % bits & 1) == 0)
        return NULL;
    index = bucket[hash % buckets];
    if (index < first)
        return NULL;
    for (;; index++) {
        uint32_t entry = chain[index - first];
        if ((entry | 1) == (hash | 1) && defines(object, index, name))
            return (void *)(object->base + object->symbols[index].st_value);
        if ((entry & 1) != 0)
            return NULL;
    }
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
};

static int visit_info(struct dl_phdr_info *info, size_t size, void *arg)
{
    struct walk *walk = arg;
    struct elf_object object;

    (void)size;
    return elf_open(info, &object) && !walk->visit(&object, walk->arg);
}

void elf_walk(bool (*visit)(const struct elf_object *object, void *arg), void *arg)
{
    struct walk walk = {visit, arg};

    dl_iterate_phdr(visit_info, &walk);
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
