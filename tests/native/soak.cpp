// Many objects: LIBRARY URL THREADS ROUNDS SECONDS. Each thread makes ROUNDS times (and at least SECONDS long) an
// object of each class, a request, a failing request, and ends the object. With SECONDS 0 the work is fixed and the
// library stays loaded, which is what a memory checker wants: it can then name places, and what the library keeps
// for the process is no loss.

#include <atomic>
#include <chrono>
#include <thread>

#include "host.hpp"

static void round_of(Library& library, const char16_t* name, const std::u16string& url, bool by_delete) {
    Object object(library, name);
    tVariant result;
    check(object.call(u"Get", {argument(url)}, result) && result.lVal == 200, "Get: " + object.told());
    check(!object.text(u"AsText").empty(), "no text");
    check(!object.text_property(u"ResponseHeaders").empty(), "no headers");
    std::u16string bad = u"http://[bad/";
    check(!object.call(u"Get", {argument(bad)}, result), "a bad address is not an error");
    check(object.connection.errors.size() == 1, "one error, not " + object.told());
    if (by_delete) object.remove(); else object.destroy();
}

int main(int count, char** values) {
    check(count == 6, "usage: soak LIBRARY URL THREADS ROUNDS SECONDS");
    Library library(values[1]);
    std::u16string url = widen(values[2]);
    int rounds = std::atoi(values[4]);
    int seconds = std::atoi(values[5]);
    auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    std::atomic<long> done{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < std::atoi(values[3]); ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < rounds || std::chrono::steady_clock::now() < end; ++i) {
                for (const char16_t* name : {u"HTTPConnector", u"HTTPSession"}) {
                    round_of(library, name, url, i % 2 == 0);
                    ++done;
                }
            }
        });
    }
    for (auto& thread : threads) thread.join();
    if (seconds > 0) library.unload();
    std::printf("%ld objects lived and died\n", done.load());
    return 0;
}
