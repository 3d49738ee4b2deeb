# shellcheck shell=bash
# Apache: WebDAV, packed bodies, Basic, Digest with nonces that live for two seconds. Sourced by tests/run.d/servers.sh.

start_apache() {
    local port modules=/usr/lib/apache2/modules conf=$lab/apache.conf name realm='lab, Лаборатория'
    take_ports port
    htpasswd -bc "$lab/apache/passwords" user 'pa ss:w@rd' 2>/dev/null
    digest_password md5 Иван "$realm" 'пароль, "1"' | cut -d: -f1-3 >"$lab/apache/digests"
    {
        for name in mpm_event authn_core authn_file authz_core authz_user auth_basic auth_digest dav dav_fs deflate filter \
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
LogFormat "%>s %m %U %{Authorization}i" asked
CustomLog $lab/apache/asked.log asked "expr=%{REQUEST_URI} =~ m#^/digest/#"
Alias /digest $lab/dav-digest
<Directory $lab/dav-digest>
  Dav On
  AuthType Digest
  AuthName "$realm"
  AuthDigestProvider file
  AuthUserFile $lab/apache/digests
  AuthDigestDomain /digest/
  AuthDigestNonceLifetime 2
  Require valid-user
</Directory>
Alias /packed $lab/files
<Location /packed>
  SetOutputFilter DEFLATE
</Location>
CONF
    } >"$conf"
    [[ -e /etc/mime.types ]] || sed -i '/^TypesConfig/d' "$conf"
    serve apache "$port" apache2 -f "$conf" -D FOREGROUND
    export CONNECTOR_APACHE=http://127.0.0.1:$port CONNECTOR_APACHE_LOG=$lab/apache/asked.log
}
