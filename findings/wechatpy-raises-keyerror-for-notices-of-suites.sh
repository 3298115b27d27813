#!/usr/bin/env bash
# wechatpy's parser of WeCom callbacks raises KeyError for the notices that suites get.
#
# Expected: `wechatpy.enterprise.parse_message` returns a message for each callback of WeCom, and
#   `UnknownMessage` for kinds that it does not know, as it does for many events.
# Happens: notices to a third-party application (suite tickets, authorisations) have InfoType in
#   place of MsgType, which the parser takes for given: KeyError. A receiver that does not expect
#   this answers 500, and without the ticket no API call of the suite works any more.
# Version: wechatpy 1.8.18.
# Hurts: providers of third-party applications in Python.
# Source: https://developer.work.weixin.qq.com/document/path/90628 (the notice),
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


def name(text):
    try:
        return type(parse_message(text)).__name__
    except KeyError as error:
        return f"KeyError: {error}"


found = name(EVENT), name(NOTICE)
print(f"an unknown event: {found[0]}; a suite's ticket: {found[1]}")
assert found == ("UnknownMessage", "KeyError: 'MsgType'"), "the behaviour has changed"
PY
venv/bin/python -W ignore try.py
