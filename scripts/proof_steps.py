"""The claims of docs/proof.md, the commands that prove them, and the readers of their figures.
`scripts/proof` runs them.
"""

import re
from typing import NamedTuple


class Claim(NamedTuple):
    text: str
    # Reads the output of the command. Returns the figure in words, and whether the goal is reached.
    read: object
    # The obstacle, which the page gives if the goal is not reached.
    way: str = ""


class Step(NamedTuple):
    name: str
    command: str
    claims: list
    # The minutes that the command takes on two cores, about. `scripts/proof --parts` adds them up.
    minutes: float
    # The paths that the command reads. A row is stale if one of them has changed since its commit.
    reads: list
    # The packages whose dependencies it builds, by Cargo.lock.
    packages: list = ["tower-wecom"]
    # For figures that are added up over all runs: reads a number for each name from the output.
    sums: object = None


# The readers of figures.


def numbers(pattern, log):
    """The numbers in the groups of a pattern, for each match."""
    return [[float(it.replace(",", "")) for it in found.groups()] for found in re.finditer(pattern, log, re.MULTILINE)]


def passed(log):
    """The tests that `cargo test` counted."""
    rows = numbers(r"^test result: \w+\. ([\d,]+) passed; ([\d,]+) failed", log)
    ok, failed = (int(sum(column)) for column in zip(*rows)) if rows else (0, 0)
    return f"{ok} passed, {failed} failed", ok > 0 and failed == 0


def at_most(pattern, goal, unit=""):
    def read(log):
        value = numbers(pattern, log)[0][0]
        return f"{value:g}{unit}, goal {goal:g}", value <= goal

    return read


def at_least(pattern, goal, unit=""):
    def read(log):
        value = numbers(pattern, log)[0][0]
        return f"{value:g}{unit}, goal {goal:g}", value >= goal

    return read


def share(what, goal):
    """The goal is about requests. If other processes use the machine, the processor time is more exact."""

    def read(log):
        requests, time = numbers(rf"^{what}: +([\d.]+) by requests, ([\d.]+) by processor time", log)[0]
        return f"{requests:g} by requests, {time:g} by processor time, goal {goal:g}", requests >= goal

    return read


def mutants(log):
    """Two passes: the unit tests, and tests/it for the mutants that they missed. The last pass decides."""
    passes = re.findall(r"(?m)^(\d+ mutants? tested) in .*?: (.*)$", log)
    figure = "; ".join(f"{tested}: {outcome}" for tested, outcome in passes)
    return figure or "nothing found", bool(passes) and "missed" not in passes[-1][1]


def beside(what, goal):
    """A line of scripts/against: before, now, the ratio and its spread."""

    def read(log):
        before, now, ratio, least, most = numbers(rf"^{what} +([\d.]+) +([\d.]+) +([\d.]+) +([\d.]+) to ([\d.]+)$", log)[0]
        return f"{before:g} → {now:g}, ratio {ratio:g} ({least:g} to {most:g}), goal {goal:g}", ratio <= goal

    return read


def storages(log):
    """Of the bench of the inbox: how many callbacks each storage takes, and of a bare loop."""
    rows = re.findall(r"(?m)^(\w+) +64 at a time +(\d+)/s .*\n(?:.*\n)*?\1 +a bare loop .* is ([\d.]+) of it", log)
    figure = "; ".join(f"{name} {rate}/s, {share} of it" for name, rate, share in rows)
    return f"{figure}, goal 0.7", bool(rows) and all(float(share) >= 0.7 for _, _, share in rows)


def supply(log):
    """cargo-deny prints the state of each check that it has done."""
    states = dict(re.findall(r"\b(advisories|bans|licenses|sources) (ok|FAILED)\b", log))
    checks = ["advisories", "bans", "licenses", "sources"]
    return "; ".join(f"{it}: {states.get(it, 'not checked')}" for it in checks), all(states.get(it) == "ok" for it in checks)


def done(words):
    """For a command that fails if the claim is wrong."""
    return lambda log: (words, True)


def last(pattern):
    """The last line that a pattern finds, for a command that fails if the claim is wrong."""

    def read(log):
        found = re.findall(f"(?m){pattern}", log)
        return (found[-1].strip(), True) if found else ("nothing found", False)

    return read


def every(pattern):
    """All lines that a pattern finds, for a command that fails if the claim is wrong."""

    def read(log):
        found = re.findall(f"(?m){pattern}", log)
        return ("; ".join(found), True) if found else ("nothing found", False)

    return read


def nothing_lost(pattern):
    """All ledgers that a pattern finds. Each says how many acknowledged callbacks are lost, and how many effects came twice."""

    def read(log):
        figure, found = every(pattern)(log)
        return figure, found and all(" 0 lost, 0 effects twice" in ledger for ledger in figure.split("; ") if "effects twice" in ledger)

    return read


def long_text(log):
    rows = numbers(r"^one long text +64\d+ +\d+ +\d+ +([\d.]+)", log)
    share = 1 / rows[0][0]
    return f"{share:.2f} of the primitives' throughput, goal 0.8", share >= 0.8


def many_elements(log):
    rows = numbers(r"^many elements +6\d+ +\d+ +\d+ +([\d.]+)", log)
    share = 1 / rows[0][0]
    return f"{share:.2f} of the primitives' throughput, goal 0.8", share >= 0.8


def linear(log):
    """The nanoseconds for a KB, from 20 KB to 200 KB. Quadratic cost would grow tenfold."""
    rows = numbers(r"^many elements +(\d+) +\d+ +\d+ +[\d.]+ +[\d.]+ +(\d+)", log)
    small, large = rows[1][1], rows[-1][1]
    return f"{small:.0f} ns for a KB at 20 KB, {large:.0f} at 200 KB", large < 2 * small


def executions(log):
    """The executions of each fuzz target."""
    rows = re.findall(r"(?m)^== (\w+), \d+ executions(?s:.*?)number_of_executed_units: (\d+)", log)
    counts = {}
    for name, count in rows:
        counts[name] = counts.get(name, 0) + int(count)
    return counts


def fuzzed(goal):
    """Of the sums of all runs, by commit and target."""

    def read(runs):
        total = sum(sum(counts.values()) for counts in runs.values())
        return f"{total:,} executions in all runs, no finding, goal {goal:,}", total >= goal

    return read


def each_executed(log):
    counts = executions(log)
    each = ", ".join(f"{name} {count:,}" for name, count in counts.items())
    return f"{sum(counts.values()):,} executions, no finding ({each})", bool(counts)


def timing(log):
    """No claim may be told apart. Every control must be, or the measurement is blind."""
    claims, controls = ([t for (t,) in numbers(rf" ([\d.]+) +[\d.]+ ± +[\d.]+ ns +{expected}", log)] for expected in (r"< 4\.5", "control"))
    figure = f"|t| at most {max(claims):g} in {len(claims)} claims, at least {min(controls):g} in {len(controls)} controls"
    return figure, max(claims) < 4.5 <= min(controls)


def verdicts(log):
    rows = re.findall(r"(?m)^(ok|FAIL) +(.*)$", log)
    return "; ".join(text for _, text in rows), bool(rows) and all(holds == "ok" for holds, _ in rows)


# What nearly each command reads, and what its tests do.
CRATE = ["src", "Cargo.toml"]
TESTED = [*CRATE, "tests/it", "tests/data"]

SPEED = [
    Step(
        "open",
        "cargo bench --locked --bench open",
        [
            Claim(
                "a whole callback (open, parse, type) costs at most 2.5 times as much as SHA-1, base64, AES and the UTF-8 check on the same bytes",
                at_most(r"^ratio +([\d.]+)", 2.5),
                "About half of the cost beside the primitives is the event itself: some twenty `String`s, which the typed event owns, are "
                "allocated, filled and freed. The rest is the tree, with a node for each element, and the typed reader.",
            ),
            Claim("64 KB in one text", long_text),
            Claim(
                "64 KB in many small elements",
                many_elements,
                "An element of 20 bytes costs a node of the tree and, in a typed list, a `String`. The primitives only hash and decrypt 20 bytes.",
            ),
            Claim("the cost grows no faster than the size", linear),
        ],
        1,
        [*CRATE, "benches/open.rs"],
    ),
    Step(
        "instructions",
        ".ci/instructions",
        [Claim("no stage takes 5 % more instructions than the committed baseline", last(r"^whole\.create_user.*$"))],
        1,
        [*CRATE, "benches/instructions", ".ci/instructions"],
    ),
    Step(
        "allocations",
        "cargo test --locked -p bench-instructions -- --nocapture",
        [
            Claim(
                "at most 4 allocations for a callback of any kind and format, without those of the event",
                at_most(r" in all, (\d+) beside the event", 4),
            )
        ],
        1,
        [*CRATE, "benches/instructions"],
    ),
    Step(
        "http",
        "benches/http/run 9 5",
        [
            Claim(
                "over HTTP, built with link-time optimization: at least 0.60 of the throughput of an axum handler that only reads the body",
                share("callbacks, share of the ceiling", 0.60),
                "About half of the processor time for one callback belongs to the kernel and hyper, as in the ceiling. The rest is the callback, "
                "which `cargo bench --bench open` analyses.",
            ),
            Claim(
                "requests that are not WeCom's pass through a router's layer with at least 0.98 of the ceiling",
                share("passed on by a router's layer, of the ceiling", 0.98),
                "Single rounds, which the command prints, differ by more than the gap.",
            ),
            Claim(
                "and with at least 0.98 of the throughput of a layer that does nothing",
                share("passed on by a router's layer, of one for nothing", 0.98),
                "As above.",
            ),
            Claim(
                "and through a layer around the whole router, with at least 0.98 of the ceiling",
                share("passed on around the router, of the ceiling", 0.98),
                "As above.",
            ),
        ],
        5,
        [*CRATE, "benches/http"],
    ),
]

BEFORE = "89b5086"
# `scripts/against` measures this commit and this tree in turn.
AGAINST = [*CRATE, "scripts/against"]
STRINGS = "The strings that the event owns are allocated, filled and freed as before: docs/proof.md, Speed."
TYPES = (
    "About half of the time is the compiler's front end, which reads and checks 33,000 lines with 275 structs, and the "
    "optimisation of many small functions, of which none is large: `cargo llvm-lines`."
)

GAINS = [
    Step(
        "gains-layers",
        f"scripts/against {BEFORE} layers 3",
        [
            Claim("nanoseconds of a request through `WeComLayer`", beside("WeComLayer", 0.85), STRINGS),
            Claim(
                "of `DedupLayer` with `MemoryStore`, first copy, above it",
                beside("with DedupLayer, first copy, above WeComLayer", 0.5),
                "SHA-256 of the payload and two clocks are 270 ns.",
            ),
            Claim("of `DeadlineLayer`, above it", beside("with DeadlineLayer, above WeComLayer", 1)),
        ],
        3,
        [*AGAINST, "benches/layers.rs"],
    ),
    Step("gains-open", f"scripts/against {BEFORE} open 3", [Claim("nanoseconds of a whole callback", beside("whole", 0.87), STRINGS)], 4, [*AGAINST, "benches/open.rs"]),
    Step(
        "gains-mimalloc",
        f"scripts/against {BEFORE} mimalloc 3",
        [Claim("the same with the allocator mimalloc, beside glibc's before", beside("whole", 0.80), STRINGS)],
        4,
        [*AGAINST, "benches/open.rs"],
    ),
    Step(
        "gains-compile",
        f"scripts/against {BEFORE} compile 2",
        [Claim("processor seconds to compile the crate alone, release, all features", beside("processor seconds", 0.6), TYPES)],
        4,
        AGAINST,
    ),
    Step("gains-lean", f"scripts/against {BEFORE} lean 2", [Claim("and without the feature `axum`", beside("processor seconds", 0.6), TYPES)], 4, AGAINST),
    Step(
        "gains-first",
        f"scripts/against {BEFORE} first 1",
        [Claim("processor seconds of the README's first command on an empty target", beside("processor seconds", 0.8), "Most of it are the dependencies.")],
        4,
        AGAINST,
    ),
    Step("gains-text", f"scripts/against {BEFORE} text 1", [Claim("bytes of `.text` of `examples/axum` in release", beside("bytes of .text", 0.75))], 4, AGAINST),
    Step(
        "storages",
        "cargo bench --locked -p inbox-server-tests --bench storages",
        [
            Claim(
                "the inbox takes at least 0.7 of what a bare loop writes, the same bytes in the same batches to the same engine",
                storages,
                "A key that blocks copies, a row for the workers and an answer for each are more statements and indexes than the loop has.",
            )
        ],
        3,
        [*CRATE, "crates/tower-wecom-inbox", "tests/inbox-servers"],
        ["inbox-server-tests"],
    ),
    Step(
        "tenants",
        "cargo bench --locked --bench tenants",
        [Claim("a row of `Tenants` costs few bytes, and a change does not copy the table", every(r"^\d+ tenants, a .*$"))],
        1,
        [*CRATE, "benches/tenants.rs"],
    ),
]

# Each run adds to the sum.
FUZZ_GOAL = 200_000_000
FUZZ = (
    "query=16000000 frame=10000000 envelope=8000000 layer=6000000 open=5000000 json=5000000 typed=5000000 "
    "entry=4000000 reply=3000000 cloud_event=2000000 group=2000000 capture=500000 xml=20000000"
)
FUZZED = [*CRATE, "fuzz", ".ci/fuzz", "tests/it/properties", "tests/data", "crates/tower-wecom-aibot/src/frame", "crates/tower-wecom-cli/src/capture", "crates/tower-wecom-inbox/src/stored.rs", "crates/tower-wecom-publish/src"]
# All mutants of this commit were noticed: 858 in crypto, payload, protocol and dedup. The scheduled
# job runs the whole list again, in as many shards.
MUTATED_BEFORE = "89b5086"
SHARDS = 8
MUTATED = f"the lines of crypto, payload, protocol and dedup that have changed in meaning since `{MUTATED_BEFORE}`, and of extensions, router, reply and deadline"

HARDNESS = [
    Step(
        "fuzz",
        f"FUZZ_SANITIZER=none FUZZ_TAIL=14 .ci/fuzz {FUZZ}",
        [
            Claim(
                "the fuzz targets find no panic, no time-out and no difference from the other readers",
                fuzzed(FUZZ_GOAL),
                "One run takes less than two hours, and the sum grows with each. The scheduled job runs one each week, until 1,000,000,000.",
            )
        ],
        100,
        FUZZED,
        # fuzz/Cargo.lock is among the paths.
        [],
        executions,
    ),
    Step("leaks", "FUZZ_TAIL=14 .ci/fuzz 200000", [Claim("200,000 executions of each target under AddressSanitizer, which finds leaks too", each_executed)], 20, FUZZED, []),
    Step(
        "properties",
        "cargo test --locked --test it properties",
        [Claim("properties: round trips, mutated requests, trees compared with those of other readers, models of dedup and router", passed)],
        1,
        TESTED,
    ),
    Step("attacks", "cargo test --locked --test it attacks", [Claim("the attacks in SECURITY.md fail", passed)], 1, TESTED),
    *[
        Step(
            f"mutants-{shard}",
            f".ci/mutants --since {MUTATED_BEFORE} --shard {shard}/{SHARDS}",
            [
                Claim(
                    f"the tests notice every mutant of {MUTATED}: shard 0 of {SHARDS}" if shard == 0 else f"and of shard {shard}",
                    mutants,
                    "What a run has missed is noticed by a new test afterwards, or listed in .cargo/mutants.toml with the reason. The next run of the shard shows it.",
                )
            ],
            55,
            [*TESTED, ".ci/mutants", ".cargo/mutants.toml", "scripts/changed-lines"],
        )
        for shard in range(SHARDS)
    ],
    Step("coverage", ".ci/coverage", [Claim("tests run at least 95 % of the lines of crypto, payload, protocol and dedup", last(r"^together.*$"))], 10, [*TESTED, ".ci/coverage"]),
    Step(
        "timing",
        ".ci/timing",
        [Claim("time reveals neither a signature nor the fault behind one, with one pair and without a subscriber of the trace: |t| < 4.5 at 1,000,000 samples", timing)],
        2,
        [*CRATE, "benches/timing", ".ci/timing"],
    ),
    Step(
        "load",
        ".ci/load",
        [Claim("1,000,000 genuine callbacks, 100,000 hostile requests and 1,000 slow connections end as they should", verdicts)],
        3,
        [*CRATE, "benches/load", "benches/http", "examples/axum.rs", "examples/serve.rs", ".ci/load"],
    ),
    Step("waf", "cargo test --locked -p server-tests --test waf", [Claim("genuine callbacks pass the OWASP CRS with the exclusions of docs/operations.md, and are rejected without", passed)], 2, [*CRATE, "tests/servers", "docs/operations.md"]),
]

INBOX = [*CRATE, "crates/tower-wecom-inbox", "examples/inbox", "examples/serve.rs", "tests/inbox-servers"]
BOTS = [*CRATE, "crates/tower-wecom-aibot"]
BROKERS = [*CRATE, "crates/tower-wecom-publish", "examples/publish", "tests/publish-servers"]
SLOW = r"^(?:SQLite|Redis|PostgreSQL)"

DELIVERY = [
    Step(
        "faults",
        ".ci/faults 3600",
        [
            Claim(
                "an hour of kill -9, full disks, locked files, clock steps, storages that are away and switch-overs loses no acknowledged callback",
                nothing_lost(rf"{SLOW}, seed .* effects twice"),
                "A replica of Redis was promoted and killed before its append-only file was written, and came back with old data "
                "(docs/operations.md). Since then the inbox refuses such a master, and the test waits before a switch-over, as an operator has to.",
            )
        ],
        65,
        [*INBOX, ".ci/faults"],
        ["inbox-server-tests"],
    ),
    Step("delivery", ".ci/slow", [Claim("an acknowledged callback survives kill -9", every(rf"{SLOW}.*effects.*$"))], 32, [*INBOX, ".ci/slow"], ["inbox-server-tests"]),
    Step(
        "soak",
        ".ci/soak 9000",
        [
            Claim("2 h 30 min in one process at 500 callbacks a second, with locked files and hostile requests, lose nothing", last(r"^\d+ s in one process.*$")),
            Claim("after the first 30 minutes its memory, file descriptors and tasks do not grow", every(r"^(?:memory|file descriptors|tasks): .* an hour$")),
        ],
        155,
        [*INBOX, ".ci/soak"],
        ["inbox-server-tests"],
    ),
    Step(
        "brokers",
        "PUBLISH_CALLBACKS=20000 PUBLISH_KILLS=5 cargo test --release --locked -p publish-server-tests ledger -- --nocapture --test-threads 1",
        [Claim("a callback that was published before it was acknowledged survives kill -9 of the broker, the receiver and the consumer", every(r"(?:RabbitMQ|NATS JetStream): .* runs$"))],
        20,
        BROKERS,
        ["publish-server-tests"],
    ),
]

BOT = [
    Step("bots", "cargo test --locked -p tower-wecom-aibot --all-features", [Claim("a bot with a long connection survives cuts, displacement, hostile frames and 10,000 messages", passed)], 5, [*BOTS, "tests/data"], ["tower-wecom-aibot"]),
    Step("bot-peers", ".ci/aibot-peers", [Claim("the test server of the long connection serves Tencent's SDK for Node and a package for Python", passed)], 2, [*BOTS, "tests/aibot-peers", ".ci/aibot-peers"], ["aibot-peer-tests"]),
    Step(
        "bot-speed",
        "cargo bench --locked -p tower-wecom-aibot --bench message",
        [
            Claim("64 messages at once over the long connection: at least 1.5 times as many a second as over HTTP", at_least(r"^64 messages at once:\n(?: .*\n)*? *([\d.]+) times as many", 1.5)),
            Claim(
                "16 messages at once",
                at_least(r"^16 messages at once:\n(?: .*\n)*? *([\d.]+) times as many", 1.5),
                "With few messages at once the two ends wait for each other, and a write has fewer frames.",
            ),
        ],
        2,
        BOTS,
        ["tower-wecom-aibot"],
    ),
]

LANGUAGES = [
    Step("translations", "cargo test --locked --test translations", [Claim("each Chinese page has the headings, the code and the links of the English one", passed)], 1, ["docs", "README.md", "README.zh-CN.md", "crates/*/README*.md", "tests/translations"]),
    Step("migration", ".ci/peer", [Claim("the parity with EasyWeChat and the other libraries of the pages for migrants, judged by wechatpy", passed)], 5, [*CRATE, "tests/peer", ".ci/peer"], ["peer-tests"]),
    Step("frameworks", ".ci/frameworks", [Claim("the code of docs/frameworks.md runs", passed)], 5, [*CRATE, "tests/frameworks", "docs/frameworks.md", ".ci/frameworks"]),
]

PUBLISHED = ["src", "crates", "Cargo.toml", "Cargo.lock"]
SUPPLY = [
    Step("deny", ".ci/deny", [Claim("licences, bans, sources and advisories of all dependencies", supply)], 1, ["Cargo.lock", "deny.toml", ".ci/deny"]),
    Step("package", ".ci/package", [Claim("each published package compiles from its own archive", done("ok"))], 10, [*PUBLISHED, ".ci/package"]),
    Step("minimal", ".ci/minimal-versions", [Claim("the crate compiles with the oldest versions that it allows", done("ok"))], 1, [*CRATE, ".ci/minimal-versions"]),
    Step("features", ".ci/features", [Claim("and with every set of its features", last(r"^info: running .*$"))], 15, [*PUBLISHED, ".ci/features"]),
    Step("external-types", ".ci/external-types", [Claim("the public API contains only types of crates in a list", lambda log: (", ".join(re.findall(r"(?m)^(\w+): \d+$", log)), True))], 1, [*CRATE, ".ci/external-types"]),
    Step("semver", ".ci/semver", [Claim("the version fits the changes of the public API since the last tag", last(r"^.*(?:semver|Checked|Summary).*$"))], 5, [*CRATE, ".ci/semver"]),
]

SECTIONS = {"Speed": SPEED, f"Gains since {BEFORE}": GAINS, "Hardness": HARDNESS, "Delivery": DELIVERY, "Bots": BOT, "Languages and frameworks": LANGUAGES, "Supply chain": SUPPLY}
