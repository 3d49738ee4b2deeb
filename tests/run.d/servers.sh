# shellcheck shell=bash
# The real servers: httpbin under gunicorn, nginx, Apache. Each on free ports, all files under $lab, stopped by the
# ids they were started with. Sourced by tests/run. What the tests need to know goes into variables CONNECTOR_*.

server_pids=()

start_servers() {
    # The workers of nginx and Apache run as another user when started as root: they need a way in. Nothing here is
    # secret, the keys are made for this run.
    chmod 755 "$lab"
    mkdir -p "$lab"/{pki,files,up,dav,nginx,apache}
    make_pki "$lab/pki"
    make_files
    # shellcheck disable=SC2207 # numbers without spaces
    ports=($(free_ports 20))
    start_httpbin "${ports[0]}"
    start_nginx
    start_apache "${ports[1]}"
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

# That many free ports, found together so that they differ.
free_ports() {
    python3 - "$1" <<'PY'
import socket, sys
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(sys.argv[1]))]
print(*(s.getsockname()[1] for s in held))
PY
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
    if ((EUID == 0)); then chown -R www-data "$lab/dav"; fi
}

start_httpbin() {
    local port=$1
    serve httpbin "$port" "$cache/venv/bin/gunicorn" -b "127.0.0.1:$port" -k gthread --threads 16 -w 1 \
        --keep-alive 60 --no-control-socket httpbin:app
    export CONNECTOR_HTTPBIN=http://127.0.0.1:$port
}

# One port per certificate or quirk; the list of certificates is also that of the variables.
start_nginx() {
    local at=2 name port conf=$lab/nginx.conf
    next_port() { port=${ports[$at]} at=$((at + 1)); }
    next_port && local plain=$port
    next_port && local small=$port
    next_port && local idle=$port
    {
        if ((EUID == 0)); then echo 'user root;'; fi
        cat <<CONF
daemon off; worker_processes 1; pid nginx/pid; error_log nginx/error.log warn;
events { worker_connections 512; }
http {
  access_log nginx/access.log; client_max_body_size 0; default_type application/octet-stream;
  types { application/json json; text/plain txt; }
  client_body_temp_path nginx/b; proxy_temp_path nginx/p; fastcgi_temp_path nginx/f; uwsgi_temp_path nginx/u; scgi_temp_path nginx/s;
  ssl_protocols TLSv1.2 TLSv1.3; keepalive_timeout 60s; keepalive_requests 100000;
  limit_req_zone \$request_uri zone=per_uri:1m rate=1r/s;
  server {
    listen 127.0.0.1:$plain; root files;
    gzip on; gzip_min_length 1; gzip_types text/plain application/json;
    location /up/ { root .; dav_methods PUT DELETE MKCOL COPY MOVE; create_full_put_path on; }
    location /limited { limit_req zone=per_uri; limit_req_status 429; error_page 429 @wait; try_files /a.json =404; }
    location @wait { internal; add_header Retry-After 1 always; return 429 'slow down'; }
    location /slow { limit_rate 100k; alias files/slow.bin; }
    location = /r301 { return 301 /seen; } location = /r302 { return 302 /seen; } location = /r303 { return 303 /seen; }
    location = /r307 { return 307 /seen; } location = /r308 { return 308 /seen; }
    location ~ ^/put307/(.*)\$ { return 307 /up/\$1; }
    location /seen { default_type application/json;
      return 200 '{"method":"\$request_method","type":"\$content_type","length":"\$content_length","agent":"\$http_user_agent","connection":"\$connection","requests":"\$connection_requests"}'; }
    location /httpbin/ { proxy_pass $CONNECTOR_HTTPBIN/; proxy_http_version 1.1; proxy_request_buffering off; proxy_buffering off; }
  }
  server { listen 127.0.0.1:$small; client_max_body_size 1k; root files; location / { dav_methods PUT; } }
  server { listen 127.0.0.1:$idle; keepalive_timeout 1s; default_type application/json;
           location / { return 200 '{"connection":"\$connection"}'; } }
CONF
        for name in good good-rsa self-signed wrong-host expired untrusted tls12 tls11; do
            next_port
            export "CONNECTOR_TLS_$(tr 'a-z-' 'A-Z_' <<<"$name")=https://localhost:$port"
            nginx_tls "$name" "$port"
        done
        echo '}'
    } >"$conf"
    export CONNECTOR_NGINX=http://127.0.0.1:$plain CONNECTOR_NGINX_SMALL=http://127.0.0.1:$small
    export CONNECTOR_NGINX_IDLE=http://127.0.0.1:$idle
    export CONNECTOR_PKI=$lab/pki CONNECTOR_NGINX_FILES=$lab/files
    serve nginx "$plain" nginx -p "$lab/" -c "$conf" -e "$lab/nginx/error.log"
}

# A TLS server block: certificate by name, protocol when the name is that of one.
nginx_tls() {
    local certificate=$1 extra=''
    case $1 in
    tls12) certificate=good extra='ssl_protocols TLSv1.2;' ;;
    tls11) certificate=good-rsa extra='ssl_protocols TLSv1 TLSv1.1; ssl_ciphers DEFAULT:@SECLEVEL=0;' ;;
    esac
    cat <<CONF
  server { listen 127.0.0.1:$2 ssl; ssl_certificate pki/$certificate.pem; ssl_certificate_key pki/$certificate.key; $extra
           root files; default_type application/json;
           location / { return 200 '{"protocol":"\$ssl_protocol","resumed":"\$ssl_session_reused"}'; }
           location /large.bin { } location /seen { return 200 '{"connection":"\$connection"}'; } }
CONF
}

start_apache() {
    local port=$1 modules=/usr/lib/apache2/modules conf=$lab/apache.conf name
    htpasswd -bc "$lab/apache/passwords" user 'pa ss:w@rd' 2>/dev/null
    {
        for name in mpm_event authn_core authn_file authz_core authz_user auth_basic dav dav_fs deflate filter \
            headers mime alias env dir; do
            echo "LoadModule ${name}_module $modules/mod_$name.so"
        done
        if ((EUID == 0)); then printf 'User www-data\nGroup www-data\n'; fi
        cat <<CONF
ServerRoot $lab
ServerName localhost
Listen 127.0.0.1:$port
PidFile $lab/apache/pid
DefaultRuntimeDir $lab/apache
ErrorLog $lab/apache/error.log
DocumentRoot $lab/files
DavLockDB $lab/dav/.locks
TypesConfig /etc/mime.types
<Directory $lab/files>
  Require all granted
</Directory>
Alias /dav $lab/dav
<Directory $lab/dav>
  Dav On
  Require all granted
  SetInputFilter DEFLATE
</Directory>
Alias /private $lab/files
<Location /private>
  AuthType Basic
  AuthName "lab"
  AuthBasicProvider file
  AuthUserFile $lab/apache/passwords
  Require valid-user
</Location>
Alias /packed $lab/files
<Location /packed>
  SetOutputFilter DEFLATE
</Location>
CONF
    } >"$conf"
    [[ -e /etc/mime.types ]] || sed -i '/^TypesConfig/d' "$conf"
    serve apache "$port" apache2 -f "$conf" -D FOREGROUND
    export CONNECTOR_APACHE=http://127.0.0.1:$port
}

# An authority, a second one nobody is told about, and the certificates the tests name. A few seconds of openssl.
make_pki() (
    cd "$1"
    key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }
    authority() {
        key "$1"
        openssl req -x509 -new -key "$1.key" -days 30 -subj "/CN=$2" -out "$1.pem" \
            -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
    }
    # leaf NAME AUTHORITY NAMES [validity...]
    leaf() {
        local name=$1 by=$2 names=$3
        shift 3
        [[ -e $name.key ]] || key "$name"
        openssl req -new -key "$name.key" -subj "/CN=$name" -out "$name.csr"
        printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n' "$names" >"$name.ext"
        mkdir -p "$name.db" && : >"$name.db/index" && openssl rand -hex 8 >"$name.db/serial"
        printf '%s\n' '[ca]' 'default_ca=d' '[d]' "database=$name.db/index" "serial=$name.db/serial" \
            "new_certs_dir=$name.db" 'default_md=sha256' 'policy=p' '[p]' 'commonName=optional' >"$name.cnf"
        openssl ca -batch -notext -config "$name.cnf" -cert "$by.pem" -keyfile "$by.key" -in "$name.csr" \
            -out "$name.pem" -extfile "$name.ext" "$@" 2>>errors ||
            { cat errors && return 1; }
    }
    local_names=DNS:localhost,IP:127.0.0.1
    authority root 'Lab root'
    authority stranger 'Lab stranger'
    leaf good root $local_names -days 30
    openssl genrsa -out good-rsa.key 2048 2>/dev/null
    leaf good-rsa root $local_names -days 30
    leaf wrong-host root DNS:other.test -days 30
    leaf untrusted stranger $local_names -days 30
    leaf expired root $local_names -startdate 20200101000000Z -enddate 20210101000000Z
    key self-signed
    openssl req -x509 -new -key self-signed.key -days 30 -subj /CN=localhost -out self-signed.pem \
        -addext "subjectAltName=$local_names"
)
