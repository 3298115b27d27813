"""A bot with the package for Python. The content of a text message is what it has to do. It prints a
line of JSON for each thing that happens."""

import asyncio
import json
import logging
import os
import sys
import tempfile

from wecom_aibot_sdk import WSClient, generate_req_id
from wecom_aibot_sdk.types.message import CardAction, CardTitle, TemplateCard

logging.disable(logging.CRITICAL)
CARD = TemplateCard(
    card_type="text_notice",
    main_title=CardTitle(title="t"),
    card_action=CardAction(type="1", url="https://a.example"),
    task_id="k1",
)


def log(**line):
    print(json.dumps(line), flush=True)


async def main():
    client = WSClient({
        "bot_id": "aibPeer",
        "secret": "peer-secret",
        "ws_url": sys.argv[1],
        "heartbeat_interval": 200,
        "reconnect_interval": 20,
    })

    async def stream(frame):
        stream_id = generate_req_id("stream")
        await client.reply_stream(frame, stream_id, "so far", finish=False)
        return await client.reply_stream(frame, stream_id, "so far, so good", finish=True)

    async def card(frame):
        return await client.reply_template_card(frame, CARD)

    async def push(_):
        markdown = {"msgtype": "markdown", "markdown": {"content": "**hi**"}}
        return await client.send_message("lisi", markdown)

    async def upload(_):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "a.txt")
            with open(path, "wb") as file:
                file.write(b"\7" * 600_000)
            return await client.upload_media(path)

    actions = {"stream": stream, "card": card, "push": push, "upload": upload}

    async def run(name, action):
        try:
            result = await action
            code = getattr(result, "errcode", 0) or 0
            log(did=name, errcode=code, media_id=getattr(result, "media_id", None))
        except Exception as error:
            log(did=name, errcode=-1, error=f"{type(error).__name__}: {error}")

    # The package's README has no argument here, but its code passes one.
    async def on_authenticated(_):
        log(authenticated=True)

    async def on_text(frame):
        name = frame.body["text"]["content"]
        await run(name, actions[name](frame))

    async def on_enter(frame):
        body = {"msgtype": "text", "text": {"content": "hi"}}
        await run("welcome", client.reply_welcome(frame, body))

    async def on_card(frame):
        await run("update", client.update_template_card(frame, CARD))

    client.on("authenticated", on_authenticated)
    client.on("message.text", on_text)
    client.on("event.enter_chat", on_enter)
    client.on("event.template_card_event", on_card)
    await client.connect_async()
    while True:
        await asyncio.sleep(1)


asyncio.run(main())
