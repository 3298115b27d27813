#!/usr/bin/env bash
# CommonMark shows the asterisks of bold Chinese text that ends with a quotation mark.
#
# Expected: **“甲”**乙 is bold, as **“a”** b is. Chinese has no blanks between words.
# Happens: the closing asterisks stand between punctuation and a letter, so by the specification they
#   close nothing, and the reader sees them. The same text with a blank behind it is bold.
# Version: markdown-it-py 3.0.0 from PyPI, which follows CommonMark 0.30.
# Hurts: Chinese README files and pages; the writer sees nothing wrong in the source.
# Source: https://spec.commonmark.org/0.30/#emphasis-and-strong-emphasis
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check markdown-it-py==3.0.0 mdurl==0.1.2
"$dir/venv/bin/pip" list --disable-pip-version-check 2>/dev/null | grep -i markdown-it-py

"$dir/venv/bin/python" - <<'PY'
from markdown_it import MarkdownIt

markdown = MarkdownIt("commonmark")
found = {}
for text in ("**“甲”**乙", "**“甲”** 乙", "**甲**乙"):
    html = markdown.render(text).strip()
    found[text] = "<strong>" in html
    print(f"{text}  ->  {html}")
assert list(found.values()) == [False, True, True], "the behaviour has changed"
PY
