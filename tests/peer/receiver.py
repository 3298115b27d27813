"""A receiver written with wechatpy, as its documentation shows: opens callbacks, and seals replies.

Reads a request from each line of stdin and writes an answer to a line of stdout, both in JSON. An
answer is {"ok": …} or {"error": "Name: text"}. The first argument is wechatpy's module for WeCom:
`wechatpy.enterprise` of version 1, `wechatpy.work` of version 2.
"""

import importlib
import json
import sys

module = importlib.import_module(sys.argv[1])
crypto = importlib.import_module(sys.argv[1] + ".crypto")


def receive(request):
    """The class of a callback, and each field that its class has: a value, or the error of reading it."""
    message = module.parse_message(open_text(request))
    fields = {name: read(message, name) for name in request.get("fields", [])}
    return {"class": type(message).__name__, "fields": fields}


def open_text(request):
    return account(request).decrypt_message(
        request["body"], request["msg_signature"], request["timestamp"], request["nonce"]
    )


def read(message, name):
    try:
        value = getattr(message, name)
        return value if isinstance(value, (str, int, dict, list, type(None))) else str(value)
    except Exception as error:
        return {"error": type(error).__name__}


def check_url(request):
    """The answer to a URL check."""
    return account(request).check_signature(
        request["msg_signature"], request["timestamp"], request["nonce"], request["echostr"]
    )


def reply(request):
    """A reply with this text to a callback."""
    message = module.parse_message(open_text(request))
    answer = module.create_reply(request["text"], message=message)
    return account(request).encrypt_message(answer.render(), request["nonce"])


def account(request):
    return crypto.WeChatCrypto(request["token"], request["key"], request["receive_id"])


VERBS = {verb.__name__: verb for verb in (receive, check_url, reply)}

for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = {"ok": VERBS[request["verb"]](request)}
    except Exception as error:  # The test decides what an error means.
        answer = {"error": "{}: {}".format(type(error).__name__, error)}
    print(json.dumps(answer), flush=True)
