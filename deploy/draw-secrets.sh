#!/bin/sh
# Draws the secrets of docker-compose.yml that do not exist yet, into the folder given. So a later start keeps them all, and a release that
# needs one more secret draws that one.
set -eu
cd "$1"
draw() {
  head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n'
}
# Files appear whole, so a start that was interrupted leaves none that is half written. The services run as other users than this script:
# the volume is for these services only.
keep() {
  chmod 0444 "$1.new"
  mv "$1.new" "$1"
}
for name in postgres grafana; do
  [ -s "$name" ] && continue
  draw > "$name.new"
  keep "$name"
done
if [ ! -s gateway.env ]; then
  {
    echo "export DATABASE_URL=postgres://tidegate:$(cat postgres)@postgres:5432/tidegate"
    echo "export JWT_SECRET=$(draw)"
    echo "export CACHE_SECRET=$(draw)"
  } > gateway.env.new
  keep gateway.env
fi
# The key of the hashes of callers came later than the other secrets, and a file that has one keeps it: other hashes match nobody.
if ! grep -q CALLER_HASH_KEY gateway.env; then
  { cat gateway.env; echo "export CALLER_HASH_KEY=$(draw)"; } > gateway.env.new
  keep gateway.env
fi
