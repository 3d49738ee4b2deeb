/* The few declarations of Android's C library that LLVM's libunwind needs, for building it without the NDK's headers.
   Sizes are those of bionic's ABI; nothing here reaches the component but through libunwind. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifndef __BIONIC__
#define __BIONIC__ 1
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* stdlib, string, stdio */
void abort(void) __attribute__((noreturn));
void *malloc(size_t);
void free(void *);
char *getenv(const char *);
void *memcpy(void *, const void *, size_t);
void *memset(void *, int, size_t);
void *memmove(void *, const void *, size_t);
size_t strlen(const char *);
int snprintf(char *, size_t, const char *, ...);
#define printf(...) ((void)0)
#define fprintf(...) ((void)0)
#define fflush(stream) ((void)0)
#define stderr 0

/* assert: switched off */
#define assert(condition) ((void)0)

/* errno, unistd, sys/syscall, signal: the unwinder asks the kernel whether memory can be read */
int *__errno(void);
#define errno (*__errno())
#define EFAULT 14
#define EINVAL 22
long syscall(long, ...);
typedef struct {
    unsigned long bits[64 / (8 * sizeof(long))];
} sigset_t;
#define NSIG 65
#define SIG_SETMASK 2
#if defined(__aarch64__)
#define SYS_rt_sigprocmask 135
#elif defined(__x86_64__)
#define SYS_rt_sigprocmask 14
#else
#define SYS_rt_sigprocmask 175
#endif

/* inttypes */
#ifdef __LP64__
#define PRIx64 "lx"
#define PRIu64 "lu"
#define PRId64 "ld"
#else
#define PRIx64 "llx"
#define PRIu64 "llu"
#define PRId64 "lld"
#endif
#define PRIxPTR "lx"

/* pthread */
typedef struct {
#ifdef __LP64__
    long words[7];
#else
    int words[10];
#endif
} pthread_rwlock_t;
#define PTHREAD_RWLOCK_INITIALIZER {{0}}
int pthread_rwlock_rdlock(pthread_rwlock_t *);
int pthread_rwlock_wrlock(pthread_rwlock_t *);
int pthread_rwlock_unlock(pthread_rwlock_t *);

/* dlfcn */
typedef struct {
    const char *dli_fname;
    void *dli_fbase;
    const char *dli_sname;
    void *dli_saddr;
} Dl_info;
int dladdr(const void *, Dl_info *);

/* elf, link */
typedef uint16_t Elf32_Half, Elf64_Half;
typedef uint32_t Elf32_Word, Elf32_Addr, Elf32_Off, Elf64_Word;
typedef uint64_t Elf64_Xword, Elf64_Addr, Elf64_Off;
typedef struct {
    unsigned char e_ident[16];
    Elf32_Half e_type, e_machine;
    Elf32_Word e_version;
    Elf32_Addr e_entry;
    Elf32_Off e_phoff, e_shoff;
    Elf32_Word e_flags;
    Elf32_Half e_ehsize, e_phentsize, e_phnum, e_shentsize, e_shnum, e_shstrndx;
} Elf32_Ehdr;
typedef struct {
    unsigned char e_ident[16];
    Elf64_Half e_type, e_machine;
    Elf64_Word e_version;
    Elf64_Addr e_entry;
    Elf64_Off e_phoff, e_shoff;
    Elf64_Word e_flags;
    Elf64_Half e_ehsize, e_phentsize, e_phnum, e_shentsize, e_shnum, e_shstrndx;
} Elf64_Ehdr;
typedef struct {
    Elf32_Word p_type;
    Elf32_Off p_offset;
    Elf32_Addr p_vaddr, p_paddr;
    Elf32_Word p_filesz, p_memsz, p_flags, p_align;
} Elf32_Phdr;
typedef struct {
    Elf64_Word p_type, p_flags;
    Elf64_Off p_offset;
    Elf64_Addr p_vaddr, p_paddr;
    Elf64_Xword p_filesz, p_memsz, p_align;
} Elf64_Phdr;
#define PT_LOAD 1
#define PT_DYNAMIC 2
#define PT_GNU_EH_FRAME 0x6474e550
#ifdef __LP64__
#define ElfW(type) Elf64_##type
#else
#define ElfW(type) Elf32_##type
#endif
struct dl_phdr_info {
    ElfW(Addr) dlpi_addr;
    const char *dlpi_name;
    const ElfW(Phdr) *dlpi_phdr;
    ElfW(Half) dlpi_phnum;
    unsigned long long dlpi_adds, dlpi_subs;
    size_t dlpi_tls_modid;
    void *dlpi_tls_data;
};
int dl_iterate_phdr(int (*)(struct dl_phdr_info *, size_t, void *), void *);
#ifdef __arm__
typedef uintptr_t _Unwind_Ptr;
_Unwind_Ptr dl_unwind_find_exidx(_Unwind_Ptr, int *);
#endif

#ifdef __cplusplus
}
#endif
