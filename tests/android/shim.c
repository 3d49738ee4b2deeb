/* Stands for Android's libc.so in a glibc process, so that the very file built for Android can be run here: only what
   differs between the two is in it, the rest of its names comes from libc.so.6, which this library needs. A program has
   to open the component with RTLD_DEEPBIND, so that it finds these functions before the program's own.

   It says nothing of Android's C library or loader: what is exercised is the component's code, its unwinder, sockets,
   threads and TLS. What the component must not use is left out and fails at load. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A function of this library under the name of one that glibc's headers declare with other types. */
#define NAMED(name) __asm__(name)

static void *glibc(const char *name) {
    static void *library;
    if (!library)
        library = dlopen("libc.so.6", RTLD_NOW);
    void *found = dlsym(library, name);
    if (!found) {
        fprintf(stderr, "shim: glibc has no %s\n", name);
        abort();
    }
    return found;
}

int *__errno(void) { return __errno_location(); }

/* No property is set. */
int __system_property_get(const char *name, char *value) {
    (void)name;
    *value = 0;
    return 0;
}

/* The portable one; glibc's own returns a pointer. */
int __xpg_strerror_r(int, char *, size_t);
int shim_strerror_r(int error, char *text, size_t size) NAMED("strerror_r");
int shim_strerror_r(int error, char *text, size_t size) { return __xpg_strerror_r(error, text, size); }

/* The numbers are others. */
long shim_sysconf(int name) NAMED("sysconf");
long shim_sysconf(int name) {
    static const struct {
        int android, here;
    } known[] = {
        {0x27, _SC_PAGESIZE},           {0x28, _SC_PAGESIZE},         {0x60, _SC_NPROCESSORS_CONF},
        {0x61, _SC_NPROCESSORS_ONLN},   {0x48, _SC_GETPW_R_SIZE_MAX}, {0x4c, _SC_THREAD_STACK_MIN},
        {0x38, _SC_IOV_MAX},
    };
    long (*real)(int) = (long (*)(int))glibc("sysconf");
    for (size_t at = 0; at < sizeof known / sizeof *known; at++)
        if (known[at].android == name)
            return real(known[at].here);
    fprintf(stderr, "shim: sysconf(%d) is not known\n", name);
    errno = EINVAL;
    return -1;
}

/* The name stands before the address, and the answers have other numbers. */
struct address {
    int flags, family, kind, protocol;
    socklen_t length;
    char *name;
    struct sockaddr *address;
    struct address *next;
};
enum { ANDROID_NONAME = 8, ANDROID_FLAGS = 0xf };
int shim_getaddrinfo(const char *, const char *, const struct address *, struct address **) NAMED("getaddrinfo");
void shim_freeaddrinfo(struct address *) NAMED("freeaddrinfo");
int shim_getaddrinfo(const char *host, const char *service, const struct address *hints, struct address **out) {
    typedef int Ask(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    struct addrinfo ours = {0}, *found = NULL;
    if (hints) {
        ours.ai_flags = hints->flags & ANDROID_FLAGS;
        ours.ai_family = hints->family;
        ours.ai_socktype = hints->kind;
        ours.ai_protocol = hints->protocol;
    }
    *out = NULL;
    if (((Ask *)glibc("getaddrinfo"))(host, service, hints ? &ours : NULL, &found))
        return ANDROID_NONAME;
    struct address **end = out;
    for (struct addrinfo *one = found; one; one = one->ai_next) {
        struct address *copy = calloc(1, sizeof *copy + one->ai_addrlen);
        if (!copy)
            abort();
        copy->flags = one->ai_flags;
        copy->family = one->ai_family;
        copy->kind = one->ai_socktype;
        copy->protocol = one->ai_protocol;
        copy->length = one->ai_addrlen;
        copy->address = memcpy(copy + 1, one->ai_addr, one->ai_addrlen);
        *end = copy;
        end = &copy->next;
    }
    ((void (*)(struct addrinfo *))glibc("freeaddrinfo"))(found);
    return 0;
}
void shim_freeaddrinfo(struct address *list) {
    while (list) {
        struct address *next = list->next;
        free(list);
        list = next;
    }
}

#ifndef __LP64__
/* 32 bits: Android's objects for threads are smaller than glibc's, so glibc must never see them. */
struct attributes {
    uint32_t flags;
    void *stack;
    size_t stack_size, guard_size;
    int32_t policy, priority;
};
int shim_attr_init(struct attributes *) NAMED("pthread_attr_init");
int shim_attr_init(struct attributes *attributes) {
    memset(attributes, 0, sizeof *attributes);
    attributes->stack_size = 1 << 20;
    return 0;
}
int shim_attr_destroy(struct attributes *) NAMED("pthread_attr_destroy");
int shim_attr_destroy(struct attributes *attributes) {
    (void)attributes;
    return 0;
}
int shim_attr_setstacksize(struct attributes *, size_t) NAMED("pthread_attr_setstacksize");
int shim_attr_setstacksize(struct attributes *attributes, size_t size) {
    attributes->stack_size = size;
    return 0;
}
int shim_create(pthread_t *, const struct attributes *, void *(*)(void *), void *) NAMED("pthread_create");
int shim_create(pthread_t *thread, const struct attributes *attributes, void *(*body)(void *), void *argument) {
    typedef int Create(pthread_t *, const void *, void *(*)(void *), void *);
    uint64_t real[16];
    ((int (*)(void *))glibc("pthread_attr_init"))(real);
    if (attributes)
        ((int (*)(void *, size_t))glibc("pthread_attr_setstacksize"))(real, attributes->stack_size);
    return ((Create *)glibc("pthread_create"))(thread, real, body, argument);
}

/* One word. Held for a few instructions at a time by what uses it here. */
int shim_lock(int32_t *) NAMED("pthread_mutex_lock");
int shim_lock(int32_t *mutex) {
    while (__atomic_exchange_n(mutex, 1, __ATOMIC_ACQUIRE))
        usleep(50);
    return 0;
}
int shim_unlock(int32_t *) NAMED("pthread_mutex_unlock");
int shim_unlock(int32_t *mutex) {
    __atomic_store_n(mutex, 0, __ATOMIC_RELEASE);
    return 0;
}

/* `struct stat` is the kernel's of 64 bits. */
int shim_stat(const char *, void *) NAMED("stat");
int shim_stat(const char *path, void *out) { return (int)syscall(SYS_stat64, path, out); }
int shim_lstat(const char *, void *) NAMED("lstat");
int shim_lstat(const char *path, void *out) { return (int)syscall(SYS_lstat64, path, out); }
int shim_fstat(int, void *) NAMED("fstat");
int shim_fstat(int file, void *out) { return (int)syscall(SYS_fstat64, file, out); }

#ifdef __arm__
/* Of the compiler's runtime here, of the loader there. */
uintptr_t __gnu_Unwind_Find_exidx(uintptr_t, int *);
uintptr_t dl_unwind_find_exidx(uintptr_t where, int *count) { return __gnu_Unwind_Find_exidx(where, count); }
#endif
#endif
