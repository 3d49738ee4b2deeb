# shellcheck shell=bash
# An NTLM acceptor that checks what a client computes, as origin and as proxy. Sourced by tests/run.d/servers.sh.

start_ntlm() {
    local plain secure
    take_ports plain secure
    cat >"$lab/ntlm.users" <<'USERS'
LAB:user:pa ss
ДОМЕН:Пользователь:Пароль Ёж
:single:secret
:upn@lab.test:secret
USERS
    NTLM_USER_FILE=$lab/ntlm.users PYTHONUTF8=1 serve ntlm "$plain" "$cache/venv/bin/python" \
        "$here/run.d/servers/ntlm_server.py" "$plain" "$secure" "$lab/pki/good.pem" "$lab/pki/good.key"
    export CONNECTOR_NTLM=http://127.0.0.1:$plain CONNECTOR_NTLM_TLS=https://localhost:$secure
    export CONNECTOR_PKI=$lab/pki
}
