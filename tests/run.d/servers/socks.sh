# shellcheck shell=bash
# SOCKS: dante without, microsocks with a password. Sourced by tests/run.d/servers.sh.

start_socks() {
    local open closed conf=$lab/danted.conf
    take_ports open closed
    {
        if ((EUID == 0)); then printf 'user.privileged: root\nuser.unprivileged: nobody\n'; fi
        cat <<CONF
logoutput: $lab/log/danted.log
internal: 127.0.0.1 port = $open
external: lo
socksmethod: none
clientmethod: none
client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }
socks pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }
CONF
    } >"$conf"
    serve danted "$open" danted -f "$conf" -p "$lab/danted.pid"
    serve microsocks "$closed" microsocks -i 127.0.0.1 -p "$closed" -u u -P 'p@ss:w'
    export CONNECTOR_DANTE=127.0.0.1:$open CONNECTOR_MICROSOCKS=127.0.0.1:$closed
}
