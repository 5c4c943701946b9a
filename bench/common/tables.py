# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of results in Markdown, between the markers of a page."""

import re
from statistics import median


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def number(value, digits=1):
    return "–" if value is None else f"{value:.{digits}f}"


def over(cell, peer):
    """Ours over a peer's."""
    return number(cell["ns_per_frame_path"] / cell[peer]["ns_per_frame_path"], 2) if peer in cell else "–"


def convolver(result):
    rows = []
    for cell in result["cells"]:
        how = "render" if cell["offline"] else "live"
        peers = [number(cell.get(peer, {}).get("ns_per_frame_path")) for peer in ("zita", "afir minp", "afir")]
        worst = [number(cell.get(peer, {}).get("worst_us"), 0) for peer in ("zita", "afir minp")]
        rows.append([cell["isa"], cell["paths"], f"{cell['ir_seconds']:g} s / {cell['block']}", how, number(cell["ns_per_frame_path"]), *peers,
                     over(cell, "zita"), over(cell, "afir"), number(cell["mean_us"]), number(cell["worst_us"]), *worst, number(cell.get("error_dbfs"), 0)])
    return table(["", "paths", "impulse / call", "", "ours, ns", "zita", "afir, short", "afir, 8192 late", "ours / zita", "ours / afir", "mean call µs", "worst call µs", "zita's",
                  "afir's", "error dBFS"], rows)


def mixer(result):
    rows = []
    for cell in result["cells"]:
        plain = {row["case"]: row["ns_per_channel_frame"] for row in cell["rows"]}
        for row in cell["rows"]:
            without = plain.get(row["case"].removesuffix(", meters"))
            meters = f"+{100 * (row['ns_per_channel_frame'] / without - 1):.0f} %" if row["case"].endswith("meters") else ""
            rows.append([cell["instruction_set"], cell["channels"], row["case"], number(row["ns_per_channel_frame"], 3), number(row["of_limit"], 2), meters,
                         number(row["of_plain"], 2)])
    return table(["", "mono channels to stereo", "gains", "ns per channel and frame", "x the measured limit", "meters add", "x a plain gain loop"], rows)


def effects(result):
    rows = [[row["chain"], number(row["ns_per_channel_frame"], 2), number(100 * row["share_of_a_core"], 3), number(row["of_scalar"], 2)] for row in result["rows"]]
    return table([f"chain, {result['channels']} channels", "ns per channel and frame", "% of a core", "x scalar eq + compressor"], rows)


def resampler(result):
    names = [row["name"] for row in result[0]["rows"]]
    rows = [[f"{pair['from_hz']:g} → {pair['to_hz']:g} Hz", *[number(row["ns_per_output_frame"]) for row in pair["rows"]]] for pair in result]
    return table(["ns per stereo output frame", *names], rows)


def kernels(result):
    return table(["kernel", "ns"], [[one["name"], number(one["cpu_time"])] for one in result if one.get("run_type", "iteration") == "iteration"])


def graph(result):
    rows = []
    for cell in [*result["stars"], *result["chains"]]:
        fused = ", fused" if cell["shape"].endswith("fused") else ""
        what = (f"{cell['tracks']} tracks, a mixer" if cell["shape"].startswith("star") else f"a track, {cell['nodes'] - 1} effects in a chain") + fused
        rows.append([what, cell["quantum"], number(cell["us_per_node_cycle"], 2), number(cell.get("peer_us_per_node_cycle"), 2), number(cell.get("ratio"), 2),
                     number(cell["mean_cycle_us"], 0), number(cell["worst_cycle_us"], 0), number(cell["cpu_percent"]), number(cell["daemon_cpu_percent"]),
                     cell["xruns"], cell["unexplained_xruns"], cell["missing_frames"], number(cell["rss_mb"], 0)])
    return table(["graph", "quantum", "µs of CPU per node and cycle", "empty nodes", "ratio", "cycle µs", "worst cycle µs", "CPU %", "daemon %", "xruns", "unexplained",
                  "missing frames", "MB"], rows)


def whole_job(result):
    rows = []
    for name in ("ffmpeg", "stemwire"):
        of = lambda key: median(row[key] for row in result if row["program"] == name)
        rows.append([name, number(of("wall_s"), 2), number(of("cpu_s"), 2), number(of("memory_mb"), 0), number(60 / of("wall_s"), 0)])
    return table(["", "wall s", "CPU s", "memory MB", "x realtime"], rows)


TABLES = {"convolver": convolver, "mixer": mixer, "effects": effects, "resampler": resampler, "kernels": kernels, "graph": graph, "whole-job": whole_job}


def put(page, name, text):
    """The page with this text between `<!-- bench:NAME -->` and `<!-- /bench -->`; None where it has no such place."""
    pattern = re.compile(rf"(<!-- bench:{re.escape(name)} -->\n).*?(<!-- /bench -->)", re.DOTALL)
    if not pattern.search(page):
        return None
    return pattern.sub(lambda found: found[1] + "\n" + text + "\n\n" + found[2], page)
