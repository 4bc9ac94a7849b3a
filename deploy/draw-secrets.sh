#!/bin/sh
# Draws the secrets of docker-compose.yml at its first start, into the folder given: later starts find them there.
set -eu
cd "$1"
draw() {
  head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n'
}
[ -s gateway.env ] && exit 0
password=$(draw)
printf %s "$password" > postgres
{
  echo "export DATABASE_URL=postgres://tidegate:$password@postgres:5432/tidegate"
  echo "export JWT_SECRET=$(draw)"
  echo "export CACHE_SECRET=$(draw)"
} > gateway.env.new
# The gateway runs as another user than this script: the volume is for these services only.
chmod 0444 postgres gateway.env.new
mv gateway.env.new gateway.env
