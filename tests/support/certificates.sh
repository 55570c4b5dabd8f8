#!/bin/sh
# Makes certificates for tests, good for two days: certificates.sh FOLDER
set -e
cd "$1"
key="-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"

authority() { # name
  openssl req -x509 $key -keyout "$1.key" -out "$1.pem" -subj "/CN=Test authority $1"
}
certificate() { # name, common name, extensions
  openssl req $key -keyout "$1.key" -out "$1.csr" -subj "/CN=$2"
  printf '%s\n' "$3" > "$1.ext"
  openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
    -extfile "$1.ext" -out "$1.pem"
}

authority ca
authority stranger
certificate server localhost "subjectAltName=DNS:localhost,IP:127.0.0.1"
certificate elsewhere elsewhere.example "subjectAltName=DNS:elsewhere.example"
certificate client "a client" "extendedKeyUsage=clientAuth"
certificate revoked "an old client" "extendedKeyUsage=clientAuth"

# A client whose subject has no common name.
openssl req $key -keyout nameless.key -out nameless.csr -subj "/O=Nobody"
openssl x509 -req -in nameless.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out nameless.pem

# Another authority has a client too.
openssl req $key -keyout foreigner.key -out foreigner.csr -subj "/CN=a foreigner"
openssl x509 -req -in foreigner.csr -CA stranger.pem -CAkey stranger.key -CAcreateserial -days 2 \
  -out foreigner.pem

# The list of the one that is revoked, and the one before.
: >index.txt
echo 01 >crlnumber
cat >ca.conf <<END
[ca]
default_ca = this
[this]
database = index.txt
crlnumber = crlnumber
default_md = sha256
default_crl_days = 2
END
openssl ca -config ca.conf -cert ca.pem -keyfile ca.key -gencrl -out unrevoked.crl
openssl ca -config ca.conf -cert ca.pem -keyfile ca.key -revoke revoked.pem
openssl ca -config ca.conf -cert ca.pem -keyfile ca.key -gencrl -out revoked.crl
