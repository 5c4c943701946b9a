# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the benchmarks of a build folder and gathers what they print."""

import json
import os
import subprocess
import sys
from pathlib import Path

GRAPH_TRACKS = [8, 32, 128, 256]
GRAPH_QUANTA = [64, 128, 256]


class Runner:
    """Of one build; `quick` says how each command is shortened."""

    def __init__(self, build, quick):
        self.build, self.quick = Path(build), quick

    def program(self, name):
        path = self.build / "bench" / name
        return path if path.is_file() else None

    def json(self, name, *arguments):
        """What `bench/NAME ARGUMENTS --json` prints; None where it is not built or fails, which is said."""
        program = self.program(name)
        if program is None:
            return None
        command = [program, *map(str, arguments), "--json"]
        print("  " + " ".join(map(str, command)), file=sys.stderr)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            print(f"bench: {name} failed: {done.stderr.strip()}", file=sys.stderr)
            return None
        return json.loads(done.stdout)

    def all_json(self, name, variants):
        return [result for result in (self.json(name, *variant) for variant in variants) if result is not None]


def convolver(run):
    rounds = ["--rounds", 2] if run.quick else []
    lengths, blocks, paths = ([2], [256], [2]) if run.quick else ([2, 6], [64, 128, 256, 1024], [2, 4])
    cells = run.all_json("convolver", [["--ir", ir, "--block", block, "--paths", path, *rounds] for path in paths for ir in lengths for block in blocks])
    sweeps = {} if run.quick and cells == [] else {kind: run.json("convolver", "--sweep", kind, *rounds) for kind in ("blocks", "lengths")}
    return {"cells": cells, "sweeps": sweeps} if cells else None


def mixer(run):
    counts = [8] if run.quick else [8, 32, 128]
    cells = [item for result in run.all_json("mixer", [["--channels", count] for count in counts]) for item in (result if isinstance(result, list) else [result])]
    return {"cells": cells, "sweep": run.json("mixer", "--sweep", "channels")} if cells else None


def effects(run):
    return run.json("effects")


def resampler(run):
    rounds = ["--rounds", 2] if run.quick else []
    pairs = [(44100, 48000)] if run.quick else [(44100, 48000), (48000, 44100), (96000, 48000), (47999, 48000)]
    results = run.all_json("resampler", [["--from", a, "--to", b, *rounds] for a, b in pairs])
    return [item for result in results for item in (result if isinstance(result, list) else [result])] or None


def graph(run):
    seconds = ["--seconds", 2 if run.quick else 10]
    tracks, quanta = ([8], [256]) if run.quick else (GRAPH_TRACKS, GRAPH_QUANTA)
    stars = run.all_json("graph", [["--tracks", count, "--quantum", quantum, *seconds] for count in tracks for quantum in quanta])
    chains = run.all_json("graph", [["--shape", "chain", *fuse, *seconds] for fuse in ([], ["--fuse"])])
    return {"stars": stars, "chains": chains} if stars else None


def kernels(run):
    program = run.program("kernels")
    if program is None:
        return None
    shorter = ["--benchmark_min_time=0.01"] if run.quick else []
    done = subprocess.run([program, "--benchmark_format=json", *shorter], capture_output=True, text=True, check=False)
    return json.loads(done.stdout)["benchmarks"] if done.returncode == 0 else None


def whole_job(run):
    script = Path(__file__).resolve().parent.parent / "whole-job" / "run"
    stemwire = run.build / "stemwire"
    if not stemwire.is_file():
        return None
    done = subprocess.run([script, "1" if run.quick else "5"], capture_output=True, text=True, check=False,
                          env=os.environ | {"STEMWIRE": str(stemwire.resolve())})
    if done.returncode != 0:
        print(f"bench: whole-job failed: {done.stderr.strip()}", file=sys.stderr)
        return None
    rows = [line.split() for line in done.stdout.splitlines() if line.startswith(("ffmpeg ", "stemwire "))]
    return [{"program": name, "wall_s": float(wall), "cpu_s": float(cpu), "memory_mb": float(memory)}
            for name, wall, cpu, memory in (row for row in rows if len(row) == 4)]


BENCHES = {"convolver": convolver, "mixer": mixer, "effects": effects, "resampler": resampler, "kernels": kernels, "graph": graph,
           "whole-job": whole_job}
