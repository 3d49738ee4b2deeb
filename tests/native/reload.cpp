// Loads the library, makes a request with each class, ends the objects and unloads, again and again: LIBRARY URL.
// What the first time leaves open (a connection kept for the process) may stay, but nothing may be added by the ten
// times after it: a host that loads and unloads would pile it up.

#include <chrono>
#include <dirent.h>
#include <thread>

#include "host.hpp"

static int entries(const char* path) {
    int count = 0;
    DIR* folder = opendir(path);
    check(folder, path);
    while (dirent* entry = readdir(folder)) count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

static void use(const char* path, const std::u16string& url) {
    Library library(path);
    for (const char16_t* name : {u"HTTPConnector", u"HTTPSession"}) {
        Object object(library, name);
        tVariant result;
        check(object.call(u"Get", {argument(url)}, result) && result.lVal == 200, "Get: " + object.told());
        object.destroy();
    }
    library.unload();
}

int main(int count, char** values) {
    check(count == 3, "usage: reload LIBRARY URL");
    int threads = entries("/proc/self/task");
    use(values[1], widen(values[2]));
    int descriptors = entries("/proc/self/fd");
    for (int i = 0; i < 10; ++i) use(values[1], widen(values[2]));
    for (int waited = 0; entries("/proc/self/task") > threads; ++waited) {
        check(waited < 3000, "threads of the library stay after 30 s");
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    int left = entries("/proc/self/fd") - descriptors;
    check(left <= 0, std::to_string(left) + " more descriptors after ten rounds of loading and unloading");
    std::printf("all right\n");
    return 0;
}
