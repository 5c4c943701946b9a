#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts the test cases in meson's testlog.json (one object a line) and prints `N passed, N failed`."""

import json
import re
import sys

# GoogleTest's line for one case ends with its time; the list of failures that it repeats at the end has none.
PASSED_CASE = re.compile(r"^\[       OK \] \S+.* \(\d+ ms\)$", re.MULTILINE)
FAILED_CASE = re.compile(r"^\[  FAILED  \] \S+.* \(\d+ ms\)$", re.MULTILINE)

GOOD = {"OK", "EXPECTEDFAIL"}
BAD = {"FAIL", "TIMEOUT", "ERROR", "UNEXPECTEDPASS", "INTERRUPT"}


def count(test):
    """Passed and failed cases of one test program; a program that is no GoogleTest, or that died, is a case itself."""
    passed = len(PASSED_CASE.findall(test.get("stdout", "")))
    failed = len(FAILED_CASE.findall(test.get("stdout", "")))
    if test["result"] in GOOD:
        return max(passed, 1), 0
    if test["result"] in BAD:
        return passed, max(failed, 1)
    return passed, 0


def main():
    with open(sys.argv[1], encoding="utf-8") as log:
        counts = [count(json.loads(line)) for line in log]
    print(f"{sum(c[0] for c in counts)} passed, {sum(c[1] for c in counts)} failed")


if __name__ == "__main__":
    main()
