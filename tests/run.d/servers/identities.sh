# shellcheck shell=bash
# Client certificates in every form people keep them in. Sourced by tests/run.d/servers.sh. The names of the files are
# those tests/servers/identity.rs asks for; the password is always the same, but where the name says otherwise.

identity_password=secret
identity_cyrillic='Пароль №1'

# An authority for clients with one below it, certificates for keys of each kind, and all the forms of them.
make_identities() (
    cd "$1" || exit
    exec 2>>errors
    trap '(($? == 0)) || cat errors' EXIT
    client_authorities
    local kind
    for kind in rsa p256 p384 ed25519 rsa1024 p521 dsa; do
        client_key "$kind"
        client_certificate "$kind" "$kind" -days 30
    done
    client_certificate expired rsa -startdate 20200101000000Z -enddate 20210101000000Z
    client_certificate future rsa -startdate 20900101000000Z -enddate 20910101000000Z
    make_pkcs12
    make_pem
)

client_authorities() {
    local name subject by
    for name in authority between; do
        openssl ecparam -name prime256v1 -genkey -noout -out "$name.key"
        subject="/O=Lab/CN=Lab clients $name"
        if [[ $name == authority ]]; then
            by=(-x509 -key "$name.key")
        else
            by=(-x509 -key "$name.key" -CA authority.pem -CAkey authority.key)
        fi
        openssl req -new "${by[@]}" -days 30 -subj "$subject" -out "$name.pem" \
            -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
    done
}

client_key() {
    case $1 in
    rsa) openssl genrsa -out rsa.key 2048 ;;
    rsa1024) openssl genrsa -out rsa1024.key 1024 ;;
    p256) openssl ecparam -name prime256v1 -genkey -noout -out p256.key ;;
    p384) openssl ecparam -name secp384r1 -genkey -noout -out p384.key ;;
    p521) openssl ecparam -name secp521r1 -genkey -noout -out p521.key ;;
    ed25519) openssl genpkey -algorithm ed25519 -out ed25519.key ;;
    dsa) openssl dsaparam -genkey -noout -out dsa.key 1024 ;;
    esac
}

# client_certificate NAME KEY validity...: issued by the authority in between.
client_certificate() {
    local name=$1 key=$2
    shift 2
    openssl req -new -key "$key.key" -subj "/O=Lab/CN=client-$name" -out "$name.csr"
    printf 'extendedKeyUsage=clientAuth\nbasicConstraints=CA:FALSE\n' >client.ext
    mkdir -p "$name.db" && : >"$name.db/index" && openssl rand -hex 8 >"$name.db/serial"
    printf '%s\n' '[ca]' 'default_ca=d' '[d]' "database=$name.db/index" "serial=$name.db/serial" \
        "new_certs_dir=$name.db" 'default_md=sha256' 'policy=p' '[p]' 'organizationName=optional' \
        'commonName=optional' >"$name.cnf"
    openssl ca -batch -notext -config "$name.cnf" -cert between.pem -keyfile between.key -in "$name.csr" \
        -out "$name.pem" -extfile client.ext "$@"
    cat "$name.pem" between.pem >"$name.chain.pem"
}

make_pkcs12() {
    cat between.pem authority.pem >above.pem
    # pkcs12 NAME KIND options...
    pkcs12() {
        local name=$1 kind=$2
        shift 2
        openssl pkcs12 -export -in "$kind.pem" -inkey "${key:-$kind}.key" -certfile above.pem -out "$name.p12" \
            -name "Клиент" -passout "pass:${password-$identity_password}" "$@"
    }
    pkcs12 legacy rsa -legacy
    pkcs12 rc2-128 rsa -legacy -certpbe PBE-SHA1-RC2-128 -keypbe PBE-SHA1-RC2-128 -macalg sha1
    pkcs12 3des rsa -certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES -macalg sha1
    pkcs12 2des rsa -certpbe PBE-SHA1-2DES -keypbe PBE-SHA1-2DES -macalg sha1
    pkcs12 modern rsa
    pkcs12 aes128 rsa -certpbe AES-128-CBC -keypbe AES-128-CBC -macalg sha512
    pkcs12 aes192 rsa -certpbe AES-192-CBC -keypbe AES-192-CBC -macalg sha384
    pkcs12 mixed rsa -certpbe NONE -keypbe AES-256-CBC -macalg sha224
    pkcs12 nomac rsa -nomac
    pkcs12 nomac-legacy rsa -legacy -nomac
    pkcs12 rc4 rsa -legacy -certpbe PBE-SHA1-RC4-128 -keypbe PBE-SHA1-3DES
    pkcs12 iterations rsa -iter 200000
    pkcs12 ec p256
    pkcs12 ec384 p384
    pkcs12 ed25519 ed25519
    pkcs12 weak rsa1024
    pkcs12 p521 p521
    pkcs12 dsa dsa
    key=rsa pkcs12 expired expired
    password='' pkcs12 empty rsa
    password='' pkcs12 empty-legacy rsa -legacy
    password=$identity_cyrillic pkcs12 cyrillic rsa
    password=$identity_cyrillic pkcs12 cyrillic-legacy rsa -legacy
    pkcs12 unencrypted rsa -certpbe NONE -keypbe NONE -nomac
    openssl pkcs12 -export -nokeys -in rsa.pem -out nokey.p12 -passout "pass:$identity_password"
    openssl pkcs12 -export -nocerts -inkey rsa.key -out nocertificate.p12 -passout "pass:$identity_password"
    head -c 700 modern.p12 >cut.p12
}

make_pem() {
    local kind cipher
    for kind in rsa p256 p384 ed25519; do
        openssl pkcs8 -topk8 -nocrypt -in "$kind.key" -out "$kind.pkcs8.pem"
        openssl pkcs8 -topk8 -nocrypt -in "$kind.key" -outform DER -out "$kind.pkcs8.der"
        openssl x509 -in "$kind.pem" -outform DER -out "$kind.der"
    done
    openssl rsa -traditional -in rsa.key -out rsa.pkcs1.pem
    openssl rsa -traditional -in rsa.key -outform DER -out rsa.pkcs1.der
    openssl ec -in p256.key -out p256.sec1.pem
    { openssl ecparam -name prime256v1 && cat p256.sec1.pem; } >p256.parameters.pem
    openssl ec -in p256.key -no_public -out p256.no-public.pem
    cat rsa.pkcs8.pem rsa.chain.pem >together.pem
    cat authority.pem between.pem p256.pem rsa.pem rsa.pkcs8.pem >jumbled.pem
    openssl pkcs12 -in modern.p12 -noenc -passin "pass:$identity_password" -out talkative.pem
    openssl pkcs12 -in modern.p12 -passin "pass:$identity_password" -passout "pass:$identity_password" -out talkative-encrypted.pem

    encrypted() { openssl pkcs8 -topk8 -in rsa.key -passout "pass:$identity_password" -out "$1.pem" "${@:2}"; }
    encrypted pkcs8-aes256 -v2 aes-256-cbc
    encrypted pkcs8-aes128-sha1 -v2 aes-128-cbc -v2prf hmacWithSHA1
    encrypted pkcs8-aes192-sha512 -v2 aes-192-cbc -v2prf hmacWithSHA512
    encrypted pkcs8-des3 -v2 des3
    encrypted pkcs8-scrypt -scrypt
    encrypted pkcs8-md5-des -v1 PBE-MD5-DES -provider default -provider legacy
    encrypted pkcs8-sha1-rc2 -v1 PBE-SHA1-RC2-64 -provider default -provider legacy
    encrypted pkcs8-sha1-3des -v1 PBE-SHA1-3DES
    encrypted pkcs8-camellia -v2 camellia-256-cbc
    openssl pkcs8 -topk8 -in rsa.key -passout "pass:$identity_password" -outform DER -out pkcs8-aes256.der
    for cipher in aes128 aes192 aes256 des3 camellia256; do
        openssl rsa -traditional -in rsa.key -"$cipher" -passout "pass:$identity_password" -out "dek-$cipher.pem"
    done
    openssl rsa -traditional -in rsa.key -des -passout "pass:$identity_password" -out dek-des.pem \
        -provider default -provider legacy
    openssl ec -in p256.key -aes256 -passout "pass:$identity_password" -out dek-ec.pem
    openssl pkcs8 -topk8 -in ed25519.key -passout "pass:$identity_password" -out pkcs8-ed25519.pem
}

# A server of nginx that wants a certificate of these: port, then a line for the server.
nginx_clients() {
    cat <<CONF
  server { listen 127.0.0.1:$1 ssl; ssl_certificate pki/good.pem; ssl_certificate_key pki/good.key; $2
           ssl_client_certificate identities/authority.pem; ssl_verify_client on; ssl_verify_depth 3;
           default_type application/json;
           location / { return 200 '{"subject":"\$ssl_client_s_dn","verify":"\$ssl_client_verify","protocol":"\$ssl_protocol","connection":"\$connection"}'; } }
CONF
}
