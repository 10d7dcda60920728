#!/usr/bin/env bash
# Ask the gate once: is this model to be trained anew?
#
#   MONITOR_URL=https://monitor.example.org MONITOR_API_KEY=… ./ci_gate.sh flight-delay
#
# Ends with 0 when it is due (and prints the recommendation's id), with 1 when it is not (and says why), with 2 when
# the answer is neither: a wrong key, a model that is not there, a monitor that does not answer.
set -u
model=${1:?usage: ci_gate.sh MODEL}
url=${MONITOR_URL:-http://127.0.0.1:8050}

body=$(mktemp)
trap 'rm -f "$body"' EXIT
# The key goes through a file of its own: arguments can be read by every user of this machine.
code=$(curl -sS --max-time 30 -o "$body" -w '%{http_code}' \
  --config <(printf 'header = "Authorization: Bearer %s"\n' "${MONITOR_API_KEY:-}") \
  "$url/api/v1/models/$model/retraining-gate") || exit 2

field() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" "$body"; }

case $code in
  200) field recommendation ;;
  404) [ -n "$(field reason)" ] || { echo "no gate at $url" >&2; exit 2; }
       echo "not due: $(field reason): $(field detail)"; exit 1 ;;
  *)   echo "the monitor answered $code: $(field detail)" >&2; exit 2 ;;
esac
