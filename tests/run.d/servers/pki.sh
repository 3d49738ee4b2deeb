# shellcheck shell=bash
# Certificates of this run. Sourced by tests/run.d/servers.sh.

# An authority, a second one nobody is told about, and the certificates the tests name. A few seconds of openssl.
make_pki() (
    cd "$1"
    key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }
    authority() {
        key "$1"
        openssl req -x509 -new -key "$1.key" -days 30 -subj "/CN=$2" -out "$1.pem" \
            -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
    }
    # leaf NAME AUTHORITY NAMES [validity...]
    leaf() {
        local name=$1 by=$2 names=$3
        shift 3
        [[ -e $name.key ]] || key "$name"
        openssl req -new -key "$name.key" -subj "/CN=$name" -out "$name.csr"
        printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n' "$names" >"$name.ext"
        mkdir -p "$name.db" && : >"$name.db/index" && openssl rand -hex 8 >"$name.db/serial"
        printf '%s\n' '[ca]' 'default_ca=d' '[d]' "database=$name.db/index" "serial=$name.db/serial" \
            "new_certs_dir=$name.db" 'default_md=sha256' 'policy=p' '[p]' 'commonName=optional' >"$name.cnf"
        openssl ca -batch -notext -config "$name.cnf" -cert "$by.pem" -keyfile "$by.key" -in "$name.csr" \
            -out "$name.pem" -extfile "$name.ext" "$@" 2>>errors ||
            { cat errors && return 1; }
    }
    local_names=DNS:localhost,IP:127.0.0.1
    authority root 'Lab root'
    authority stranger 'Lab stranger'
    leaf good root $local_names -days 30
    openssl genrsa -out good-rsa.key 2048 2>/dev/null
    leaf good-rsa root $local_names -days 30
    leaf wrong-host root DNS:other.test -days 30
    leaf untrusted stranger $local_names -days 30
    leaf expired root $local_names -startdate 20200101000000Z -enddate 20210101000000Z
    key self-signed
    openssl req -x509 -new -key self-signed.key -days 30 -subj /CN=localhost -out self-signed.pem \
        -addext "subjectAltName=$local_names"
)
