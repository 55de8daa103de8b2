#!/usr/bin/env bash
# The first start with Compose: makes what is secret, in volumes, one file each; what is there already stays.
set -euo pipefail
app=1654 # the user of .NET's images

# make FILE: 192 random bits in base64, as an address takes them.
make() { [ -s "$1" ] || head -c 24 /dev/urandom | base64 | tr +/ -_ > "$1"; }

# setting NAME VALUE: for the host and for the migration.
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

# Each is read by those it is for: the broker's user sees hashes only, and a subscriber's password is no secret of the service.
chmod 755 . && chmod 644 definitions.json subscriber
chown -R "$app:$app" /secrets/host /secrets/migrate /activation
chmod 700 /activation
