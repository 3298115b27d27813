#!/usr/bin/env bash
# nats-server with an operator ends at its start if it has JetStream and no system account.
#
# Expected: JetStream works with an operator as it does without one, or the check of the
#   configuration rejects the file.
# Happens: the check passes. The server starts, warns that an operator "should" have a system
#   account, and ends with "system account not setup". Without `jetstream` it serves with the same
#   warning. Without `operator` it makes the system account by itself.
# Version: nats-server 2.9.10 of Debian 12.
# Hurts: operators that turn on JetStream in a server that has worked for long, and check the file
#   with `-t` before they restart it.
# Source: https://docs.nats.io/running-a-nats-service/configuration/sys_accounts
set -euo pipefail
dir=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; wait 2>/dev/null; rm -rf "$dir"' EXIT
cd "$dir"
PATH=$PATH:/usr/sbin
command -v nats-server >/dev/null ||
  { apt-get update && apt-get install -y --no-install-recommends nats-server; } >/dev/null
nats-server --version
python3 -c 'import ensurepip' 2>/dev/null ||
  { apt-get update && apt-get install -y --no-install-recommends python3-venv; } >/dev/null
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check nkeys==0.2.1 pynacl==1.6.2

# An operator and an account, as lines of the configuration.
cat > keys.py <<'PY'
import base64, json, os, nkeys

def pair(prefix):
    return nkeys.from_seed(nkeys.encode_seed(os.urandom(32), prefix))

def name(pair):
    return pair.public_key.decode()

def part(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")

def jwt(about, by, kind):
    claims = {"jti": name(about), "iat": 1700000000, "iss": name(by), "sub": name(about)}
    claims["nats"] = {"type": kind, "version": 2}
    parts = [{"typ": "JWT", "alg": "ed25519-nkey"}, claims]
    signed = b".".join(part(json.dumps(it).encode()) for it in parts)
    return (signed + b"." + part(by.sign(signed))).decode()

operator, system = pair(nkeys.PREFIX_BYTE_OPERATOR), pair(nkeys.PREFIX_BYTE_ACCOUNT)
print(f"operator: {jwt(operator, operator, 'operator')}")
print("resolver: MEMORY")
print(f"resolver_preload {{ {name(system)}: {jwt(system, operator, 'account')} }}")
with open("system", "w") as file:
    print(f"system_account: {name(system)}", file=file)
PY
venv/bin/python keys.py > operator
echo "jetstream { store_dir: \"$dir/store\" }" > jetstream
echo 'listen: "127.0.0.1:-1"' > listen

try() { # try FILE…: `result` is what a server does with these parts of a configuration
  cat listen "$@" > nats.conf
  result="the check fails"
  nats-server -t -c nats.conf >check 2>&1 || return 0
  : >log
  nats-server -c nats.conf >log 2>&1 &
  server=$!
  for _ in {1..50}; do
    grep -q "Server is ready" log && break
    kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  kill "$server" 2>/dev/null || true
  local status=0
  wait "$server" || status=$?
  server=
  result="the check passes; ready"
  grep -q "Server is ready" log ||
    result="the check passes; exit status $status: $(sed -n 's/.*\[FTL\] *//p' log)"
}
for parts in "jetstream" "operator" "operator jetstream system" "operator jetstream"; do
  # shellcheck disable=SC2086
  try $parts
  echo "$parts: $result"
  case $parts in
    "operator jetstream") expected="the check passes; exit status 1: *system account not setup*" ;;
    *) expected="the check passes; ready" ;;
  esac
  # shellcheck disable=SC2053
  [[ $result == $expected ]] || { echo "the behaviour has changed"; exit 1; }
done
grep -o "\[WRN\].*" log
