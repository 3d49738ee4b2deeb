# shellcheck shell=bash
# What the stages need, installed when missing. Sourced by tests/run. Tools that are not Debian's go to a cache
# outside of the clone, so that a second run finds them. What cannot be had is remembered in missing[stage].

declare -A missing=()
s3s_version=0.14.1 # newer ones need a newer Rust

# Programs and the package that has each.
packages_of() {
    case $1 in
    shell) echo "shellcheck:shellcheck" ;;
    tests | stress | memory | valgrind | demo | vectors | miri | clippy | doc) echo "cc:build-essential" ;;
    # curl: for the system's libcurl, which it brings.
    bench) echo "cc:build-essential pkg-config:pkg-config curl:curl" ;;
    esac
    case $1 in
    tests)
        echo "nginx:nginx-extras apache2:apache2 htpasswd:apache2-utils openssl:openssl curl:curl lighttpd:lighttpd"
        echo "squid:squid-openssl danted:dante-server microsocks:microsocks krb5kdc:krb5-kdc kadmin.local:krb5-admin-server"
        echo "kinit:krb5-user"
        ;;
    valgrind) echo "valgrind:valgrind" ;;
    bsl) echo "java:openjdk-17-jre-headless mvn:maven python3:python3" ;;
    pack | linux | release) echo "cc:build-essential python3:python3 git:git" ;;
    esac
    case $1 in
    jni) echo "cc:build-essential java:openjdk-17-jdk-headless javac:openjdk-17-jdk-headless openssl:openssl" ;;
    android)
        echo "cc:build-essential clang:clang ld.lld:lld llvm-ar:llvm aarch64-linux-gnu-gcc:gcc-aarch64-linux-gnu"
        echo "qemu-aarch64:qemu-user"
        if [[ ${ALL_TARGETS:-} == true ]]; then
            echo "arm-linux-gnueabi-gcc:gcc-arm-linux-gnueabi i686-linux-gnu-gcc:gcc-i686-linux-gnu"
        fi
        ;;
    linux)
        # C++: a package of the tests compiles some.
        echo "i686-linux-gnu-g++:g++-i686-linux-gnu aarch64-linux-gnu-g++:g++-aarch64-linux-gnu qemu-aarch64:qemu-user"
        ;;
    release)
        echo "x86_64-w64-mingw32-gcc:gcc-mingw-w64-x86-64 i686-w64-mingw32-gcc:gcc-mingw-w64-i686"
        echo "clang:clang ld.lld:lld llvm-ar:llvm openssl:openssl osslsigncode:osslsigncode"
        ;;
    windows)
        # winbind: its ntlm_auth is what NTLM of Wine is made of.
        echo "wine:wine wine:wine64 ntlm_auth:winbind x86_64-w64-mingw32-gcc:gcc-mingw-w64-x86-64"
        echo "clang:clang lld-link:lld llvm-dlltool:llvm"
        if [[ ${ALL_TARGETS:-false} == true ]]; then
            echo "i686-w64-mingw32-gcc:gcc-mingw-w64-i686 patchelf:patchelf"
        fi
        ;;
    esac
}

needs() {
    local stage pair program package wanted=()
    PATH=$PATH:/usr/sbin:/sbin # where Debian keeps nginx and apache2, not in a user's PATH
    export PATH
    for stage in "$@"; do
        for pair in $(packages_of "$stage"); do
            program=${pair%%:*} package=${pair#*:}
            command -v "$program" >/dev/null || wanted+=("$package")
        done
        case $stage in
        tests | bench) have_venv || wanted+=(python3-venv) ;;
        pack | linux | release) python3 -c 'import ensurepip, venv' 2>/dev/null || wanted+=(python3-venv) ;;
        esac
        # 32-bit programs run by themselves when their loader and the compiler's library are there.
        # The cross compilers only recommend their C library's headers.
        if [[ $stage == android ]]; then
            wanted_header /usr/aarch64-linux-gnu libc6-dev-arm64-cross
            if [[ ${ALL_TARGETS:-} == true ]]; then
                wanted_header /usr/arm-linux-gnueabi libc6-dev-armel-cross
                wanted_header /usr/i686-linux-gnu libc6-dev-i386-cross
                have_32_bits || wanted+=(libc6-i386 lib32gcc-s1)
            fi
        fi
        if [[ $stage == linux ]]; then
            have_32_bits || wanted+=(libc6-i386 lib32gcc-s1)
            # The cross compilers only recommend them.
            [[ -e /usr/i686-linux-gnu/include/stdio.h ]] || wanted+=(libc6-dev-i386-cross)
            [[ -e /usr/aarch64-linux-gnu/include/stdio.h ]] || wanted+=(libc6-dev-arm64-cross)
        fi
        # The tests compile a C++ host; a bare gcc is not enough.
        case $stage in
        tests)
            command -v c++ >/dev/null || wanted+=(build-essential)
            [[ -e /usr/lib/apache2/modules/mod_auth_gssapi.so ]] || wanted+=(libapache2-mod-auth-gssapi)
            ;;
        esac
    done
    if ((${#wanted[@]} > 0)); then
        install_packages "${wanted[@]}" || echo "tests/run: packages could not be installed: ${wanted[*]}" >&2
    fi
    for stage in "$@"; do
        for pair in $(packages_of "$stage"); do
            command -v "${pair%%:*}" >/dev/null || missing[$stage]="${missing[$stage]:-}${pair#*:} "
        done
        case $stage in
        tests | bench) make_venv || missing[$stage]="${missing[$stage]:-}Python packages " ;;
        esac
        case $stage in
        tests) have_s3s || missing[$stage]="${missing[$stage]:-}s3s-fs $s3s_version " ;;
        miri) have_miri || missing[$stage]="${missing[$stage]:-}$nightly with miri and rust-src " ;;
        layouts)
            rustup target add "${layout_targets[@]}" >/dev/null 2>&1 || missing[$stage]="${missing[$stage]:-}Rust targets "
            ;;
        bsl) have_bsl_server || missing[$stage]="${missing[$stage]:-}BSL Language Server $bsl_server_version " ;;
        android)
            # Those of the programs that load the libraries; `cargo pack` sees to its own.
            local near=(aarch64-unknown-linux-gnu)
            if [[ ${ALL_TARGETS:-} == true ]]; then near+=(i686-unknown-linux-gnu); fi
            { rustup target add "${near[@]}" && rustup component add rust-src; } >/dev/null 2>&1 || missing[$stage]="${missing[$stage]:-}Rust targets "
            ;;
        linux) have_32_bits || missing[$stage]="${missing[$stage]:-}libc6-i386 lib32gcc-s1 " ;;
        windows) have_windows || missing[$stage]="${missing[$stage]:-}Rust for Windows, or Wine for 32 bits " ;;
        deny) have_deny || missing[$stage]="${missing[$stage]:-}cargo-deny $deny_version " ;;
        clippy) rustup component add clippy >/dev/null 2>&1 || missing[$stage]="${missing[$stage]:-}clippy " ;;
        format) rustup component add rustfmt >/dev/null 2>&1 || missing[$stage]="${missing[$stage]:-}rustfmt " ;;
        esac
    done
    command -v cargo >/dev/null || {
        echo "tests/run: cargo is not there; install Rust first (rustup)" >&2
        exit 1
    }
}

install_packages() {
    local as_root=()
    if ((EUID != 0)); then
        if ! command -v sudo >/dev/null; then
            echo "tests/run: missing packages and neither root nor sudo: $*" >&2
            return 1
        fi
        as_root=(sudo)
    fi
    echo "== installing: $*"
    # RUNLEVEL: the servers are started by this run on free ports, not by the system on port 80.
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 sh -c '
        apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@" >/dev/null' apt "$@"
}

have_venv() {
    # Debian's python3 has venv but not ensurepip until python3-venv is there.
    [[ -x $cache/venv/bin/gunicorn ]] || python3 -c 'import ensurepip, venv' 2>/dev/null
}

make_venv() {
    local stamp=$cache/venv/requirements.txt
    if [[ -x $cache/venv/bin/gunicorn ]] && cmp -s "$here/run.d/requirements.txt" "$stamp"; then
        return 0
    fi
    echo "== Python packages into $cache/venv"
    mkdir -p "$cache" && rm -rf "$cache/venv"
    python3 -m venv "$cache/venv" &&
        "$cache/venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/run.d/requirements.txt" &&
        cp "$here/run.d/requirements.txt" "$stamp"
}

wanted_header() {
    [[ -e $1/include/dlfcn.h ]] || wanted+=("$2")
}

have_32_bits() {
    [[ -e /lib/ld-linux.so.2 ]] &&
        [[ -e /usr/lib32/libgcc_s.so.1 || -e /lib/i386-linux-gnu/libgcc_s.so.1 || -e /usr/lib/i386-linux-gnu/libgcc_s.so.1 ]]
}

have_miri() {
    cargo "+$nightly" miri --version >/dev/null 2>&1 && return 0
    echo "== $nightly with Miri"
    rustup toolchain install "$nightly" --no-self-update --profile minimal -c miri -c rust-src >/dev/null 2>&1
    cargo "+$nightly" miri --version >/dev/null 2>&1
}

have_deny() {
    export PATH=$cache/tools/bin:$PATH
    [[ $(cargo deny --version 2>/dev/null) == "cargo-deny $deny_version" ]] && return 0
    echo "== cargo-deny $deny_version (compiled once into $cache/tools)"
    # Unoptimised: it is used for a second or two and compiles in half the time.
    (cd / && cargo install --quiet --debug --locked --root "$cache/tools" --version "$deny_version" cargo-deny)
}

have_s3s() {
    [[ $("$cache/tools/bin/s3s-fs" --version 2>/dev/null) == "s3s-fs $s3s_version" ]] && return 0
    echo "== s3s-fs $s3s_version (compiled once into $cache/tools)"
    # By the Rust of this repository, whatever is the default.
    cargo install --quiet --debug --locked --root "$cache/tools" --version "$s3s_version" --features binary s3s-fs
}
