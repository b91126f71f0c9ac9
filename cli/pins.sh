#!/bin/sh
# Prints the pins of certificates and public keys, a line "sha256/BASE64" each (RFC 7469): what
# `pinshim pin` prints, made with the openssl command alone (1.1.1 or later).
#
#   sh pins.sh FILE...                     PEM or DER, bundles, PKCS#7; "-" is standard input
#   sh pins.sh --server HOST[:PORT]...     what a server sends now, its own certificate first
#
# A pin is the SHA-256 of the key as the certificate has it (SubjectPublicKeyInfo), cut out of it
# here octet for octet. Every step is checked: a pipeline whose first command fails would print the
# hash of nothing. Exit status: 0 good, 2 wrong usage or something that cannot be used; of such a
# file nothing is printed.
set -u
umask 077
LC_ALL=C
export LC_ALL

# What an editor puts in front of a file, and what OpenSSL passes over.
mark=$(printf '\357\273\277')
nothing=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
dir=

complain() {
    echo "pins.sh: $*" >&2
}

die() {
    complain "$*"
    exit 2
}

usage() {
    echo 'Usage: sh pins.sh FILE... | --server HOST[:PORT]...'
}

# shellcheck disable=SC2317 # by trap
clean_up() {
    if [ -n "$dir" ]; then rm -rf "$dir"; fi
}

# pin_of FILE: the pin of the DER SubjectPublicKeyInfo in the file.
pin_of() {
    openssl dgst -sha256 -binary "$1" >"$dir/digest" 2>/dev/null || return 1
    pin=$(openssl base64 -A -in "$dir/digest") || return 1
    if [ "${#pin}" -ne 44 ] || [ "$pin" = "$nothing" ]; then return 1; fi
    echo "sha256/$pin" >>"$dir/pins"
}

# parse FILE OFFSET OPTION...: OpenSSL 3 takes no offset of 0.
parse() {
    der=$1
    at=$2
    shift 2
    if [ "$at" -gt 0 ]; then set -- "$@" -offset "$at"; fi
    openssl asn1parse -inform DER -in "$der" "$@" 2>/dev/null
}

# structure FILE: the ASN.1 objects of a DER file: depth, offset, length with the header, type.
structure() {
    parse "$1" 0 >"$dir/asn1" || return 1
    sed -n 's/^ *\([0-9]*\):d=\([0-9]*\)  *hl=\([0-9]*\) l= *\([0-9]*\) [a-z]*: *\([A-Za-z]* *[A-Za-z[]*\).*/\2 \1 \3 \4 \5/p' \
        "$dir/asn1" | awk '{ print $1, $2, $3 + $4, $5, $6 }'
}

# cut_out FILE OFFSET LENGTH OUT
cut_out() {
    : >"$4"
    parse "$1" "$2" -length "$3" -noout -out "$4" >/dev/null
}

# The readers below take one DER file and add pins. Each is false when it is something else.

# The seventh part of a TBSCertificate (RFC 5280 section 4.1), the sixth without a version.
take_certificate() {
    place=$(structure "$1" | awk '
        $1 == 0 && seen++ { exit }
        $1 == 2 && $4 != "cont" { if (++part == 6) print $2, $3 }
        $1 == 1 && ++parts == 2 { exit }')
    [ -n "$place" ] || return 1
    cut_out "$1" "${place% *}" "${place#* }" "$dir/key" && pin_of "$dir/key"
}

take_public_key() {
    shape=$(structure "$1" | awk '$1 < 2 { printf "%s%s ", $4, $5 }')
    [ "$shape" = 'SEQUENCE SEQUENCE BITSTRING ' ] && pin_of "$1"
}

# PKCS#1 names no algorithm.
take_rsa_key() {
    shape=$(structure "$1" | awk '{ printf "%s ", $4 }')
    [ "$shape" = 'SEQUENCE INTEGER INTEGER ' ] &&
        openssl rsa -RSAPublicKey_in -inform DER -in "$1" -pubout -outform DER -out "$dir/key" \
            >/dev/null 2>&1 && pin_of "$dir/key"
}

take_pkcs7() {
    openssl pkcs7 -inform DER -in "$1" -print_certs >"$dir/bundle" 2>/dev/null || return 1
    split_pem "$dir/bundle" "$dir/inner" || return 1
    for inner in "$dir"/inner.*; do
        [ -e "$inner" ] || continue
        to_der "$inner" "$dir/inner.der" && take_certificate "$dir/inner.der" || return 1
    done
    rm -f "$dir"/inner.*
}

is_certificate() {
    openssl x509 -inform "$1" -in "$2" -noout >/dev/null 2>&1
}

is_private_key() {
    openssl pkey -inform DER -in "$1" -passin pass: -noout </dev/null >/dev/null 2>&1
}

# to_der PEM DER: of any label.
to_der() {
    openssl asn1parse -inform PEM -in "$1" -noout -out "$2" >/dev/null 2>&1 && [ -s "$2" ]
}

# split_pem FILE PREFIX: each block, without the margins of its lines, into a file PREFIX.NUMBER.
# False when one does not end.
split_pem() {
    awk -v prefix="$2" -v margin="^([ \t\r\f\v]|$mark)+" '
        { sub(/[ \t\r]*$/, ""); sub(margin, "") }
        /^-----BEGIN .*-----$/ && !label {
            label = substr($0, 12, length($0) - 16)
            file = sprintf("%s.%06d", prefix, ++count)
        }
        label { print > file }
        label && $0 == "-----END " label "-----" { close(file); label = "" }
        END { exit label != "" }' "$1"
}

take_block() {
    label=$(sed -n '1s/^-----BEGIN \(.*\)-----$/\1/p' "$1")
    case $label in
    *'PRIVATE KEY')
        why='it holds a private key; name the certificate'
        return 1
        ;;
    CERTIFICATE | 'X509 CERTIFICATE' | 'TRUSTED CERTIFICATE')
        is_certificate PEM "$1" && to_der "$1" "$dir/der" && take_certificate "$dir/der"
        ;;
    'PUBLIC KEY') to_der "$1" "$dir/der" && take_public_key "$dir/der" ;;
    'RSA PUBLIC KEY') to_der "$1" "$dir/der" && take_rsa_key "$dir/der" ;;
    PKCS7 | 'PKCS #7 SIGNED DATA' | CMS) to_der "$1" "$dir/der" && take_pkcs7 "$dir/der" ;;
    esac
}

take_pem() {
    why='a PEM block in it is damaged'
    split_pem "$1" "$dir/block" || return 1
    for block in "$dir"/block.*; do
        [ -e "$block" ] || return 1
        take_block "$block" || return 1
    done
    rm -f "$dir"/block.*
}

take_der() {
    offset=0
    why='it has no certificate and no public key, in PEM, DER or PKCS#7'
    size=$(wc -c <"$1") || return 1
    while [ "$offset" -lt "$size" ]; do
        length=$(parse "$1" "$offset" |
            sed -n '1s/^.*:d=0  *hl=\([0-9]*\) l= *\([0-9]*\) .*/\1 \2/p' | awk '{ print $1 + $2 }')
        [ -n "$length" ] && cut_out "$1" "$offset" "$length" "$dir/der" || return 1
        if is_certificate DER "$dir/der"; then
            take_certificate "$dir/der" || return 1
        elif is_private_key "$dir/der"; then
            why='it is a private key; name the certificate'
            return 1
        else
            take_public_key "$dir/der" || take_rsa_key "$dir/der" || take_pkcs7 "$dir/der" || return 1
        fi
        offset=$((offset + length))
    done
}

take_input() {
    why='it is empty'
    [ -s "$dir/input" ] || return 1
    if grep -Eq "^([[:space:]]|$mark)*-----BEGIN " "$dir/input"; then
        take_pem "$dir/input" || return 1
    else
        take_der "$dir/input" || return 1
    fi
    why='it has no certificate and no public key, in PEM, DER or PKCS#7'
    [ -s "$dir/pins" ]
}

# What an argument names, into the file "input".
read_input() {
    why='it cannot be read'
    cat -- "$1" >"$dir/input" 2>/dev/null
}

ask_server() {
    host=$1
    case $host in
    *]:* | *:*:* | \[*) ;;
    *:*) host=${host%:*} ;;
    esac
    connect=$1
    case $1 in
    *]:*) ;;
    \[*]) connect=$1:443 ;;
    *:*:*) connect="[$1]:443" ;;
    *:*) ;;
    *) connect=$1:443 ;;
    esac
    why='it cannot be reached, or sends no certificate'
    case $host in
    '' | -*) return 1 ;;
    *:*) set -- -noservername ;;
    *[!0-9.]*) set -- -servername "$host" ;;
    *) set -- -noservername ;; # an address has none
    esac
    openssl s_client -connect "$connect" "$@" -showcerts </dev/null >"$dir/input" 2>/dev/null
    grep -q '^-----BEGIN CERTIFICATE-----' "$dir/input"
}

take_source() {
    if [ "$from" = server ]; then
        ask_server "$1" || return 1
    else
        read_input "$1" || return 1
    fi
    take_input
}

from='file'
case ${1:-} in
'')
    usage >&2
    exit 2
    ;;
-h | --help)
    usage
    exit 0
    ;;
--server)
    from='server'
    shift
    [ $# -gt 0 ] || die '--server needs HOST[:PORT]'
    ;;
esac
command -v openssl >/dev/null || die 'there is no openssl command'
trap clean_up EXIT
trap 'exit 2' HUP INT TERM
dir=$(mktemp -d) || die 'cannot make a temporary directory'
status=0
for source in "$@"; do
    rm -rf "${dir:?}"/*
    : >"$dir/pins"
    if take_source "$source"; then
        cat "$dir/pins" || status=2
    else
        complain "$source: $why"
        status=2
    fi
done
exit "$status"
