# shellcheck shell=bash
# httpbin under gunicorn. Sourced by tests/run.d/servers.sh.

start_httpbin() {
    local port
    take_ports port
    serve httpbin "$port" "$cache/venv/bin/gunicorn" -b "127.0.0.1:$port" -k gthread --threads 16 -w 1 \
        --keep-alive 60 --no-control-socket httpbin:app
    export CONNECTOR_HTTPBIN=http://127.0.0.1:$port
}
