#!/usr/bin/env bash
# Prints definitions.json for a broker, with the passwords of its two users salted and hashed as RabbitMQ stores them. The output contains
# no secret.
#
#   IDOVEN_PASSWORD=... SUBSCRIBER_PASSWORD=... broker/definitions.sh [VIRTUAL-HOST...]
#
# Each named virtual host is declared in addition to "/", with the same permissions, exchange and policy.
set -euo pipefail

# hashed PASSWORD: prints base64(salt + SHA-256(salt + password)), where the salt is four hexadecimal digits of two random bytes.
hashed() {
  local salt digest
  salt=$(head -c 2 /dev/urandom | od -An -tx1 | tr -d ' \n')
  digest=$(printf %s "$salt$1" | sha256sum | cut -c1-64)
  { printf %s "$salt" && basenc --base16 -d <<< "${digest^^}"; } | base64 -w 0
}

# for_each_host HOST...: copies each line that names the virtual host "/" for each additional host. Every object of definitions.json is on
# one line.
for_each_host() {
  local line host copy
  while IFS= read -r line; do
    if [[ $line == *'"vhost": "/"'* || $line == *'{ "name": "/" }'* ]]; then
      for host in "$@"; do
        copy=${line/': "/"'/": \"$host\""}
        printf '%s,\n' "${copy%,}"
      done
    fi
    printf '%s\n' "$line"
  done
}

sed -e "s|\"IDOVEN_PASSWORD\"|\"$(hashed "$IDOVEN_PASSWORD")\"|" -e "s|\"SUBSCRIBER_PASSWORD\"|\"$(hashed "$SUBSCRIBER_PASSWORD")\"|" \
  "$(dirname "${BASH_SOURCE[0]}")/definitions.json" | for_each_host "$@"
