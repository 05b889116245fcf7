#!/usr/bin/env python3
"""Counts the instructions a row of the check and of the run's core, and holds them against benches/instructions.txt.

Counts do not hang on how fast a machine is or what else it does, but on what compiled the program and on what it runs:
where that is not what the file was written with, nothing is compared, and that is said. `--write` writes the file anew.
"""

import os
import pathlib
import platform
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
FILE = HERE / "instructions.txt"
PROGRAM = HERE.parent / "target/release/examples/instructions"
ROWS = 10_000
GROWTH_MAX = 1.05
RUN_SECONDS_MAX = 300
HEAD = """\
# Instructions a row, by callgrind on one thread. A count that grows by more than 5 % fails .ci/run; one that is meant to
# is written anew by: python3 benches/instructions.py --write
"""


def output(*command, **options):
    run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=RUN_SECONDS_MAX, **options)
    return run.stdout + run.stderr


def circumstances():
    """What counts hang on beside the code: compiler, valgrind, C library, and the widest registers."""
    flags = re.search(r"^flags\s*:(.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    registers = "avx2" if flags and " avx2" in flags[1] else "no avx2"
    library = " ".join(platform.libc_ver())
    return ", ".join([output("rustc", "--version").strip(), output("valgrind", "--version").strip(), library, registers])


def count(*arguments):
    counted = output(
        "valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", PROGRAM, *arguments,
        env=os.environ | {"RAYON_NUM_THREADS": "1"},
    )
    return int(re.search(r"Collected : (\d+)", counted)[1])


def a_row(arguments_of):
    """What another row costs: starting and ending fall away between twice as many rows and these."""
    return round((count(*arguments_of(2 * ROWS)) - count(*arguments_of(ROWS))) / ROWS)


def counts():
    with tempfile.TemporaryDirectory() as folder:
        def check(form):
            for rows in (ROWS, 2 * ROWS):
                output(PROGRAM, "rows", str(rows), f"{folder}/{rows}.{form}")
            return a_row(lambda rows: ("check", f"{folder}/{rows}.{form}"))

        return {
            "check": check("csv"),
            "check-jsonl": check("jsonl"),
            "core": a_row(lambda rows: ("core", str(rows))),
        }


def main():
    wanted = circumstances()
    if "--write" in sys.argv:
        lines = [f"{name} {number}" for name, number in counts().items()]
        FILE.write_text(HEAD + f"with {wanted}\n" + "\n".join(lines) + "\n")
        return 0
    with_line, *lines = [it for it in FILE.read_text().splitlines() if not it.startswith("#")]
    if with_line != f"with {wanted}":
        print(f"instructions: not compared, since they were counted {with_line}, and this is {wanted}")
        return 0
    before = {name: int(number) for name, number in (it.split() for it in lines)}
    has_grown = False
    for name, now in counts().items():
        ratio = now / before[name]
        has_grown |= ratio > GROWTH_MAX
        print(f"instructions a row, {name}: {now}, {ratio - 1:+.1%} against benches/instructions.txt")
    if has_grown:
        print("more than 5 % more: find out why, or write the file anew if it is meant so (--write)")
    return 1 if has_grown else 0


sys.exit(main())
