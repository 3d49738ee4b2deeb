# shellcheck shell=bash
# The libraries for Windows: built as they are shipped, then executed under Wine, each width in a prefix of its own.
# 64 bits always; 32 bits with ALL_TARGETS=true. Sourced by tests/run.
#
# The tests themselves are compiled for the ordinary Windows targets, whose standard library is ready-made. What of them
# loads the library loads the one to ship; the suites of the layers (abi, component, wire) link the layers.

windows_triple() { echo "$1-win7-windows-gnu"; }
windows_test_triple() { echo "$1-pc-windows-gnu"; }

# Suites that load the library to ship, and those that have the code inside. `windows` is one of the first and runs
# last: Wine keeps the root that it puts into the store.
windows_loading=(loading cases wrong_use)
windows_inside=(abi component wire)

# What Wine or the time it takes rules out, with the reason. All of it runs on Linux, where the code is the same.
windows_skipped=(
    # Wine's server takes the error of a reset connection for itself, and the reader sees a plain end.
    a_reset_within_the_body_carries_the_systems_error
    reset_before_an_answer_is_a_refusal_only_where_a_certificate_was_asked_for
    a_connection_lost_during_the_upload_is_an_error_of_sending
    what_is_no_answer_to_connect_is_told_as_such
    # The peer is the program openssl, which is not there.
    a_server_of_tls_1_1_only_is_named_as_such
    without_verification_version_1_certificates_short_keys_and_sha1_pass
    # The scripted server reads a byte at a time, and each costs a call of Wine's server: 20 s and 90 s.
    a_target_of_more_than_64_kb_is_sent
    damaged_answers_end_in_a_response_or_an_error_in_time
    # Documents, not code.
    readme::
    reference::
)

# For 32 bits too: the Wine that is unpacked for them ends in its own dbghelp when a program looks at its stack.
windows_skipped_i686=(
    panics_of_the_program_are_printed_as_ever
)

check_windows() {
    newer_imports_are_refused
    local width widths=(x86_64)
    if [[ ${ALL_TARGETS:-false} == true ]]; then widths+=(i686); fi
    # A shell for each: the environment of one Wine must not reach the other.
    for width in "${widths[@]}"; do
        (
            trap stop_wine EXIT
            check_windows_width "$width"
        )
    done
}

# Runs suites of the width whose target is in `tests`. A program that crashed may end with status 0 under Wine: each has
# to have said its result.
tests_to_their_end() {
    local output=$lab/windows-tests.out status=0 begun ended options=() names=()
    while (($# > 0)) && [[ $1 != -- ]]; do options+=("$1") && shift; done
    names=("$@")
    cargo test --locked --package httpconnector "${options[@]}" --target "$tests" --no-fail-fast "${names[@]}" 2>&1 |
        tee "$output" || status=$?
    begun=$(grep -c '^ *Running ' "$output" || true)
    ended=$(grep -c '^test result: ' "$output" || true)
    if ((begun == 0 || begun != ended)); then
        echo "$begun suites begun, $ended came to their end"
        return 1
    fi
    return "$status"
}

# The check of imports on libraries that ask for a function of Windows 10, at once or at its first use.
newer_imports_are_refused() {
    local folder=$lab/imports way said
    local -A words=([at_once]=bcryptprimitives.dll!ProcessPrng [delayed]=bcryptprimitives.dll!delayed)
    local -A flags=([at_once]='' [delayed]=/delayload:bcryptprimitives.dll)
    mkdir -p "$folder"
    cat >"$folder/a.c" <<'C'
__declspec(dllimport) int ProcessPrng(void *, unsigned long long);
void *__delayLoadHelper2(void *descriptor, void **address) { return descriptor == address ? descriptor : 0; }
__declspec(dllexport) int use(void) { char byte; return ProcessPrng(&byte, 1); }
C
    printf 'LIBRARY bcryptprimitives.dll\nEXPORTS\n  ProcessPrng\n' >"$folder/a.def"
    clang --target=x86_64-pc-windows-msvc -Wno-msvc-not-found -c -o "$folder/a.o" "$folder/a.c"
    llvm-dlltool -m i386:x86-64 -d "$folder/a.def" -l "$folder/a.lib"
    for way in at_once delayed; do
        # shellcheck disable=SC2086 # none, or one word
        lld-link /dll /noentry /nodefaultlib ${flags[$way]} "/out:$folder/$way.dll" "$folder/a.o" "$folder/a.lib"
        said=$(cargo pack --check "x86_64-win7-windows-gnu=$folder/$way.dll" 2>&1) && {
            echo "imports of newer systems pass: $way"
            return 1
        }
        if [[ $said != *"not on the list for Windows 7 SP1"*"${words[$way]}"* ]]; then
            echo "another complaint about imports ($way): $said"
            return 1
        fi
    done
    echo "CHECKS 2"
}

# Ends what Wine left running in the prefix of this shell, so that the prefix can be removed.
stop_wine() {
    if [[ -n ${WINEPREFIX:-} ]]; then "${WINESERVER:-/usr/lib/wine/wineserver}" -k || true; fi
}

check_windows_width() {
    local width=$1 shipped tests library
    shipped=$(windows_triple "$width") tests=$(windows_test_triple "$width")
    cargo pack "$shipped"
    library=$root/target/$shipped/release/httpconnector.dll
    use_wine "$width"
    local variable=${tests^^} names=() suite
    variable=${variable//-/_}
    for suite in "${windows_loading[@]}" "${windows_inside[@]}" windows; do names+=(--test "$suite"); done
    export "CARGO_TARGET_${variable}_LINKER=$width-w64-mingw32-gcc" "CARGO_TARGET_${variable}_RUNNER=$wine_command"
    export "CC_${tests//-/_}=$width-w64-mingw32-gcc" "AR_${tests//-/_}=$width-w64-mingw32-ar"
    # For the same reason no test that fails looks at its stack.
    export CONNECTOR_OWN_PROFILE=1 RUST_BACKTRACE=0
    cargo test --quiet --locked --package httpconnector --lib "${names[@]}" --target "$tests" --no-run
    cargo build --quiet --locked --package demo --bin demo --no-default-features --target "$tests"

    echo "== $width: the tour, with $shipped"
    "$wine_command" "$root/target/$tests/debug/demo.exe" --library "$(windows_path "$library")" --tour | tr -d '\r' |
        tee "$lab/windows-tour-$width.out"
    # The status of the pipe is the tour's (pipefail); its count goes into the summary.
    awk '/ steps right, 0 wrong$/ { print "CHECKS " $1 }' "$lab/windows-tour-$width.out"
    echo "FIGURE $width: $(stat -c %s "$library") bytes"

    names=()
    for suite in "${windows_loading[@]}"; do names+=(--test "$suite"); done
    echo "== $width: suites with $shipped"
    HTTPCONNECTOR_LIB=$(windows_path "$library") tests_to_their_end "${names[@]}"
    names=()
    for suite in "${windows_inside[@]}"; do names+=(--test "$suite"); done
    local skips=() skipped all_skipped=("${windows_skipped[@]}")
    if [[ $width == i686 ]]; then all_skipped+=("${windows_skipped_i686[@]}"); fi
    for skipped in "${all_skipped[@]}"; do skips+=(--skip "$skipped"); done
    echo "== $width: suites of the layers"
    tests_to_their_end --lib "${names[@]}" -- "${skips[@]}"
    echo "== $width: what only Windows has, with $shipped"
    HTTPCONNECTOR_LIB=$(windows_path "$library") tests_to_their_end --test windows
    echo "FIGURE $width: ${#all_skipped[@]} names of tests are not for Wine (tests/run.d/windows.sh says why)"
}

# A path of this system as Windows programs under Wine see it.
windows_path() {
    local path=Z:$1
    echo "${path//\//\\}"
}

# Sets `wine_command` and the environment of Wine for a width, and makes the prefix. Nothing is shown and nothing of
# the user's own prefixes is touched.
use_wine() {
    local width=$1
    unset DISPLAY WAYLAND_DISPLAY
    # No Mono, no Gecko, no menu entries: nothing here needs them, and they ask.
    export WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml,winemenubuilder.exe='
    export WINEPREFIX=$lab/wine-$width
    if [[ $width == i686 ]]; then
        local folder=$cache/wine32
        export WINEARCH=win32 WINELOADER=$folder/usr/lib/wine/wine WINESERVER=$folder/usr/lib/wine/wineserver32
        export WINEDLLPATH=$folder/usr/lib/i386-linux-gnu/wine
        export LD_LIBRARY_PATH=$folder/usr/lib/i386-linux-gnu:$folder/lib/i386-linux-gnu
        wine_command=$WINELOADER
    else
        wine_command=$(command -v wine)
    fi
    local system=$WINEPREFIX/drive_c/windows/system32
    mkdir -p "$system"
    if [[ $width == i686 ]]; then
        # Debian's user32 wants it, and finds it where only an installed Wine looks.
        cp "$cache/wine32/usr/i686-w64-mingw32/lib/zlib1.dll" "$system"
    fi
    timeout 180 "$wine_command" wineboot --init >"$lab/log/wine-$width.out" 2>&1 || {
        cat "$lab/log/wine-$width.out"
        echo "the Wine prefix for $width could not be made"
        return 1
    }
    make_random_stub "$width" "$system"
}

# Wine 8 lacks a library every program of a current Rust imports one function from (the tests do, the library to ship
# does not).
make_random_stub() {
    local width=$1 folder=$2
    if [[ -e $folder/bcryptprimitives.dll ]]; then return 0; fi
    cat >"$lab/random.c" <<'C'
#include <windows.h>
#include <ntsecapi.h>
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length) {
    return RtlGenRandom(data, (ULONG)length);
}
C
    printf 'LIBRARY bcryptprimitives.dll\nEXPORTS\n  ProcessPrng\n' >"$lab/random.def"
    "$width-w64-mingw32-gcc" -shared -Wl,--kill-at,--enable-stdcall-fixup -o "$folder/bcryptprimitives.dll" "$lab/random.c" "$lab/random.def" \
        -ladvapi32
}

# The compiler's parts and the 32-bit Wine: what does not come from the machine's packages.
have_windows() {
    rustup component add rust-src >/dev/null 2>&1 || return 1
    rustup target add "$(windows_test_triple x86_64)" >/dev/null 2>&1 || return 1
    if [[ ${ALL_TARGETS:-false} == true ]]; then
        rustup target add "$(windows_test_triple i686)" >/dev/null 2>&1 && have_wine32 || return 1
    fi
}

# Wine for 32 bits with all it needs, unpacked into a folder: installed, its libraries would have to be of the very
# versions of the 64-bit ones, which mirrors do not always have.
have_wine32() {
    local folder=$cache/wine32 apt=$cache/wine32-apt file
    [[ -x $folder/usr/lib/wine/wine ]] && return 0
    echo "== Wine for 32 bits (unpacked into $folder)"
    rm -rf "$folder" "$folder.new" "$apt"
    mkdir -p "$apt"/{state/lists/partial,cache/archives/partial} "$folder.new"
    : >"$apt/state/status"
    # shellcheck source=/dev/null
    echo "deb [arch=i386] http://deb.debian.org/debian $(. /etc/os-release && echo "$VERSION_CODENAME") main" \
        >"$apt/sources.list"
    local options=(-qq -o APT::Architecture=i386 -o APT::Architectures=i386 -o Dir::State="$apt/state"
        -o Dir::State::status="$apt/state/status" -o Dir::Cache="$apt/cache" -o Dir::Etc::sourcelist="$apt/sources.list"
        -o Dir::Etc::sourceparts=- -o APT::Install-Recommends=false -o APT::Sandbox::User=)
    apt-get "${options[@]}" update >/dev/null &&
        apt-get "${options[@]}" install --download-only --yes wine32 libgnutls30 >/dev/null || return 1
    for file in "$apt"/cache/archives/*.deb; do dpkg -x "$file" "$folder.new" || return 1; done
    # The loader of the unpacked libraries, not the system's, which need not be there.
    for file in wine wineserver32; do
        patchelf --set-interpreter "$folder/lib/ld-linux.so.2" "$folder.new/usr/lib/wine/$file" || return 1
    done
    rm -rf "$apt"
    mv "$folder.new" "$folder"
}
