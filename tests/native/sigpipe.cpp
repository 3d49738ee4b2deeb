// A host with default signal dispositions: LIBRARY URL ROUNDS uploads to a peer that hangs up, and after each one
// asks the same peer for an answer. A SIGPIPE ends the program, which its parent sees.
// With --careless HOST PORT it writes to that peer by itself, without care, to show that the signal would come.

#include <arpa/inet.h>
#include <csignal>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host.hpp"

static void careless(const char* host, const char* port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(uint16_t(std::atoi(port)));
    check(inet_pton(AF_INET, host, &address.sin_addr) == 1, "address");
    std::vector<char> bytes(1 << 20, 'x');
    const char head[] = "POST / HTTP/1.1\r\nHost: peer\r\nContent-Length: 1000000000\r\n\r\n";
    for (int round = 0; round < 1000; ++round) {
        int peer = socket(AF_INET, SOCK_STREAM, 0);
        check(connect(peer, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0, "connect");
        check(write(peer, head, sizeof head - 1) == ssize_t(sizeof head - 1), "head");
        while (write(peer, bytes.data(), bytes.size()) > 0) {}
        // The first error may be another one; the signal comes with the write after it.
        check(write(peer, bytes.data(), 1) < 0, "a write after the end");
        close(peer);
    }
}

int main(int count, char** values) {
    check(count == 4, "usage: sigpipe LIBRARY URL ROUNDS | --careless HOST PORT");
    std::signal(SIGPIPE, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    if (std::string(values[1]) == "--careless") {
        careless(values[2], values[3]);
        return 0;
    }
    Library library(values[1]);
    struct sigaction action;
    check(sigaction(SIGPIPE, nullptr, &action) == 0 && action.sa_handler == SIG_DFL, "loading changed SIGPIPE");
    std::u16string url = widen(values[2]);
    std::vector<char> bytes(8 << 20, 'x');
    int failures = 0;
    {
        Object object(library, u"HTTPSession");
        for (int round = 0; round < std::atoi(values[3]); ++round) {
            tVariant result;
            if (!object.call(u"Post", {argument(url), argument(bytes)}, result)) {
                ++failures;
                check(object.connection.errors.size() == 1, "one error, not " + object.told());
            }
            check(object.call(u"Get", {argument(url)}, result) && result.lVal == 200, "Get: " + object.told());
        }
        object.destroy();
    }
    check(failures == std::atoi(values[3]), "every upload must fail, not " + std::to_string(failures));
    check(sigaction(SIGPIPE, nullptr, &action) == 0 && action.sa_handler == SIG_DFL, "SIGPIPE was changed");
    sigset_t mask;
    sigprocmask(SIG_SETMASK, nullptr, &mask);
    check(!sigismember(&mask, SIGPIPE), "SIGPIPE was blocked");
    library.unload();
    std::printf("survived %d uploads\n", failures);
    return 0;
}
