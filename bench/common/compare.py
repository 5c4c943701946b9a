# SPDX-License-Identifier: GPL-3.0-or-later
"""Two commits beside each other: built in work trees of their own, their benchmarks run in turn."""

import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from runs import BENCHES, Runner

COSTS = ("ns", "us", "percent", "mb", "s")  # a number whose name's parts have one of these is a cost


def costs_of(result, path=""):
    """Every cost in a result, by where it is."""
    if isinstance(result, dict):
        label = "/".join(str(result[key]) for key in ("shape", "tracks", "quantum", "ir_seconds", "block", "paths", "isa", "instruction_set", "offline", "latency_quanta",
                                                     "channels", "from_hz", "to_hz", "case", "chain", "name", "program") if key in result)
        found = {}
        for key, value in result.items():
            found |= costs_of(value, f"{path}{label and '[' + label + ']'}.{key}")
        return found
    if isinstance(result, list):
        found = {}
        for item in result:
            found |= costs_of(item, path)
        return found
    name = path.rsplit(".", 1)[-1]
    is_cost = isinstance(result, float) and any(part in COSTS for part in name.split("_"))
    return {path.lstrip("."): result} if is_cost and "seconds" not in name else {}


def build(repository, commit, folder):
    subprocess.run(["git", "-C", repository, "worktree", "add", "--detach", "--quiet", folder / "source", commit], check=True)
    subprocess.run(["meson", "setup", folder / "build", folder / "source", "-Dtests=false"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["ninja", "-C", folder / "build"], check=True, stdout=subprocess.DEVNULL)
    return folder / "build"


def compare(repository, commits, names, quick, rounds):
    """Prints, for each cost that both have, the ratio of the medians; returns an exit status."""
    with tempfile.TemporaryDirectory(prefix="stemwire-bench-") as temporary:
        folders = [Path(temporary) / side for side in ("a", "b")]
        try:
            builds = [build(repository, commit, folder) for commit, folder in zip(commits, folders)]
            measured = [{}, {}]
            for _ in range(rounds):
                for side, folder in enumerate(builds):
                    for name in names:
                        for key, cost in costs_of(BENCHES[name](Runner(folder, quick)), name).items():
                            measured[side].setdefault(key, []).append(cost)
        except subprocess.CalledProcessError as error:
            print(f"bench: {' '.join(map(str, error.cmd))} failed", file=sys.stderr)
            return 1
        finally:
            for folder in folders:
                subprocess.run(["git", "-C", repository, "worktree", "remove", "--force", folder / "source"], check=False, stderr=subprocess.DEVNULL)
    print(f"{'ratio':>7}  {commits[0]:>12}  {commits[1]:>12}")
    for key in sorted(measured[0].keys() & measured[1].keys()):
        a, b = median(measured[0][key]), median(measured[1][key])
        if a > 0:
            print(f"{b / a:7.2f}  {a:12.4g}  {b:12.4g}  {key}")
    return 0
