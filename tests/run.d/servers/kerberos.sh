# shellcheck shell=bash
# A realm of its own: MIT KDC, a user with a ticket, Apache with mod_auth_gssapi. Sourced by tests/run.d/servers.sh.

start_kerberos() {
    local kdc port home=$lab/kerberos modules=/usr/lib/apache2/modules name
    take_ports kdc port
    mkdir -p "$home/cgi"
    # The entry of a realm has to be on several lines.
    cat >"$home/krb5.conf" <<CONF
[libdefaults]
  default_realm = LAB.TEST
  dns_lookup_kdc = false
  dns_lookup_realm = false
  dns_canonicalize_hostname = false
  rdns = false
  udp_preference_limit = 1
[realms]
  LAB.TEST = {
    kdc = 127.0.0.1:$kdc
  }
CONF
    cat >"$home/kdc.conf" <<CONF
[realms]
  LAB.TEST = {
    database_name = $home/principal
    key_stash_file = $home/stash
    acl_file = $home/acl
    kdc_listen = ""
    kdc_tcp_listen = 127.0.0.1:$kdc
  }
[logging]
  kdc = FILE:$home/kdc.log
CONF
    export KRB5_CONFIG=$home/krb5.conf KRB5CCNAME=FILE:$home/ticket
    (
        export KRB5_KDC_PROFILE=$home/kdc.conf
        kdb5_util create -s -r LAB.TEST -P master
        kadmin.local -q 'addprinc -pw secret user'
        kadmin.local -q 'addprinc -randkey HTTP/localhost'
        kadmin.local -q "ktadd -k $home/http.keytab HTTP/localhost"
        chmod 644 "$home/http.keytab"
    ) >"$lab/log/kerberos-setup.out" 2>&1 || { cat "$lab/log/kerberos-setup.out" && return 1; }
    KRB5_KDC_PROFILE=$home/kdc.conf serve kdc "$kdc" krb5kdc -n
    kinit user <<<secret >"$lab/log/kinit.out" 2>&1 || { cat "$lab/log/kinit.out" && return 1; }
    cat >"$home/cgi/who" <<'CGI'
#!/bin/sh
printf 'Content-Type: application/json\n\n'
sum=$(sha256sum | cut -d' ' -f1)
printf '{"user":"%s","method":"%s","sha256":"%s","port":"%s"}' "$REMOTE_USER" "$REQUEST_METHOD" "$sum" "$REMOTE_PORT"
CGI
    chmod 755 "$home/cgi/who"
    {
        for name in mpm_event authn_core authz_core authz_user auth_gssapi session session_cookie cgid alias env; do
            echo "LoadModule ${name}_module $modules/mod_$name.so"
        done
        if ((EUID == 0)); then printf 'User www-data\nGroup www-data\n'; fi
        cat <<CONF
ServerRoot $home
ServerName localhost
Listen 127.0.0.1:$port
PidFile $home/pid
DefaultRuntimeDir $home
ScriptSock $home/cgi.sock
ErrorLog $home/error.log
ScriptAlias /each $home/cgi/who
ScriptAlias /bound $home/cgi/who
ScriptAlias /anyone $home/cgi/who
<Location />
  Require all granted
</Location>
$(kerberos_location each '')
$(kerberos_location bound 'GssapiConnectionBound On')
CONF
    } >"$home/apache.conf"
    serve kerberos-apache "$port" apache2 -f "$home/apache.conf" -D FOREGROUND
    export CONNECTOR_KERBEROS=http://localhost:$port
}

# kerberos_location PATH SETTING: nothing is inherited from one such place by another.
kerberos_location() {
    cat <<CONF
<Location /$1>
  AuthType GSSAPI
  AuthName lab
  GssapiCredStore keytab:$lab/kerberos/http.keytab
  Require valid-user
  $2
</Location>
CONF
}
