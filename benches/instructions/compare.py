"""Compares what gungraun has counted with the baseline. See `.ci/instructions`."""

import json
import subprocess
import sys

TOLERANCE = 1.05
MARK = "Instructions:"


def read_counts(path):
    """The instructions of each bench: `whole.create_user` and so on."""
    counts = {}
    for line in open(path, encoding="utf-8"):
        bench = json.loads(line)
        metrics = bench["profiles"][0]["data"]["total"]["metrics"]
        counts[f"{bench['function_name']}.{bench['id']}"] = metrics["Ir"]["values"]["new"]
    return counts


def reason():
    """The line of the last commit's message that says why it takes more, if there is one."""
    message = subprocess.run(
        ["git", "log", "-1", "--format=%B"], capture_output=True, text=True, check=True
    ).stdout
    marked = (line.removeprefix(MARK).strip() for line in message.splitlines() if line.startswith(MARK))
    return next(filter(None, marked), None)


def main(counts_path, baseline_path, *options):
    counts = read_counts(counts_path)
    if "--update" in options:
        with open(baseline_path, "w", encoding="utf-8") as file:
            json.dump(counts, file, indent=2)
            file.write("\n")
        return 0
    with open(baseline_path, encoding="utf-8") as file:
        baseline = json.load(file)
    if counts.keys() != baseline.keys():
        print("other benches than in the baseline: .ci/instructions --update")
        return 1
    print(f"{'':24} {'baseline':>10} {'now':>10}")
    worse = False
    for name, before in baseline.items():
        ratio = counts[name] / before
        worse |= ratio > TOLERANCE
        print(f"{name:24} {before:>10} {counts[name]:>10} {ratio - 1:>+8.1%}{' <--' if ratio > TOLERANCE else ''}")
    if not worse:
        return 0
    if why := reason():
        print(f"more than 5 % more, because: {why}")
        return 0
    print(f"more than 5 % more. If that is worth it, say why in the commit, `{MARK} …`, and take the new counts: --update")
    return 1


sys.exit(main(*sys.argv[1:]))
