# shellcheck shell=bash
# What is shipped: libraries built by `cargo pack`, the archive, the release folder, and their use. The Linux that is
# everybody's always; the other Linux rows, the whole release and its reproduction with ALL_TARGETS=true.
# Sourced by tests/run.

# `lab` is the run's folder, `url` the embedded server's address.
: "${lab=}" "${url=}"

everyday=x86_64-unknown-linux-gnu

check_pack() {
    build_programs
    cargo pack --targets "$everyday" --dist "$lab/dist" | tee "$lab/pack.out"
    grep "^$everyday " "$lab/pack.out" | sed 's/^/FIGURE /'
    (cd "$lab/dist" && sha256sum --quiet --check SHA256SUMS)
    cargo pack --check "$lab"/dist/HTTPConnector_*_chosen.zip
    packed_archive_answers "$lab/dist" КоннекторHTTP КоннекторHTTPКомпонента ОбщийМакет КодСостояния
    packed_archive_answers "$lab/dist" HTTPConnector HTTPConnectorAddIn CommonTemplate StatusCode
    tour "$everyday"
    echo "CHECKS 4"
}

# The configuration of a release folder on the bench: its module, the archive in its template, a request.
packed_archive_answers() {
    local sources=$1/1c/src/cf module=$2 template=$3 kind=$4 status=$5
    start_embedded
    cat >"$lab/packed.bsl" <<BSL
Ответ = $module.Get("$url/get");
Сообщить(Строка(Ответ.$status) + " " + ТипЗнч(Ответ));
BSL
    local said
    said=$(cargo run --quiet --locked --package bsl -- \
        --module "$module=$sources/CommonModules/$module/Ext/Module.bsl" \
        --template "$kind.$template=$sources/CommonTemplates/$template/Ext/Template.bin" "$lab/packed.bsl")
    exec 9>&-
    if [[ $said != 200\ * ]]; then
        echo "the archive in the template $template does not answer: $said"
        return 1
    fi
    echo "$module with the archive in its template: $said"
}

# The demo with the library of a target, through an emulator when one is named.
tour() {
    local triple=$1 demo=${2:-$root/target/debug/demo}
    shift $(($# > 2 ? 2 : $#))
    "$@" "$demo" --library "$root/target/$triple/release/libhttpconnector.so" --tour | tee "$lab/tour-$triple.out"
    awk '/ steps right, 0 wrong$/ { print "CHECKS " $1 }' "$lab/tour-$triple.out"
}

# Linux on other processors: the suites of the layers and those that load a library, with the one to ship.
check_linux() {
    linux_width i686 i686-linux-gnu env
    linux_width aarch64 aarch64-linux-gnu qemu-aarch64 -L /usr/aarch64-linux-gnu
}

linux_width() {
    local width=$1 tools=$2 triple=$1-unknown-linux-gnu variable suite names=()
    shift 2
    local library=$root/target/$triple/release/libhttpconnector.so
    cargo pack "$triple"
    variable=${triple^^}
    variable=${variable//-/_}
    export "CARGO_TARGET_${variable}_LINKER=$tools-gcc" "CARGO_TARGET_${variable}_RUNNER=$*"
    export "CC_${triple//-/_}=$tools-gcc" "AR_${triple//-/_}=$tools-ar" CONNECTOR_RUNNER="$*"
    cargo build --quiet --locked --package demo --bin demo --no-default-features --target "$triple"
    echo "== $width: the tour"
    tour "$triple" "$root/target/$triple/debug/demo" "$@"
    echo "== $width: suites of the layers"
    for suite in abi component; do names+=(--test "$suite"); done
    cargo test --locked --package httpconnector --lib "${names[@]}" --target "$triple" --no-fail-fast
    echo "== $width: suites that load the library to ship"
    names=()
    for suite in loading cases wrong_use; do names+=(--test "$suite"); done
    # The foreign programs of `native` are compiled by the machine's own compiler, for the machine.
    HTTPCONNECTOR_LIB=$library cargo test --locked --package httpconnector "${names[@]}" --target "$triple" \
        --no-fail-fast -- --skip native::
}

# The checkout once more, in a folder of another name and length; its path in `copy`. What is built there must be the same.
another_checkout() {
    copy=$lab/another-place
    mkdir -p "$copy"
    git ls-files -z --cached --others --exclude-standard |
        tar --create --null --ignore-failed-read --files-from=- | tar --extract --directory "$copy"
}

same_archives() {
    local archive
    for archive in "$1"/*.zip; do
        cmp "$archive" "$2/${archive##*/}"
        echo "the same from another folder: ${archive##*/}"
    done
}

# Every row from the sources, and once more in another folder: the archives are equal byte by byte.
check_release() {
    cargo pack --all --dist "$lab/release"
    (cd "$lab/release" && sha256sum --quiet --check SHA256SUMS)
    another_checkout
    cargo pack --all --source "$copy" --dist "$lab/again"
    same_archives "$lab/release" "$lab/again"
    signed_windows_library_is_packed
    sed 's/^/FIGURE /' "$lab/release/ROWS.txt"
    (cd "$lab/release" && stat --format='FIGURE %n %s bytes' ./*.zip)
    echo "CHECKS $(find "$lab/release" -name '*.zip' | wc -l)"
}

# The hook for signatures with a real program and a certificate of its own; the checks look at the signed file.
signed_windows_library_is_packed() {
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=Nobody -addext extendedKeyUsage=codeSigning \
        -keyout "$lab/sign.key" -out "$lab/sign.pem" 2>/dev/null
    cat >"$lab/sign" <<SH
#!/bin/sh
osslsigncode sign -certs "$lab/sign.pem" -key "$lab/sign.key" -in "\$1" -out "\$1.signed" >/dev/null && mv "\$1.signed" "\$1"
SH
    chmod +x "$lab/sign"
    cargo pack --targets x86_64-win7-windows-gnu,i686-win7-windows-gnu --built --sign "$lab/sign" --dist "$lab/signed"
}

# What the last run over all targets came to, for the repository.
record() {
    local file=$root/addin-manifest/LAST-RUN.md
    {
        printf '# The last run over all targets\n\n'
        printf 'Written by `tests/run --all-targets`, which ended without a failure. Nothing in it is written by hand.\n\n'
        printf -- '- Date: %s\n- Sources: %s\n- Rust: %s\n- Machine: %s, %s\n\n' "$(date -u +%Y-%m-%d)" \
            "$(git describe --always --dirty)" "$(rustc --version)" "$(uname -sm)" \
            "$(. /etc/os-release && echo "$PRETTY_NAME")"
        printf '```\n'
        if [[ -n ${asked:-} ]]; then printf 'Stages named: %s\n\n' "$asked"; fi
        printf '%s\n' "${rows[@]}"
        printf '\n%d passed, %d failed\n```\n' "$passed" "$failed"
    } >"$file"
    echo "Recorded: ${file#"$root"/}"
}
