# shellcheck shell=bash
# What each stage does. Sourced by tests/run; cheapest first is the order there, not here.

check_shell() {
    shellcheck -x -P "$root" tests/run .ci/run
    while IFS= read -r file; do
        bash -n "$file"
    done < <(find tests/run.d -name '*.sh')
}

check_format() {
    cargo fmt --all --check
}

check_clippy() {
    cargo clippy --quiet --locked --workspace --all-targets -- -D warnings
    # What is there on Android only.
    cargo clippy --quiet --locked --package httpconnector --lib --features jvm -- -D warnings
}

check_doc() {
    RUSTDOCFLAGS='-D warnings' cargo doc --quiet --locked --workspace --no-deps
}

check_deny() {
    cargo deny --log-level error check --hide-inclusion-graph licenses bans sources
    # The advisory database is not a package of a registry: without a way to it there is nothing to compare with.
    if cargo deny --log-level error fetch db >/dev/null 2>&1; then
        cargo deny --log-level error check --hide-inclusion-graph advisories
    else
        echo 'SKIPPED: advisories: the advisory database cannot be reached from here'
    fi
}

check_tests() {
    trap stop_servers EXIT
    start_servers
    cargo test --quiet --locked --workspace --no-fail-fast --no-run
    cargo test --locked --workspace --no-fail-fast
}

check_vectors() {
    if [[ ! -d $CONNECTOR_VECTORS ]]; then
        echo "SKIPPED: vectors: no folder $CONNECTOR_VECTORS (the tests decide whether that fails)"
    fi
    local output=$lab/vectors.out
    cargo test --quiet --locked --package httpconnector --test vectors >"$output" 2>&1 || {
        cat "$output"
        return 1
    }
    cat "$output"
    awk '/ cases, .* passed, / { print "FIGURE" $0 }
        /^vectors: [0-9]+ cases/ { print "CHECKS " $2 - $4 }' "$output"
}

# The ABI layer alone, with a toy component: nothing foreign has to be interpreted.
check_miri() {
    MIRIFLAGS=-Zmiri-disable-isolation cargo "+$nightly" miri test --quiet --manifest-path tests/abi/alone/Cargo.toml \
        --target-dir target/miri
}

# The same compiled for the platform's other systems: sizes and layouts are asserted by the compiler.
check_layouts() {
    local target
    for target in "${layout_targets[@]}"; do
        cargo check --quiet --manifest-path tests/abi/alone/Cargo.toml --target-dir target/alone --target "$target" \
            --all-targets
        echo "layouts hold: $target"
    done
    echo "CHECKS ${#layout_targets[@]}"
}

check_stress() {
    local seconds=60
    if [[ $QUICK == true ]]; then seconds=10; fi
    STRESS_SECONDS=$seconds cargo test --quiet --locked --package httpconnector --test stress -- --nocapture
}

# The library and the small programs that use it, without optimisation: their paths in `library` and `bin`.
build_programs() {
    cargo build --quiet --locked --package httpconnector --package demo --package test-server --examples --bins --lib
    library=$root/target/debug/libhttpconnector.so
    bin=$root/target/debug
}

# Starts the embedded server as a process of its own; its address in `url`.
start_embedded() {
    mkfifo "$lab/hold"
    "$bin/examples/serve" "$lab/embedded-ca.pem" <"$lab/hold" >"$lab/embedded.out" &
    exec 9>"$lab/hold" # the server ends when this does
    local end=$((SECONDS + 20))
    until [[ $(wc -l <"$lab/embedded.out") -ge 2 ]]; do
        if ((SECONDS > end)); then
            echo 'the embedded server did not start'
            return 1
        fi
        sleep 0.05
    done
    url=$(sed -n 1p "$lab/embedded.out") secure_url=$(sed -n 2p "$lab/embedded.out")
    rm "$lab/hold"
}

check_memory() {
    build_programs
    start_embedded
    # Bodies far beyond what the address space allows: an error each time, never the end of the process.
    (
        ulimit -v 600000
        "$bin/tight" "$library" "$url"
    )
    exec 9>&-
}

check_valgrind() {
    build_programs
    start_embedded
    valgrind --quiet --leak-check=full --errors-for-leak-kinds=definite --show-leak-kinds=definite \
        --error-exitcode=9 --num-callers=40 --suppressions="$here/run.d/valgrind.supp" \
        "$bin/rounds" "$library" "$url" "$secure_url" "$lab/embedded-ca.pem" 1000
    exec 9>&-
}

check_demo() {
    cargo demo
    cargo demo -- --tour
    # The other form of the command, at an address nobody listens on: the error's text and details are its answer.
    { cargo demo -- http://127.0.0.1:1/ 2>&1 || true; } | grep -q '"code":"connect"'
}

check_bench() {
    BENCH_PYTHON=$cache/venv/bin/python cargo bench-abi --check
}
