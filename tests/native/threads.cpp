// Counts the threads the library starts: LIBRARY URL-BY-ADDRESS URL-BY-NAME. The program's own pthread_create,
// being in the executable, wins over libc's for the library too, so that none escapes.

#include <atomic>
#include <pthread.h>

#include "host.hpp"

static std::atomic<int> started{0};

extern "C" __attribute__((visibility("default"))) int
pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*body)(void*), void* argument) {
    using Create = int (*)(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*);
    static auto real = reinterpret_cast<Create>(dlsym(RTLD_NEXT, "pthread_create"));
    ++started;
    return real(thread, attributes, body, argument);
}

static int during(Object& object, const std::u16string& url, int requests) {
    int before = started;
    for (int i = 0; i < requests; ++i) {
        tVariant result;
        check(object.call(u"Get", {argument(url)}, result) && result.lVal == 200, "Get: " + object.told());
    }
    return started - before;
}

int main(int count, char** values) {
    check(count == 4, "usage: threads LIBRARY URL-BY-ADDRESS URL-BY-NAME");
    pthread_t own;
    check(pthread_create(&own, nullptr, [](void*) -> void* { return nullptr; }, nullptr) == 0, "pthread_create");
    pthread_join(own, nullptr);
    check(started == 1, "this program does not see threads start");
    Library library(values[1]);
    for (const char16_t* name : {u"HTTPConnector", u"HTTPSession"}) {
        Object object(library, name);
        int address = during(object, widen(values[2]), 300);
        int named = during(object, widen(values[3]), 300);
        std::printf("%s: %d threads by address, %d by name\n", narrow(name).c_str(), address, named);
        check(address == 0, "an address needs no thread");
        check(named <= 4, "a name needs a small shared pool, not a thread per request");
        object.destroy();
    }
    library.unload();
    std::printf("all right\n");
    return 0;
}
