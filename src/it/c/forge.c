/*
 * Writes a shared library that has no code, only relocations by which the dynamic loader writes code into memory that the
 * library asks for, executable and of no bytes of the file; its initialisation is that code: it says "ran" and exits.
 * No mount option forbids to load it, for nothing of the file is mapped as code.
 */
#include <elf.h>
#include <stdio.h>
#include <string.h>

#define MEMORY 0x10000

static const unsigned char CODE[] = {
    0x68, 0x72, 0x61, 0x6e, 0x0a,       /* push "ran\n" */
    0x48, 0x89, 0xe6,                   /* mov %rsp, %rsi */
    0xbf, 0x01, 0x00, 0x00, 0x00,       /* mov $1, %edi */
    0xba, 0x04, 0x00, 0x00, 0x00,       /* mov $4, %edx */
    0xb8, 0x01, 0x00, 0x00, 0x00,       /* mov $SYS_write, %eax */
    0x0f, 0x05,                         /* syscall */
    0x31, 0xff,                         /* xor %edi, %edi */
    0xb8, 0xe7, 0x00, 0x00, 0x00,       /* mov $SYS_exit_group, %eax */
    0x0f, 0x05,                         /* syscall */
};

#define WORDS ((sizeof CODE + 7) / 8)

static struct {
    Elf64_Ehdr header;
    Elf64_Phdr segments[4];
    Elf64_Rela relocations[WORDS];
    Elf64_Sym symbols[2];
    Elf64_Word hash[5];
    char strings[4];
    Elf64_Dyn dynamic[9] __attribute__((aligned(4096)));
} library __attribute__((aligned(4096)));

#define AT(member) ((unsigned long) &library.member - (unsigned long) &library)

static Elf64_Phdr segment(int type, int flags, long address, long bytes, long size) {
    return (Elf64_Phdr) {type, flags, address < MEMORY ? address : 0, address, address, bytes, size, type == PT_LOAD ? 4096 : 8};
}

int main(int argc, char **argv) {
    library.header = (Elf64_Ehdr) {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT}, .e_type = ET_DYN,
        .e_machine = EM_X86_64, .e_version = 1, .e_phoff = AT(segments), .e_ehsize = sizeof(Elf64_Ehdr),
        .e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 4};
    library.segments[0] = segment(PT_LOAD, PF_R, 0, AT(dynamic), AT(dynamic));
    library.segments[1] = segment(PT_LOAD, PF_R | PF_W, AT(dynamic), sizeof library.dynamic, sizeof library.dynamic);
    library.segments[2] = segment(PT_LOAD, PF_R | PF_W | PF_X, MEMORY, 0, 4096);
    library.segments[3] = segment(PT_DYNAMIC, PF_R | PF_W, AT(dynamic), sizeof library.dynamic, sizeof library.dynamic);
    library.symbols[1] = (Elf64_Sym) {.st_name = 1, .st_shndx = SHN_ABS};
    strcpy(library.strings + 1, "z");
    library.hash[0] = 1;
    library.hash[1] = 2;
    for (unsigned i = 0; i < WORDS; i++) {
        long word = 0;
        memcpy(&word, CODE + 8 * i, i + 1 < WORDS ? 8 : sizeof CODE - 8 * i);
        library.relocations[i] = (Elf64_Rela) {MEMORY + 8 * i, ELF64_R_INFO(1, R_X86_64_64), word};
    }
    Elf64_Dyn dynamic[] = {{DT_HASH, {AT(hash)}}, {DT_STRTAB, {AT(strings)}}, {DT_SYMTAB, {AT(symbols)}},
        {DT_STRSZ, {sizeof library.strings}}, {DT_RELA, {AT(relocations)}}, {DT_RELASZ, {sizeof library.relocations}},
        {DT_RELAENT, {sizeof(Elf64_Rela)}}, {DT_INIT, {MEMORY}}, {DT_NULL, {0}}};
    memcpy(library.dynamic, dynamic, sizeof dynamic);
    FILE *file = fopen(argv[1], "w");
    return file == NULL || fwrite(&library, sizeof library, 1, file) != 1 || fclose(file) != 0;
}
