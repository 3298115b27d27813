#!/usr/bin/env bash
# wechatpy raises for genuine callbacks of WeCom: notices to suites, and messages with text ids.
#
# Expected: `wechatpy.enterprise.parse_message` returns a message for each callback of WeCom, and
#   `UnknownMessage` for kinds that it does not know, as it does for many events. `id` is what WeCom
#   has sent.
# Happens: notices to a third-party application (suite tickets, authorisations) have InfoType in
#   place of MsgType, which the parser takes for given: KeyError. A receiver that does not expect
#   this answers 500, and without the ticket no API call of the suite works any more. The id of a
#   message in a group is a text such as CAIQ16HMjQYY; reading `message.id` makes an int of it, and
#   raises ValueError.
# Version: wechatpy 1.8.18.
# Hurts: providers of third-party applications and robots of groups in Python.
# Source: https://developer.work.weixin.qq.com/document/path/90628 (the notice),
#   https://developer.work.weixin.qq.com/document/path/99399 (the id),
#   https://pypi.org/project/wechatpy/1.8.18/
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -c 'import ensurepip' 2>/dev/null ||
  { apt-get update && apt-get install -y --no-install-recommends python3-venv; } >/dev/null
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check wechatpy==1.8.18 pycryptodome==4.4.0 setuptools==80.9.0
venv/bin/pip list --disable-pip-version-check 2>/dev/null | grep wechatpy

cat > try.py <<'PY'
from wechatpy.enterprise import parse_message

HEAD = "<ToUserName>ww1</ToUserName><FromUserName>sys</FromUserName><CreateTime>1700000000</CreateTime>"
EVENT = f"<xml>{HEAD}<MsgType>event</MsgType><Event>an_event_of_next_year</Event></xml>"
NOTICE = "<xml><SuiteId>ww2</SuiteId><InfoType>suite_ticket</InfoType><TimeStamp>1700000000</TimeStamp><SuiteTicket>t</SuiteTicket></xml>"


MESSAGE = f"<xml>{HEAD}<MsgType>text</MsgType><Content>a</Content><MsgId>CAIQ16HMjQYY</MsgId></xml>"


def outcome(read, text):
    try:
        return read(parse_message(text))
    except (KeyError, ValueError) as error:
        return type(error).__name__


def kind(message):
    return type(message).__name__


found = outcome(kind, EVENT), outcome(kind, NOTICE), outcome(kind, MESSAGE), outcome(lambda it: it.id, MESSAGE)
print("an unknown event: {}; a suite's ticket: {}; a message: {}, and its id: {}".format(*found))
assert found == ("UnknownMessage", "KeyError", "TextMessage", "ValueError"), "the behaviour has changed"
PY
venv/bin/python -W ignore try.py
