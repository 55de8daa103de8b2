#!/usr/bin/env bash
# Entry point of the image demo: registers a machine client, as an operator would, and runs the demo as this client.
set -euo pipefail
while read -r name value; do
  case $name in
    id) id=$value ;;
    secret) secret=$value ;;
  esac
done < <(dotnet /app/Idoven.Host.dll client register demo ecgs:read ecgs:write)
exec dotnet /cli/Idoven.Cli.dll demo --url "http://localhost:$IDOVEN_PORT" --amqp "amqp://demo:$(cat /parts/subscriber)@rabbitmq:5672/" \
  --client "$id" --secret "$secret" "$@"
