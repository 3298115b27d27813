"""WeCom, played by wechatpy: signs and encrypts callbacks, checks and opens replies.

Reads a request from each line of stdin and writes an answer to a line of stdout, both in JSON. An
answer is {"ok": …} or {"error": "Name: text"}. wechatpy does every cryptographic step; nothing here
comes from tower-wecom.
"""

import json
import sys
import time

import xmltodict
from wechatpy.crypto import _get_signature
from wechatpy.enterprise.crypto import PrpCrypto, WeChatCrypto
from wechatpy.utils import random_string, to_text


def seal(request):
    """A callback: the four parts of its query and its body."""
    sealed = xmltodict.parse(crypto(request).encrypt_message(request["text"], random_string(10)))["xml"]
    body = "<xml><ToUserName><![CDATA[{}]]></ToUserName><Encrypt><![CDATA[{}]]></Encrypt><AgentID><![CDATA[]]></AgentID></xml>"
    return {
        "msg_signature": sealed["MsgSignature"],
        "timestamp": sealed["TimeStamp"],
        "nonce": sealed["Nonce"],
        "body": body.format(request["receive_id"], sealed["Encrypt"]),
    }


def seal_echo(request):
    """A URL check: the parts of its query."""
    account = crypto(request)
    echo = to_text(PrpCrypto(account.key).encrypt(request["text"], request["receive_id"]))
    timestamp, nonce = str(int(time.time())), random_string(10)
    signature = _get_signature(request["token"], timestamp, nonce, echo)
    return {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce, "echostr": echo}


def seal_reply(request):
    """A reply that a receiver written with wechatpy would send."""
    return crypto(request).encrypt_message(request["text"], random_string(10))


def open_reply(request):
    """The text and the elements of a reply, after a check of its signature and its receive id."""
    envelope = xmltodict.parse(request["text"])["xml"]
    text = crypto(request).decrypt_message(
        request["text"], envelope["MsgSignature"], envelope["TimeStamp"], envelope["Nonce"]
    )
    return {"text": text, "elements": xmltodict.parse(text)["xml"]}


def crypto(request):
    return WeChatCrypto(request["token"], request["key"], request["receive_id"])


VERBS = {verb.__name__: verb for verb in (seal, seal_echo, seal_reply, open_reply)}

for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = {"ok": VERBS[request["verb"]](request)}
    except Exception as error:  # The test decides what an error means.
        answer = {"error": "{}: {}".format(type(error).__name__, error)}
    print(json.dumps(answer), flush=True)
