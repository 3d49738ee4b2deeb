# shellcheck shell=bash
# Android: the Java part in a desktop JVM, the library for Android's systems built, checked and run. Sourced by
# tests/run.

# The key stores of the tests: an authority the VM trusts, one it does not, and servers of both.
make_stores() {
    local folder=$1 name authority days start
    mkdir -p "$folder"
    key() { keytool -storepass changeit -storetype PKCS12 -keystore "$@" 2>>"$folder/keytool.log"; }
    for name in ca other; do
        key "$folder/$name.p12" -genkeypair -alias key -keyalg EC -groupname secp256r1 -dname "CN=Test authority $name" \
            -ext bc:c -validity 30
    done
    key "$folder/ca.p12" -exportcert -rfc -alias key >"$folder/ca.pem"
    key "$folder/other.p12" -exportcert -rfc -alias key >"$folder/other.pem"
    key "$folder/trust.p12" -importcert -noprompt -alias ca -file "$folder/ca.pem"
    while read -r name authority host start days; do
        key "$folder/$name.p12" -genkeypair -alias key -keyalg RSA -keysize 2048 -dname "CN=$name"
        key "$folder/$name.p12" -certreq -alias key >"$folder/$name.csr"
        key "$folder/$authority.p12" -gencert -rfc -alias key -infile "$folder/$name.csr" -ext "san=$host" -ext eku=sA \
            -startdate "$start" -validity "$days" >"$folder/$name.pem"
        key "$folder/$name.p12" -importcert -noprompt -trustcacerts -alias ca -file "$folder/$authority.pem"
        key "$folder/$name.p12" -importcert -noprompt -alias key -file "$folder/$name.pem"
    done <<-'END'
		good ca dns:localhost -1d 10
		wrong ca dns:other.test -1d 10
		expired ca dns:localhost -30d 10
		stranger other dns:localhost -1d 10
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
    # Without Android's class for rules of domains, and with it. The VM checks every use of its interface; what it
    # has to say, and anything else on either stream, fails.
    for part in "$folder/classes" "$folder/classes:$folder/android"; do
        java -Xcheck:jni -Xmx256m -cp "$part" -Djavax.net.ssl.trustStore="$folder/stores/trust.p12" \
            -Djavax.net.ssl.trustStorePassword=changeit Checks "$folder/libhttpconnector.so" \
            "$folder/libjvm_driver.so" "$folder/stores" "$folder/android" >"$folder/output" 2>&1 || {
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
