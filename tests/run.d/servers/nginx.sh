# shellcheck shell=bash
# nginx: files, limits, TLS. Sourced by tests/run.d/servers.sh.

# One port per certificate or quirk; the list of certificates is also that of the variables.
start_nginx() {
    local name port plain small idle conf=$lab/nginx.conf
    take_ports plain small idle
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
    location /httpbin/ { proxy_pass ${CONNECTOR_HTTPBIN:-http://127.0.0.1:9}/; proxy_http_version 1.1; proxy_request_buffering off; proxy_buffering off; }
  }
  server { listen 127.0.0.1:$small; client_max_body_size 1k; root files; location / { dav_methods PUT; } }
  server { listen 127.0.0.1:$idle; keepalive_timeout 1s; default_type application/json;
           location / { return 200 '{"connection":"\$connection"}'; } }
CONF
        for name in good good-rsa good-chain incomplete wildcard wrong-host untrusted self-signed expired expired-chain \
            not-yet revoked wrong-usage sha1 rsa1024 cn-only critical by-leaf tls13 tls12 tls11 tls10 cbc rsa-kx dhe; do
            take_ports port
            export "CONNECTOR_TLS_$(tr 'a-z-' 'A-Z_' <<<"$name")=https://localhost:$port"
            nginx_tls "$name" "$port"
        done
        for name in client client12; do
            take_ports port
            export "CONNECTOR_TLS_${name^^}=https://localhost:$port"
            nginx_clients "$port" "$([[ $name != client12 ]] || echo 'ssl_protocols TLSv1.2;')"
        done
        echo '}'
    } >"$conf"
    export CONNECTOR_NGINX=http://127.0.0.1:$plain CONNECTOR_NGINX_SMALL=http://127.0.0.1:$small
    export CONNECTOR_NGINX_IDLE=http://127.0.0.1:$idle
    export CONNECTOR_IDENTITIES=$lab/identities CONNECTOR_PKI=$lab/pki CONNECTOR_NGINX_FILES=$lab/files
    serve nginx "$plain" nginx -p "$lab/" -c "$conf" -e "$lab/nginx/error.log"
}

# A TLS server block: certificate by name, protocol or ciphers when the name is that of one.
nginx_tls() {
    local certificate=$1 extra='' weak='ssl_ciphers DEFAULT:@SECLEVEL=0;'
    case $1 in
    sha1 | rsa1024) extra=$weak ;;
    tls13) certificate=good extra='ssl_protocols TLSv1.3;' ;;
    tls12) certificate=good extra='ssl_protocols TLSv1.2;' ;;
    tls11) certificate=good-rsa extra="ssl_protocols TLSv1.1; $weak" ;;
    tls10) certificate=good-rsa extra="ssl_protocols TLSv1; $weak" ;;
    cbc) certificate=good-rsa extra='ssl_protocols TLSv1.2; ssl_ciphers ECDHE-RSA-AES128-SHA256:ECDHE-RSA-AES128-SHA:@SECLEVEL=0;' ;;
    rsa-kx) certificate=good-rsa extra='ssl_protocols TLSv1.2; ssl_ciphers AES128-GCM-SHA256:AES256-SHA:@SECLEVEL=0;' ;;
    dhe) certificate=good-rsa extra='ssl_protocols TLSv1.2; ssl_dhparam pki/dh.pem; ssl_ciphers DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0;' ;;
    esac
    cat <<CONF
  server { listen 127.0.0.1:$2 ssl; ssl_certificate pki/$certificate.pem; ssl_certificate_key pki/$certificate.key; $extra
           root files; default_type application/json;
           location / { return 200 '{"protocol":"\$ssl_protocol","cipher":"\$ssl_cipher","name":"\$ssl_server_name","resumed":"\$ssl_session_reused"}'; }
           location /large.bin { } location /seen { return 200 '{"connection":"\$connection"}'; } }
CONF
}
