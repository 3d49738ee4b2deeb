# shellcheck shell=bash
# The real servers. Each on free ports, all files under $lab, stopped by the ids they were started with. Sourced by
# tests/run. What the tests need to know goes into variables CONNECTOR_*. One file for each server in servers/.

for part in "$here"/run.d/servers/*.sh; do
    # shellcheck source=/dev/null
    . "$part"
done

# In the order of starting: who asks another for something comes later.
servers=(
    httpbin
    nginx
    apache
    lighttpd
    ntlm
    oauth
    kerberos
    squid
    socks
    apache_tls
    s3
)

server_pids=()

# Starts the named servers, or all.
start_servers() {
    local name wanted=" $* "
    # The workers of nginx and Apache run as another user when started as root: they need a way in. Nothing here is
    # secret, the keys are made for this run.
    chmod 755 "$lab"
    mkdir -p "$lab"/{pki,identities,files,up,dav,dav-digest,nginx,apache}
    make_pki "$lab/pki"
    make_identities "$lab/identities"
    make_files
    for name in "${servers[@]}"; do
        if (($# == 0)) || [[ $wanted == *" $name "* ]]; then "start_$name"; fi
    done
}

stop_servers() {
    local pid
    for pid in ${server_pids[@]+"${server_pids[@]}"}; do
        kill "$pid" 2>/dev/null || true
    done
    for pid in ${server_pids[@]+"${server_pids[@]}"}; do
        wait "$pid" 2>/dev/null || true
    done
    server_pids=()
}

# Sets each named variable to a free port that no other call was given.
taken_ports=' '
take_ports() {
    local name free
    for name in "$@"; do
        free=$(python3 - "$taken_ports" <<'PY'
import socket, sys
taken, held = sys.argv[1].split(), []
while not held or str(held[-1].getsockname()[1]) in taken:
    held.append(socket.create_server(("127.0.0.1", 0)))
print(held[-1].getsockname()[1])
PY
        )
        taken_ports+="$free "
        printf -v "$name" %s "$free"
    done
}

# Waits until something listens on the port and answers at all; $2 is the name for the message.
wait_for() {
    local port=$1 name=$2 pid=$3 end=$((SECONDS + 60))
    until (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
        if ! kill -0 "$pid" 2>/dev/null || ((SECONDS > end)); then
            echo "$name did not start"
            tail -n 20 "$lab/log/$name.out" 2>/dev/null || true
            return 1
        fi
        sleep 0.05
    done
}

# In the background, output into the log, id remembered.
serve() {
    local name=$1 port=$2
    shift 2
    "$@" >"$lab/log/$name.out" 2>&1 &
    server_pids+=($!)
    wait_for "$port" "$name" $!
}

make_files() {
    head -c 67108864 /dev/urandom >"$lab/files/large.bin"
    head -c 300000 /dev/zero | tr '\0' 'x' >"$lab/files/slow.bin"
    printf '{"name": "Привет"}' >"$lab/files/a.json"
    seq 1 20000 >"$lab/files/numbers.txt"
    if ((EUID == 0)); then chown -R www-data "$lab"/dav "$lab"/dav-digest; fi
}

# A line of a file of Digest passwords: HASH USER REALM PASSWORD.
digest_password() {
    python3 - "$@" <<'PY'
import hashlib, sys
name, user, realm, password = sys.argv[1:]
made = lambda text: hashlib.new(name, text.encode()).hexdigest()
line = f"{user}:{realm}:{made(f'{user}:{realm}:{password}')}:{made(f'{user}:{realm}')}\n"
sys.stdout.buffer.write(line.encode())
PY
}
