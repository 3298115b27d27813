#!/usr/bin/env bash
# libfaketime leaves a semaphore and a shared memory behind for each process that is killed.
#
# Expected: preloading a library leaves nothing behind that outlives the process.
# Happens: each process that begins with it makes /dev/shm/sem.faketime_sem_PID and
#   /dev/shm/faketime_shm_PID, and removes them in its destructor, which SIGKILL skips. The names
#   have only the process's number, so they are there again for the next process with that number.
# Version: libfaketime 0.9.10 of Debian 12.
# Hurts: tests that kill programs under a false clock: /dev/shm fills up, and a later process takes
#   over what a killed one has left.
# Source: https://github.com/wolfcw/libfaketime
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
libraries=(/usr/lib/*/faketime/libfaketimeMT.so.1)
[ -e "${libraries[0]}" ] ||
  { apt-get update && apt-get install -y --no-install-recommends libfaketime; } >/dev/null
libraries=(/usr/lib/*/faketime/libfaketimeMT.so.1)
dpkg-query -W -f '${Package} ${Version}\n' libfaketime

left() { find /dev/shm -name "*faketime_s*_$1" | wc -l; }

LD_PRELOAD=${libraries[0]} FAKETIME=+1h sleep 0.5 &
ended=$!
wait "$ended"
LD_PRELOAD=${libraries[0]} FAKETIME=+1h sleep 30 &
killed=$!
for _ in {1..50}; do
  [ "$(left "$killed")" = 2 ] && break
  sleep 0.1
done
kill -9 "$killed"
wait "$killed" 2>/dev/null || true
found="$(left "$ended") $(left "$killed")"
find /dev/shm -name "*faketime_s*_$killed" -delete
echo "files in /dev/shm: ${found% *} of a process that has ended, ${found#* } of one that was killed"
[ "$found" = "0 2" ] || { echo "the behaviour has changed"; exit 1; }
