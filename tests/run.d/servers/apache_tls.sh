# shellcheck shell=bash
# Apache with mod_ssl: a client certificate for some paths only, asked for when they are (renegotiation in TLS 1.2, a
# late request in TLS 1.3). Sourced by tests/run.d/servers.sh.

start_apache_tls() {
    local old new modules=/usr/lib/apache2/modules conf=$lab/apache_tls.conf name port
    take_ports old new
    mkdir -p "$lab/apache_tls"
    (
        cd "$lab/apache_tls"
        openssl req -newkey rsa:2048 -nodes -keyout client.key -subj '/CN=Lab client' -out client.csr 2>/dev/null
        openssl x509 -req -in client.csr -CA ../pki/root.pem -CAkey ../pki/root.key -CAcreateserial -days 30 \
            -out client.pem 2>/dev/null
    )
    {
        for name in mpm_event authn_core authz_core dav dav_fs env dir alias headers ssl; do
            echo "LoadModule ${name}_module $modules/mod_$name.so"
        done
        if ((EUID == 0)); then printf 'User www-data\nGroup www-data\n'; fi
        cat <<CONF
ServerRoot $lab
ServerName localhost
PidFile $lab/apache_tls/pid
DefaultRuntimeDir $lab/apache_tls
ErrorLog $lab/apache_tls/error.log
DocumentRoot $lab/files
DavLockDB $lab/dav/.locks_tls
Mutex sem
SSLSessionCache none
<Directory $lab/files>
  Require all granted
</Directory>
Alias /private $lab/files
Alias /put $lab/dav
<Directory $lab/dav>
  Dav On
  Require all granted
</Directory>
CONF
        for name in "2 $old" "3 $new"; do
            port=${name#* }
            cat <<CONF
Listen 127.0.0.1:$port
<VirtualHost 127.0.0.1:$port>
  SSLEngine on
  SSLProtocol -all +TLSv1.${name% *}
  SSLCertificateFile $lab/pki/good-rsa.pem
  SSLCertificateKeyFile $lab/pki/good-rsa.key
  SSLCACertificateFile $lab/pki/root.pem
  <LocationMatch "^/(private|put)">
    SSLVerifyClient require
    SSLRenegBufferSize 16777216
    SSLOptions +StdEnvVars
    Header set X-Client "expr=%{SSL_CLIENT_S_DN_CN}"
  </LocationMatch>
</VirtualHost>
CONF
        done
    } >"$conf"
    serve apache_tls "$old" apache2 -f "$conf" -D FOREGROUND
    export CONNECTOR_APACHE_TLS12=https://localhost:$old CONNECTOR_APACHE_TLS13=https://localhost:$new
    export CONNECTOR_APACHE_CLIENT=$lab/apache_tls/client
}
