#!/usr/bin/env bash
# First start with Compose: generates the secrets in volumes, one file each. Existing secrets are kept.
set -euo pipefail
app=1654 # user id in the .NET images

# make FILE: writes 192 random bits in base64url, which can be used in a URL.
make() { [ -s "$1" ] || head -c 24 /dev/urandom | base64 | tr +/ -_ > "$1"; }

# setting NAME VALUE: writes a setting for the host and for the migration.
setting() { tee "/secrets/migrate/$1" > "/secrets/host/$1" <<< "$2"; }

umask 077
cd /secrets/parts
for name in postgres broker subscriber ecgs users identity; do make "$name"; done
[ -s master-key ] || head -c 32 /dev/urandom | base64 > master-key
IDOVEN_PASSWORD=$(cat broker) SUBSCRIBER_PASSWORD=$(cat subscriber) /broker/definitions.sh > definitions.json

for module in ecgs users identity; do
  setting "ConnectionStrings__$module" "Host=postgres;Username=${module}_app;Password=$(cat $module);Database=postgres"
done
setting Broker__Uri "amqp://idoven:$(cat broker)@rabbitmq:5672/"
setting Auth__MasterKey "$(cat master-key)"
echo "Host=postgres;Username=postgres;Password=$(cat postgres);Database=postgres" > /secrets/migrate/ConnectionStrings__Migrations

# The broker's user may read the definitions, which have only hashes. The subscriber's password is public within the Compose project.
chmod 755 . && chmod 644 definitions.json subscriber
chown -R "$app:$app" /secrets/host /secrets/migrate /activation
chmod 700 /activation
