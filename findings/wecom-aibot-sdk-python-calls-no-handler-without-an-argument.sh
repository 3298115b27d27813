#!/usr/bin/env bash
# wecom-aibot-sdk-python never runs a handler of `connected` that has the documented form.
#
# Expected: the README's table of events gives `connected` and `authenticated` the callback `()`,
#   and others `(frame)`. So a handler without an argument runs when the bot is authenticated.
# Happens: the package passes a frame to each handler. Python's TypeError is caught and becomes one
#   line of the log; the bot goes on as if there were no handler. A handler with an argument that
#   nothing describes runs.
# Version: wecom-aibot-sdk-python 0.1.7.
# Hurts: bots that begin their work when they are authenticated: they never begin, and do not fail.
# Source: https://pypi.org/project/wecom-aibot-sdk-python/0.1.7/
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -c 'import ensurepip' 2>/dev/null ||
  { apt-get update && apt-get install -y --no-install-recommends python3-venv; } >/dev/null
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check wecom-aibot-sdk-python==0.1.7 websockets==17.4
venv/bin/pip list --disable-pip-version-check 2>/dev/null | grep wecom-aibot

cat > try.py <<'PY'
import asyncio
import json

import websockets
from wecom_aibot_sdk import WSClient

ran = []


async def wecom(connection):
    """Authenticates every bot."""
    async for text in connection:
        frame = json.loads(text)
        await connection.send(json.dumps({"headers": frame["headers"], "errcode": 0, "errmsg": "ok"}))


async def documented():
    ran.append("without an argument")


async def undocumented(_):
    ran.append("with an argument")


async def main():
    async with websockets.serve(wecom, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        client = WSClient({"bot_id": "bot", "secret": "secret", "ws_url": f"ws://127.0.0.1:{port}"})
        client.on("authenticated", documented)
        client.on("authenticated", undocumented)
        await client.connect_async()
        for _ in range(50):
            await asyncio.sleep(0.1)
            if client.is_authenticated and ran:
                break
        print(f"authenticated: {client.is_authenticated}; handlers that ran: {ran}")
        await client.disconnect()
    assert ran == ["with an argument"], "the behaviour has changed"


asyncio.run(main())
PY
venv/bin/python try.py
