# SPDX-License-Identifier: GPL-3.0-or-later
"""The plots of docs/plots, from what the benchmarks say."""

from chart import Chart


def _peer(cell, key):
    return (cell.get("zita") or {}).get(key)


def _same(cells, **wanted):
    return [cell for cell in cells or [] if all(cell.get(key) == value for key, value in wanted.items())]


def convolver(result):
    blocks, lengths = result["sweeps"].get("blocks"), result["sweeps"].get("lengths")
    unit = "ns per frame and path"
    cost = Chart("Convolution: cost against block size", "frames per call", unit, log_x=True, log_y=True)
    worst = Chart("Convolution: worst single call", "frames per call", "µs", log_x=True, log_y=True)
    length = Chart("Convolution: cost against impulse length", "seconds of impulse", unit, log_x=True, log_y=True)
    cost.x_ticks = worst.x_ticks = [cell["block"] for cell in blocks or [] if cell["block"].bit_count() == 1]
    for chart, cells, x, y in ((cost, blocks, "block", "ns_per_frame_path"), (worst, blocks, "block", "worst_us"), (length, lengths, "ir_seconds", "ns_per_frame_path")):
        cells = cells or []
        chart.add("stemwire", [(cell[x], cell[y]) for cell in cells])
        chart.add("zita-convolver", [(cell[x], _peer(cell, y)) for cell in cells], dashed=True)
        if y == "worst_us":
            chart.add("stemwire, mean call", [(cell[x], cell["mean_us"]) for cell in cells])
    return {"convolver-blocks": cost, "convolver-worst": worst, "convolver-lengths": length}


def mixer(result):
    chart = Chart("Mixing to stereo: cost against channels", "channels", "ns per channel and frame", log_x=True)
    sweep = result["sweep"] or []
    for case in sweep[0]["rows"] if sweep else []:
        name = case["case"]
        chart.add(name, [(cell["channels"], row["ns_per_channel_frame"]) for cell in sweep for row in cell["rows"] if row["case"] == name])
    chart.add("limit of the processor", [(cell["channels"], cell["limit_ns_per_channel_frame"]) for cell in sweep], dashed=True)
    chart.add("plain gain loop", [(cell["channels"], row["plain_ns_per_channel_frame"]) for cell in sweep for row in cell["rows"][:1]], dashed=True)
    return {"mixer-channels": chart}


def graph(result):
    cost = Chart("Nodes on the graph: CPU per node and cycle", "stereo tracks", "µs", log_x=True)
    cycle = Chart("Nodes on the graph: time of a cycle", "stereo tracks", "µs", log_x=True, log_y=True)
    stars = result["stars"]
    cost.x_ticks = cycle.x_ticks = sorted({cell["tracks"] for cell in stars})
    for quantum in sorted({cell["quantum"] for cell in stars}):
        cells = _same(stars, quantum=quantum)
        cost.add(f"quantum {quantum}", [(cell["tracks"], cell["us_per_node_cycle"]) for cell in cells])
        cost.add(f"{quantum}, empty nodes", [(cell["tracks"], cell.get("peer_us_per_node_cycle")) for cell in cells], dashed=True)
        cycle.add(f"mean, quantum {quantum}", [(cell["tracks"], cell["mean_cycle_us"]) for cell in cells])
        cycle.add(f"worst, quantum {quantum}", [(cell["tracks"], cell["worst_cycle_us"]) for cell in cells], dashed=True)
    return {"graph-cost": cost, "graph-cycle": cycle}


PLOTS = {"convolver": convolver, "mixer": mixer, "graph": graph}
