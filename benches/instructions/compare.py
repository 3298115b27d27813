"""Compares the counts of gungraun with the baseline or with another commit. See `.ci/instructions`."""

import json
import subprocess
import sys
from pathlib import Path

TOLERANCE = 1.05
MARK = "Instructions:"
BASELINE = Path(__file__).with_name("baseline.json")


def read_counts(path):
    """The instructions of each bench: `whole.create_user` and so on. The bytes of the example."""
    counts = {}
    for line in open(path, encoding="utf-8"):
        bench = json.loads(line)
        if "text" in bench:
            counts["text.examples_axum"] = bench["text"]
            continue
        metrics = bench["profiles"][0]["data"]["total"]["metrics"]
        counts[f"{bench['function_name']}.{bench['id']}"] = metrics["Ir"]["values"]["new"]
    return counts


def reason():
    """The reason for a higher count in the message of the last commit, if there is one."""
    message = subprocess.run(["git", "log", "-1", "--format=%B"], capture_output=True, text=True, check=True).stdout
    marked = (line.removeprefix(MARK).strip() for line in message.splitlines() if line.startswith(MARK))
    return next(filter(None, marked), None)


def compare(before, now):
    print(f"{'':24} {'before':>10} {'now':>10}")
    worse = False
    for name in sorted(before.keys() & now.keys()):
        ratio = now[name] / before[name]
        worse |= ratio > TOLERANCE
        print(f"{name:24} {before[name]:>10} {now[name]:>10} {ratio - 1:>+8.1%}{' <--' if ratio > TOLERANCE else ''}")
    if not worse:
        return 0
    if why := reason():
        print(f"more than 5 % more, because: {why}")
        return 0
    print(f"more than 5 % more. If that is worth it, say why in the commit, `{MARK} …`, and take the new counts: .ci/instructions --update")
    return 1


def main(command, *arguments):
    baseline = json.loads(BASELINE.read_text(encoding="utf-8"))
    if command == "is-of":
        return 0 if baseline["machine"] == arguments[0] else 1
    if command == "update":
        machine, counts = arguments
        BASELINE.write_text(json.dumps({"machine": machine, "counts": read_counts(counts)}, indent=2) + "\n", encoding="utf-8")
        return 0
    if command == "commits":
        before, now = map(read_counts, arguments)
        return compare(before, now)
    now = read_counts(arguments[0])
    if now.keys() != baseline["counts"].keys():
        print("other benches than in the baseline: .ci/instructions --update")
        return 1
    return compare(baseline["counts"], now)


sys.exit(main(*sys.argv[1:]))
