# shellcheck shell=bash
# squid: a process for each way to ask who somebody is, and TLS to the proxy. Sourced by tests/run.d/servers.sh.

start_squid() {
    local open tls basic digest ntlm negotiate dead dir=$lab/squid helpers=/usr/lib/squid
    take_ports open tls basic digest ntlm negotiate dead
    mkdir -p "$dir"
    # The password has what a URL of a proxy must escape. HA1 of RFC 7616 for the Digest helper.
    htpasswd -bc "$dir/basic.pw" u 'p@ss:w' 2>/dev/null
    htpasswd -b "$dir/basic.pw" кир 'пароль:1' 2>/dev/null
    printf 'u:lab:%s\n' "$(printf '%s' 'u:lab:p@ss:w' | md5sum | cut -d' ' -f1)" >"$dir/digest.pw"
    # A name that only the proxy knows.
    printf '127.0.0.1 localhost target.test\n' >"$dir/hosts"
    chmod 644 "$dir"/*.pw "$dir/hosts"
    if ((EUID == 0)); then chown -R proxy "$dir"; fi

    squid_process open "$open" '' \
        "https_port 127.0.0.1:$tls tls-cert=$lab/pki/good.pem tls-key=$lab/pki/good.key"
    squid_process basic "$basic" \
        "auth_param basic program $helpers/basic_ncsa_auth $dir/basic.pw"$'\n''auth_param basic realm lab'
    squid_process digest "$digest" \
        "auth_param digest program $helpers/digest_file_auth -c $dir/digest.pw"$'\n''auth_param digest realm lab'
    squid_process ntlm "$ntlm" "auth_param ntlm program $helpers/ntlm_fake_auth"
    # The realm of kerberos.sh, when it was started: its keytab is for HTTP/localhost, the proxy's name to its users.
    if [[ -e $lab/kerberos/http.keytab ]]; then
        squid_process negotiate "$negotiate" \
            "auth_param negotiate program $helpers/negotiate_kerberos_auth -k $lab/kerberos/http.keytab -s GSS_C_NO_NAME"
        export CONNECTOR_SQUID_NEGOTIATE=localhost:$negotiate
    fi
    export CONNECTOR_SQUID=127.0.0.1:$open CONNECTOR_SQUID_TLS=localhost:$tls CONNECTOR_SQUID_BASIC=127.0.0.1:$basic
    export CONNECTOR_SQUID_DIGEST=127.0.0.1:$digest CONNECTOR_SQUID_NTLM=127.0.0.1:$ntlm
    # A port that squid would connect to and where nobody listens; its logs.
    export CONNECTOR_SQUID_DEAD=127.0.0.1:$dead CONNECTOR_SQUID_LOGS=$dir
}

# squid_process NAME PORT AUTHENTICATION [LINE]: the rules are those of the distribution's configuration.
squid_process() {
    local name=$1 port=$2 authentication=$3 conf=$lab/squid/$1.conf ports
    ports=$(env | sed -n 's/^CONNECTOR_TLS_[A-Z0-9_]*=https:\/\/[^:]*:\([0-9]*\).*/\1/p' | tr '\n' ' ')
    {
        cat <<CONF
http_port 127.0.0.1:$port
visible_hostname lab
pid_filename $lab/squid/$name.pid
cache_log $lab/squid/$name.cache.log
logformat short %>p %rm %ru %>Hs %un
access_log stdio:$lab/squid/$name.log short
coredump_dir $lab/squid
hosts_file $lab/squid/hosts
cache deny all
cache_mem 8 MB
pinger_enable off
shutdown_lifetime 0 seconds
via off
strip_query_terms off
${4:-}
acl SSL_ports port 443 ${dead:-} $ports
acl CONNECT method CONNECT
http_access deny CONNECT !SSL_ports
CONF
        if [[ -n $authentication ]]; then
            printf '%s\nacl known proxy_auth REQUIRED\nhttp_access allow known\n' "$authentication"
        else
            echo 'http_access allow localhost'
        fi
        echo 'http_access deny all'
    } >"$conf"
    # The name keeps its shared memory apart from that of other runs.
    serve "squid-$name" "$port" squid -N -f "$conf" -n "run$$$name"
}
