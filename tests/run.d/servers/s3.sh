# shellcheck shell=bash
# s3s-fs: an S3 server that checks signatures, over files below $lab/s3. Sourced by tests/run.d/servers.sh.

start_s3() {
    local port
    take_ports port
    mkdir -p "$lab/s3"
    export CONNECTOR_S3_ACCESS_KEY=AKLAB CONNECTOR_S3_SECRET_KEY='SK/lab+secret='
    serve s3 "$port" "$cache/tools/bin/s3s-fs" --host 127.0.0.1 --port "$port" \
        --access-key "$CONNECTOR_S3_ACCESS_KEY" --secret-key "$CONNECTOR_S3_SECRET_KEY" "$lab/s3"
    export CONNECTOR_S3=http://127.0.0.1:$port CONNECTOR_S3_FILES=$lab/s3
}
