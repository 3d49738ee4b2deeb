// Unloading while a lookup of the library hangs in the system's resolver: LIBRARY URL.
//
// The program's own getaddrinfo, being in the executable, wins over libc's for the library too. For one name it
// waits on a pipe; so the moment of the lookup and of its end are known, without any network.

#include <cerrno>
#include <condition_variable>
#include <chrono>
#include <dirent.h>
#include <netdb.h>
#include <thread>
#include <unistd.h>

#include "host.hpp"

static int release_pipe[2];
static std::mutex guard;
static std::condition_variable changed;
static int entered = 0;
static int left = 0;

extern "C" __attribute__((visibility("default"))) int
getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** out) {
    using Lookup = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
    static auto real = reinterpret_cast<Lookup>(dlsym(RTLD_NEXT, "getaddrinfo"));
    if (!node || std::string(node) != "slow.test") return real(node, service, hints, out);
    {
        std::lock_guard<std::mutex> lock(guard);
        ++entered;
        changed.notify_all();
    }
    char byte;
    while (read(release_pipe[0], &byte, 1) < 0 && errno == EINTR) {}
    std::lock_guard<std::mutex> lock(guard);
    ++left;
    changed.notify_all();
    return EAI_NONAME;
}

static int threads() {
    int count = 0;
    DIR* folder = opendir("/proc/self/task");
    check(folder, "/proc/self/task");
    while (dirent* entry = readdir(folder)) count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

static void get(const char* path, const std::u16string& url, int status, const std::u16string& options) {
    Library library(path);
    Object object(library, u"HTTPConnector");
    tVariant result;
    bool done = object.call(u"Get", {argument(url), argument(options)}, result);
    check(done == (status != 0), "Get: " + object.told());
    if (done) check(result.lVal == status, "status");
    else check(object.connection.errors.size() == 1, "one error, not " + object.told());
    std::printf("%s -> %s", narrow(url).c_str(), done ? "answered\n" : object.told().c_str());
    object.destroy();
    library.unload();
}

int main(int count, char** values) {
    check(count == 3, "usage: unload LIBRARY URL");
    check(pipe(release_pipe) == 0, "pipe");
    int before = threads();

    // The time limit ends the call while the lookup goes on; the library is unloaded above it.
    get(values[1], u"http://slow.test/", 0, u"{\"Timeout\": 0.3}");
    {
        std::lock_guard<std::mutex> lock(guard);
        check(entered > 0, "the library never asked this program's getaddrinfo");
        check(left == 0, "the lookup ended by itself");
    }
    std::printf("unloaded during the lookup\n");

    // Loaded again while that lookup still hangs, and used.
    get(values[1], widen(values[2]), 200, u"");
    std::printf("loaded again\n");

    // Now the lookup returns, into code that must still be there.
    close(release_pipe[1]);
    {
        std::unique_lock<std::mutex> lock(guard);
        check(changed.wait_for(lock, std::chrono::seconds(20), [] { return left == entered; }), "lookups hang");
    }
    for (int waited = 0; threads() > before; ++waited) {
        check(waited < 6000, "threads of the library stay after 60 s");
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    get(values[1], widen(values[2]), 200, u"");
    std::printf("all right\n");
    return 0;
}
