# shellcheck shell=bash
# Android: the Java part in a desktop JVM, the library for Android's systems built, checked and run. Sourced by
# tests/run.

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
    cargo build --quiet --locked --package jvm-driver --package demo --bin demo --lib
    cp target/debug/libjvm_driver.so "$folder/"
    javac -Xlint:all -Werror -d "$folder/classes" "$sources/Checks.java" "$sources/Driver.java"
    javac -Xlint:all -Werror -d "$folder/android" "$sources/android/net/http/X509TrustManagerExtensions.java"
    make_stores "$folder/stores"
    # Without Android's class for rules of domains, with it, and with one that only the platform finds. The VM checks
    # every use of its interface; what it has to say, and anything else on either stream, fails.
    for part in '' ":$folder/android" "/ $folder/android"; do
        # shellcheck disable=SC2086 # a class path, and one argument more
        java -Xcheck:jni -Xmx256m -Djavax.net.ssl.trustStore="$folder/stores/trust.p12" \
            -Djavax.net.ssl.trustStorePassword=changeit -cp "$folder/classes"${part%% *} Checks \
            "$folder/libhttpconnector.so" "$folder/libjvm_driver.so" "$folder/stores" ${part#"${part%% *}"} \
            >"$folder/output" 2>&1 || {
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
    HTTPCONNECTOR_LIB=$folder/libhttpconnector.so target/debug/demo >"$folder/demo.out" || {
        cat "$folder/demo.out"
        return 1
    }
    echo 'CHECKS 1'
}
