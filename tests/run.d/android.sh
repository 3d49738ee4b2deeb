# shellcheck shell=bash
# Android: the Java part in a desktop JVM; the libraries built, checked and run, with a stand-in for Android's libc.
# ARM of 64 bits always, the other three with ALL_TARGETS=true. Sourced by tests/run.

# `lab` is the run's folder, `root` the repository.
: "${lab=}" "${root=}"

# The key stores of the tests: an authority the VM trusts, one it does not, and servers of both.
make_stores() {
    local folder=$1 name authority host start end
    mkdir -p "$folder"
    for name in ca other; do
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj "/CN=Test authority $name" \
            -keyout "$folder/$name.key" -out "$folder/$name.pem" 2>>"$folder/openssl.log"
    done
    keytool -importcert -noprompt -alias ca -file "$folder/ca.pem" -storetype PKCS12 -storepass changeit \
        -keystore "$folder/trust.p12" 2>>"$folder/keytool.log"
    # A certificate that has expired cannot be had of `openssl x509`.
    cat >"$folder/ca.conf" <<-END
		[ca]
		default_ca = here
		[here]
		new_certs_dir = $folder
		database = $folder/index
		serial = $folder/serial
		unique_subject = no
		default_md = sha256
		policy = any
		[any]
		commonName = supplied
	END
    : >"$folder/index"
    echo 1000 >"$folder/serial"
    while read -r name authority host start end; do
        openssl req -newkey rsa:2048 -nodes -subj "/CN=$name" -keyout "$folder/$name.key" -out "$folder/$name.csr" \
            2>>"$folder/openssl.log"
        printf 'subjectAltName = DNS:%s\nextendedKeyUsage = serverAuth\n' "$host" >"$folder/$name.ext"
        openssl ca -batch -notext -config "$folder/ca.conf" -in "$folder/$name.csr" -cert "$folder/$authority.pem" \
            -keyfile "$folder/$authority.key" -startdate "$start" -enddate "$end" -extfile "$folder/$name.ext" \
            -out "$folder/$name.pem" 2>>"$folder/openssl.log"
        openssl pkcs12 -export -in "$folder/$name.pem" -inkey "$folder/$name.key" -certfile "$folder/$authority.pem" \
            -name key -passout pass:changeit -out "$folder/$name.p12"
    done <<-'END'
		good ca localhost 20200101000000Z 20490101000000Z
		wrong ca other.test 20200101000000Z 20490101000000Z
		expired ca localhost 20200101000000Z 20200201000000Z
		stranger other localhost 20200101000000Z 20490101000000Z
	END
}

check_jni() {
    local folder=$lab/jvm sources=tests/jvm/java part
    mkdir -p "$folder"
    cargo build --quiet --locked --package httpconnector --lib --features jvm
    cp target/debug/libhttpconnector.so "$folder/"
    cargo test --quiet --locked --package httpconnector --lib --features jvm -- android:: alone::
    cargo build --quiet --locked --package jvm-driver --package demo --bin demo --lib
    cp target/debug/libjvm_driver.so "$folder/"
    javac -Xlint:all -Werror -d "$folder/classes" "$sources/Checks.java" "$sources/Driver.java"
    javac -Xlint:all -Werror -d "$folder/android" "$sources/android/net/http/X509TrustManagerExtensions.java"
    make_stores "$folder/stores"
    # Without Android's class for rules of domains, with it, and with one that only the platform finds. The VM checks
    # every use of its interface; what it has to say, and anything else on either stream, fails.
    for part in none path platform; do
        local classes=$folder/classes only=()
        case $part in
        path) classes+=:$folder/android ;;
        platform) only=("$folder/android") ;;
        esac
        java -Xcheck:jni -Xmx256m -Djavax.net.ssl.trustStore="$folder/stores/trust.p12" \
            -Djavax.net.ssl.trustStorePassword=changeit -cp "$classes" Checks "$folder/libhttpconnector.so" \
            "$folder/libjvm_driver.so" "$folder/stores" ${only[@]+"${only[@]}"} >"$folder/output" 2>&1 || {
            cat "$folder/output"
            return 1
        }
        if [[ $(wc -l <"$folder/output") != 1 ]]; then
            echo "the VM complains:"
            cat "$folder/output"
            return 1
        fi
        cat "$folder/output"
    done
    # The same library where there is no VM: roots of its own, everything else as ever.
    target/debug/demo --library "$folder/libhttpconnector.so" >"$folder/demo.out" || {
        cat "$folder/demo.out"
        return 1
    }
    awk '/ steps right, 0 wrong$/ { print "CHECKS " $1 }' "$folder/demo.out"
}

check_android() {
    android_width aarch64-linux-android aarch64-unknown-linux-gnu aarch64-linux-gnu \
        qemu-aarch64 -L /usr/aarch64-linux-gnu
    [[ ${ALL_TARGETS:-} == true ]] || return 0
    # Android's ARM of 32 bits passes floating point in ordinary registers, as Debian's armel does.
    android_width armv7-linux-androideabi armv7-unknown-linux-gnueabi arm-linux-gnueabi \
        qemu-arm -L /usr/arm-linux-gnueabi
    android_width i686-linux-android i686-unknown-linux-gnu i686-linux-gnu env
    android_width x86_64-linux-android x86_64-unknown-linux-gnu x86_64-linux-gnu env
}

# The very file for Android tours, in a program of the Linux that is nearest.
android_width() {
    local triple=$1 near=$2 tools=$3 folder=$lab/$1 variable library
    shift 3
    variable=${near^^}
    variable=${variable//-/_}
    cargo pack "$triple"
    export "CARGO_TARGET_${variable}_LINKER=$tools-gcc" "CC_${near//-/_}=$tools-gcc" "AR_${near//-/_}=$tools-ar"
    if [[ $near == arm* ]]; then
        # No ready-made standard library for it everywhere.
        RUSTC_BOOTSTRAP=1 cargo build --quiet --locked --package demo --bin demo --no-default-features --target "$near" \
            -Z build-std=std,panic_unwind
    else
        cargo build --quiet --locked --package demo --bin demo --no-default-features --target "$near"
    fi
    mkdir -p "$folder"
    "$tools-gcc" -O1 -Wall -Wextra -Werror -shared -fPIC -Wl,-soname,libc.so -o "$folder/libc.so" tests/android/shim.c -ldl
    for library in dl m log; do
        "$tools-gcc" -shared -nostdlib -Wl,-soname,lib$library.so -o "$folder/lib$library.so" -x c /dev/null
    done
    echo "== $triple: the tour"
    # An emulator must not look for its own libraries there.
    local path=(env "LD_LIBRARY_PATH=$folder")
    if [[ $1 == qemu-* ]]; then path=("$@" -E "LD_LIBRARY_PATH=$folder"); fi
    ADDIN_HOST_DEEPBIND=1 tour "$triple" "$root/target/$near/debug/demo" "${path[@]}"
    echo "FIGURE $triple: $(stat -c %s "target/$triple/release/libhttpconnector.so") bytes"
}
