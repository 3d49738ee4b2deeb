# shellcheck shell=bash
# Certificates of this run. Sourced by tests/run.d/servers.sh.

# An authority, one under it, a second one nobody is told about, and the certificates the tests name. A few seconds of
# openssl. NAME.pem is what a server sends, NAME.key its key.
make_pki() (
    cd "$1"
    key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }
    rsa() { openssl genrsa -out "$1.key" "$2" 2>/dev/null; }
    authority() {
        key "$1"
        openssl req -x509 -new -key "$1.key" -days 30 -subj "/CN=$2" -out "$1.pem" \
            -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
    }
    # The configuration and database NAME's issuer uses for it alone.
    books() {
        mkdir -p "$1.db" && : >"$1.db/index" && openssl rand -hex 8 >"$1.db/serial"
        printf '%s\n' '[ca]' 'default_ca=d' '[d]' "database=$1.db/index" "serial=$1.db/serial" \
            "new_certs_dir=$1.db" 'default_md=sha256' 'policy=p' 'crl_extensions=l' 'default_crl_days=30' \
            '[p]' 'commonName=optional' '[l]' 'authorityKeyIdentifier=keyid' >"$1.cnf"
    }
    # signed NAME AUTHORITY EXTENSIONS [arguments of openssl ca...]
    signed() {
        local name=$1 by=$2 extensions=$3
        shift 3
        [[ -e $name.key ]] || key "$name"
        openssl req -new -key "$name.key" -subj "/CN=$name" -out "$name.csr"
        printf '%b' "$extensions" >"$name.ext"
        books "$name"
        openssl ca -batch -notext -config "$name.cnf" -cert "$by.pem" -keyfile "$by.key" -in "$name.csr" \
            -out "$name.pem" -extfile "$name.ext" "$@" 2>>errors ||
            { cat errors && return 1; }
    }
    # leaf NAME AUTHORITY NAMES [arguments of openssl ca...]: a server's
    leaf() {
        local name=$1 by=$2 names=$3
        shift 3
        signed "$name" "$by" "subjectAltName=$names\nextendedKeyUsage=$server\nbasicConstraints=CA:FALSE\n" "$@"
    }
    # revoked_by AUTHORITY FILE: the list with the certificate `revoked`, signed by that authority
    revoked_by() {
        openssl ca -config revoked.cnf -cert "$1.pem" -keyfile "$1.key" -gencrl -out "$2" 2>>errors
    }
    local local_names=DNS:localhost,IP:127.0.0.1 server=serverAuth is_ca='basicConstraints=critical,CA:TRUE\n'
    local long_ago=(-startdate 20200101000000Z -enddate 20210101000000Z)
    authority root 'Lab root'
    authority stranger 'Lab stranger'
    signed inner root "${is_ca}keyUsage=critical,keyCertSign,cRLSign\n" -days 30
    signed inner-expired root "$is_ca" "${long_ago[@]}"

    leaf good root $local_names -days 30
    rsa good-rsa 2048
    leaf good-rsa root $local_names -days 30
    leaf good-chain inner $local_names -days 30
    leaf incomplete inner $local_names -days 30
    cat inner.pem >>good-chain.pem
    leaf wildcard root 'DNS:*.wild.test' -days 30
    leaf wrong-host root DNS:other.test -days 30
    leaf untrusted stranger $local_names -days 30
    leaf expired root $local_names "${long_ago[@]}"
    leaf expired-chain inner-expired $local_names -days 30
    cat inner-expired.pem >>expired-chain.pem
    leaf not-yet root $local_names -startdate 20900101000000Z -enddate 20910101000000Z
    server=clientAuth leaf wrong-usage root $local_names -days 30
    leaf sha1 root $local_names -days 30 -md sha1
    rsa rsa1024 1024
    leaf rsa1024 root $local_names -days 30
    signed cn-only root 'basicConstraints=CA:FALSE\n' -days 30
    signed critical root "subjectAltName=$local_names\n1.2.3.4.5=critical,ASN1:NULL\n" -days 30
    leaf by-leaf good $local_names -days 30
    cat good.pem >>by-leaf.pem

    leaf revoked root $local_names -days 30
    openssl ca -config revoked.cnf -cert root.pem -keyfile root.key -revoke revoked.pem 2>>errors
    revoked_by root root.crl
    revoked_by stranger stranger.crl

    key self-signed
    openssl req -x509 -new -key self-signed.key -days 30 -subj /CN=localhost -out self-signed.pem \
        -addext "subjectAltName=$local_names"
    openssl genpkey -genparam -algorithm DH -pkeyopt group:ffdhe2048 -out dh.pem
)
