#!/bin/sh
# Starts and stops a Redis Cluster of three primaries and three replicas on the loopback address of this machine.
#
#   cluster.sh start [FOLDER [PORT PORT PORT PORT PORT PORT]]   starts it, waits until it serves, and prints REDIS_URL
#   cluster.sh stop  [FOLDER]                                   stops it, and removes FOLDER
#
# The ports are 7000 to 7005 by default. A node also needs the port that is higher by 10000, for the other nodes.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
action=${1:-}
folder=${2:-${TMPDIR:-/tmp}/tidegate-redis-cluster}
MAX_SECONDS=20

fail() {
  echo "cluster.sh: $1" >&2
  exit 1
}

# Repeats a command until it succeeds.
await() {
  left=$((MAX_SECONDS * 10))
  until "$@" >/dev/null 2>&1; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || return 1
    sleep 0.1
  done
}

# An ended process that nobody has waited for yet is a zombie, which still has its id.
has_ended() { ! kill -0 "$1" || grep -q '^State:.Z' "/proc/$1/status"; }
answers() { [ "$(redis-cli -p "$1" ping)" = PONG ]; }
# Each node says so for itself. The last ones learn it later than the others.
is_formed() { redis-cli -p "$1" cluster info | grep -q '^cluster_state:ok' && redis-cli -p "$1" cluster info | grep -q '^cluster_known_nodes:6'; }
is_linked() { redis-cli -p "$1" info replication | grep -q -e '^role:master' -e '^master_link_status:up'; }

stop() {
  pids=''
  for file in "$folder"/*/redis.pid; do
    # A node that was killed has left its file behind.
    # A node that ends removes it.
    pid=$(cat "$file" 2>/dev/null) || continue
    kill "$pid" 2>/dev/null && pids="$pids $pid"
  done
  for pid in $pids; do
    await has_ended "$pid" || fail "the node with the process id $pid did not stop within $MAX_SECONDS s"
  done
  rm -rf "$folder"
}

start() {
  [ $# -eq 0 ] && set -- 7000 7001 7002 7003 7004 7005
  [ $# -eq 6 ] || fail "expected 6 ports, got $#"
  [ ! -e "$folder" ] || fail "$folder exists: a cluster runs there already, or run \"cluster.sh stop $folder\" first"
  command -v redis-server >/dev/null || fail 'expected redis-server, found none: apt-get install redis-server'
  # What was started is stopped again if the rest fails, or if this script is interrupted.
  trap 'code=$?; [ $code -eq 0 ] || stop; exit $code' EXIT
  trap 'exit 130' INT TERM
  nodes=''
  for port in "$@"; do
    mkdir -p "$folder/$port"
    redis-server "$here/redis.conf" --port "$port" --dir "$folder/$port" --pidfile "$folder/$port/redis.pid" \
      --logfile "$folder/$port/redis.log" >/dev/null || fail "the node at port $port did not start"
    await answers "$port" || fail "the node at port $port does not answer: $(tail -n 1 "$folder/$port/redis.log")"
    nodes="$nodes 127.0.0.1:$port"
  done
  # shellcheck disable=SC2086
  redis-cli --cluster create $nodes --cluster-replicas 1 --cluster-yes >"$folder/create.log" ||
    fail "the cluster was not formed: $(tail -n 1 "$folder/create.log")"
  for port in "$@"; do
    await is_formed "$port" || fail "the node at port $port did not join the cluster within $MAX_SECONDS s"
    await is_linked "$port" || fail "the replica at port $port did not copy its primary within $MAX_SECONDS s"
  done
  echo "REDIS_URL=redis+cluster://$(echo $nodes | tr ' ' ',')"
}

case $action in
  start)
    shift $(($# > 1 ? 2 : 1))
    start "$@"
    ;;
  stop) stop ;;
  *) fail 'expected "start" or "stop"' ;;
esac
