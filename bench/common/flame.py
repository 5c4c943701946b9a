# SPDX-License-Identifier: GPL-3.0-or-later
"""Flame graphs from perf: Gregg, "The Flame Graph", CACM 59 (2016)."""

import re
import shutil
import subprocess
import sys
import tempfile
from html import escape
from pathlib import Path

WIDTH, ROW = 1200, 18
THINNEST = 0.3  # pixels: what is narrower is left out
FREQUENCY_HZ = 499
STACK_BYTES = 16384  # copied at each sample; release builds keep no frame pointers


def fold(script):
    """Counts of stacks, outermost first, of what `perf script -F ip,sym` prints."""
    counts = {}
    for sample in script.split("\n\n"):
        frames = [line.split(None, 1)[1] if " " in line.strip() else "[unknown]" for line in sample.strip().splitlines() if line.strip()]
        stack = tuple(re.sub(r"\+0x[0-9a-f]+$", "", frame.strip()) for frame in reversed(frames))
        if stack:
            counts[stack] = counts.get(stack, 0) + 1
    return counts


def tree_of(counts):
    root = {"name": "all", "count": 0, "children": {}}
    for stack, count in counts.items():
        node = root
        node["count"] += count
        for name in stack:
            node = node["children"].setdefault(name, {"name": name, "count": 0, "children": {}})
            node["count"] += count
    return root


def depth_of(node):
    return 1 + max((depth_of(child) for child in node["children"].values()), default=0)


def boxes(node, left, level, per_sample, height, total):
    width = node["count"] * per_sample
    if width < THINNEST:
        return []
    top = height - (level + 1) * ROW
    hue = 20 + sum(map(ord, node["name"])) % 35
    share = 100.0 * node["count"] / total
    label = node["name"] if len(node["name"]) * 7 < width else node["name"][: max(0, int(width / 7) - 1)]
    drawn = [f'<g><title>{escape(node["name"])}: {share:.1f} %</title>'
             f'<rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="{ROW - 1}" fill="hsl({hue} 85% 62%)"/>'
             f'<text x="{left + 3:.1f}" y="{top + 13}">{escape(label)}</text></g>']
    for child in sorted(node["children"].values(), key=lambda one: one["name"]):
        drawn += boxes(child, left, level + 1, per_sample, height, total)
        left += child["count"] * per_sample
    return drawn


def svg_of(counts, title):
    root = tree_of(counts)
    height = (depth_of(root) + 1) * ROW + 30
    body = boxes(root, 0.0, 0, WIDTH / root["count"], height, root["count"])
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}">\n'
            '<style>svg { background: #fff; } text { font: 11px monospace; fill: #111; } .title { font: 600 15px sans-serif; }</style>\n'
            f'<rect width="100%" height="100%" fill="#fff"/><text class="title" x="8" y="20">{escape(title)}</text>\n' + "\n".join(body) + "\n</svg>\n")


def record(command, out):
    """Runs the command under perf and writes its flame graph; returns an exit status."""
    if shutil.which("perf") is None:
        print("bench: perf is not installed (Debian: linux-perf)", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "perf.data"
        recorded = subprocess.run(["perf", "record", "-q", "-F", str(FREQUENCY_HZ), f"--call-graph=dwarf,{STACK_BYTES}", "-o", data, "--", *command],
                                  stdout=subprocess.DEVNULL, check=False)
        if recorded.returncode != 0 or not data.exists():
            print("bench: perf cannot record here (kernel.perf_event_paranoid?)", file=sys.stderr)
            return 1
        script = subprocess.run(["perf", "script", "-i", data, "-F", "ip,sym"], capture_output=True, text=True, check=True).stdout
    counts = fold(script)
    if not counts:
        print("bench: perf has recorded no sample", file=sys.stderr)
        return 1
    Path(out).write_text(svg_of(counts, " ".join(str(word) for word in command)))
    print(f"{out}: {sum(counts.values())} samples")
    return 0
