# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the benchmarks of a build folder and gathers what they print."""

import json
import os
import subprocess
import sys
from pathlib import Path

GRAPH_STARS = [(8, 256), (8, 128), (32, 256), (32, 128), (128, 256), (128, 128), (256, 256)]  # tracks, quantum
GRAPH_FUSED = [["--shape", shape, "--quantum", quantum, *fuse] for shape in ("star", "chain") for quantum in (256, 64) for fuse in ([], ["--fuse"])]


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


def instruction_sets(run):
    """The widest last."""
    return [name for name in ("avx2", "avx512") if run.json("mixer", "--isa", name, "--channels", 1)] or ["portable"]


def convolver(run):
    rounds = ["--rounds", 2 if run.quick else 4]
    isas = instruction_sets(run)[-1:] if run.quick else instruction_sets(run)
    lengths, blocks = ([2], [256]) if run.quick else ([2, 6], [64, 128, 256, 1024])
    live = [["--isa", isa, "--ir", ir, "--block", block, *rounds] for isa in isas for ir in lengths for block in blocks]
    more_paths = [["--isa", isa, "--ir", ir, "--block", block, "--paths", paths, *rounds] for isa in isas
                   for ir, block, paths in ((2, 64, 4), (6, 256, 4), (2, 256, 1), (2, 256, 16))]
    offline = [["--isa", isa, "--ir", ir, "--block", 16384, "--offline", *rounds] for isa in isas for ir in lengths]
    cells = run.all_json("convolver", live if run.quick else live + more_paths + offline)
    sweeps = {kind: run.json("convolver", "--sweep", kind, "--rounds", 2) for kind in ("blocks", "lengths")} if cells and not run.quick else {}
    return {"cells": cells, "sweeps": sweeps} if cells else None


def mixer(run):
    counts = [8] if run.quick else [8, 32, 128]
    results = run.all_json("mixer", [["--isa", isa, "--channels", count] for isa in instruction_sets(run) for count in counts])
    cells = [item for result in results for item in result]
    return {"cells": cells, "sweep": run.json("mixer", "--sweep", "channels")} if cells else None


def effects(run):
    return run.json("effects")


def resampler(run):
    rounds = ["--rounds", 2] if run.quick else []
    pairs = [(44100, 48000)] if run.quick else [(44100, 48000), (48000, 44100), (96000, 48000), (47999, 48000)]
    results = run.all_json("resampler", [["--from", a, "--to", b, *rounds] for a, b in pairs])
    return [item for result in results for item in (result if isinstance(result, list) else [result])] or None


def graph(run):
    seconds = ["--seconds", 2 if run.quick else 3]
    stars = run.all_json("graph", [["--tracks", count, "--quantum", quantum, *seconds] for count, quantum in (GRAPH_STARS[:1] if run.quick else GRAPH_STARS)])
    chains = run.all_json("graph", [["--tracks", 10, *shape, *seconds] for shape in (GRAPH_FUSED[:2] if run.quick else GRAPH_FUSED)])
    return {"stars": stars, "chains": chains} if stars else None


def kernels(run):
    program = run.program("kernels")
    if program is None:
        return None
    shorter = ["--benchmark_min_time=" + ("0.01" if run.quick else "0.1")]
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
