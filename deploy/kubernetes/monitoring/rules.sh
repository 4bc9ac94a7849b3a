#!/bin/sh
# Prints the rules of deploy/prometheus as objects of the Prometheus operator: `rules.sh | kubectl apply -n tidegate -f -`.
set -eu
cd "$(dirname "$0")/../../prometheus"
for name in recording alerts; do
  printf -- '---\napiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata:\n  name: tidegate-%s\nspec:\n' "$name"
  sed 's/^\(.\)/  \1/' "$name.yml"
done
