# shellcheck shell=bash
# lighttpd: Digest by SHA-256, by a choice of two, with hashed user names. Sourced by tests/run.d/servers.sh.

start_lighttpd() {
    local port conf=$lab/lighttpd.conf realm='lab, Лаборатория' hash
    take_ports port
    mkdir -p "$lab/lighttpd"
    for hash in md5 sha256; do
        digest_password "$hash" Иван "$realm" 'пароль, "1"'
    done >"$lab/lighttpd/passwords"
    cat >"$conf" <<CONF
server.modules = ("mod_auth", "mod_authn_file", "mod_accesslog")
server.document-root = "$lab/files"
server.bind = "127.0.0.1"
server.port = $port
server.errorlog = "$lab/log/lighttpd.error"
accesslog.filename = "$lab/lighttpd/access.log"
accesslog.format = "%s %m %U %{Authorization}i"
mimetype.assign = (".json" => "application/json")
auth.backend = "htdigest"
auth.backend.htdigest.userfile = "$lab/lighttpd/passwords"
\$HTTP["url"] =~ "^/sha256/" { alias.url = ("/sha256/" => "$lab/files/") }
\$HTTP["url"] =~ "^/two/" { alias.url = ("/two/" => "$lab/files/") }
\$HTTP["url"] =~ "^/hashed/" { alias.url = ("/hashed/" => "$lab/files/") }
auth.require = (
    "/sha256/" => ("method" => "digest", "algorithm" => "SHA-256", "realm" => "$realm", "require" => "valid-user"),
    "/two/" => ("method" => "digest", "algorithm" => "MD5|SHA-256", "realm" => "$realm", "require" => "valid-user"),
    "/hashed/" => ("method" => "digest", "algorithm" => "SHA-256", "realm" => "$realm", "require" => "valid-user",
        "userhash" => "enable")
)
server.modules += ("mod_alias")
CONF
    serve lighttpd "$port" lighttpd -D -f "$conf"
    export CONNECTOR_LIGHTTPD=http://127.0.0.1:$port CONNECTOR_LIGHTTPD_LOG=$lab/lighttpd/access.log
}
