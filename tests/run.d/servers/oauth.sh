# shellcheck shell=bash
# An OAuth 2.0 authorization server with a resource, by Authlib. Sourced by tests/run.d/servers.sh.

start_oauth() {
    local port
    take_ports port
    PYTHONUTF8=1 serve oauth "$port" "$cache/venv/bin/python" "$here/run.d/servers/oauth_server.py" "$port"
    export CONNECTOR_OAUTH=http://127.0.0.1:$port
}
