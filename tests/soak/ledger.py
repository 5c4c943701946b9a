# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written down while the soak runs, and what it amounts to."""

import array
import csv
import math
import shutil
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "bench" / "common"))
from chart import Chart  # noqa: E402

# Growth over the second half, as a line fitted to it says: what one is allowed to differ by when nothing leaks.
FLAT = {"rss_mib": 4.0, "descriptors": 2.0, "threads": 1.0}
# It takes some minutes until every arena of malloc has seen every kind of event.
WARM_UP_MINUTES, WARM_UP_MIB = 10, 12.0
SILENT_DB = -120.0
RECOVERY_MS = 1000.0
# Of cycles of 10.7 ms. A machine that wakes its highest priority this late misses cycles, whatever plays.
LATE_MS = 2.0
MOST_POINTS = 150
MOST_KEPT = 20
QUANTUM = 512  # frames, of tests/soak/pipewire.conf
COLUMNS = ("seconds", "event", "event_ms", "at_base", "rss_mib", "descriptors", "threads", "helpers", "helpers_rss_mib", "helpers_descriptors", "helpers_threads",
           "server_rss_mib", "server_descriptors", "xruns", "missing_frames", "missing_of_others", "late_ms", "sum_peak_db", "sum_loud_frames", "recovery_ms", "trouble")


def loudness(path):
    """Peak in dBFS, and frames from the first to the last that is not silent, of a WAV of 32-bit floats."""
    data = path.read_bytes()
    at = data.find(b"data")
    samples = array.array("f")
    whole = data[at + 8:]
    samples.frombytes(whole[:len(whole) // 4 * 4])
    if sys.byteorder == "big":
        samples.byteswap()
    peak = max(max(samples, default=0.0), -min(samples, default=0.0))
    if peak <= 0:
        return -math.inf, 0
    loud = [index for index, sample in enumerate(samples) if abs(sample) > 10 ** (SILENT_DB / 20)]
    return 20 * math.log10(peak), loud[-1] - loud[0] + 1 if loud else 0


class Takes:
    """The files in which the sum of the copies lies, judged one by one and then thrown away."""

    def __init__(self, folder, results):
        self.folder, self.results, self.kept = folder, results, 0

    def files(self):
        return sorted(self.folder.glob("ledger-*.wav"), key=lambda path: (path.stat().st_mtime_ns, path.name))

    def judge_finished(self):
        """Peak and loud frames of all but the latest, which is still written; (None, None) without any. Some that are loud are kept."""
        found = []
        for path in self.files()[:-1]:
            found.append(loudness(path))
            if found[-1][1] > 0 and self.kept < MOST_KEPT:
                self.kept += 1
                shutil.copy(path, self.results / f"soak-loud-{self.kept:03}.wav")
            path.unlink()
        for path in self.folder.glob("take-*"):
            path.unlink()
        return max(found, default=(None, None))


class Ledger:
    """A row for each event."""

    def __init__(self, results):
        self.results, self.rows = results, []
        self.file = open(results / "soak.csv", "w", newline="", encoding="utf-8")
        self.writer = csv.DictWriter(self.file, COLUMNS)
        self.writer.writeheader()

    def add(self, **row):
        self.rows.append(row)
        self.writer.writerow({name: f"{value:.3f}" if isinstance(value, float) else value for name, value in row.items()})
        self.file.flush()

    def series(self, column, only_base=False):
        """(minutes, value) of every row that has one."""
        return [(row["seconds"] / 60, row[column]) for row in self.rows if row.get(column) is not None and (row["at_base"] or not only_base)]


def growth(points):
    """By how much a line through the second half of the points rises in it."""
    late = [point for point in points if point[0] >= points[-1][0] / 2] if points else []
    if len(late) < 3:
        return 0.0
    slope, _ = statistics.linear_regression([x for x, _ in late], [y for _, y in late])
    return slope * (late[-1][0] - late[0][0])


def excused(rows, index):
    """Whether cycles were missed in an event or beside it, or links were made anew, so that the copies may have been apart."""
    before, now, after = rows[max(index - 1, 0)], rows[index], rows[min(index + 1, len(rows) - 1)]
    if "restart_server" in (now["event"], before["event"]) or any(row.get("trouble") for row in (before, now)):
        return True
    first = rows[max(index - 2, 0)]
    return any((after.get(column) or 0) != (first.get(column) or 0) for column in ("xruns", "missing_frames"))


def moved(row):
    """A sink came or went, and PipeWire moved its nodes one by one under another driver: one cycle may have half of them."""
    return row["event"] == "device" and 0 < row["sum_loud_frames"] <= QUANTUM


def null_verdict(rows):
    takes = [(index, row) for index, row in enumerate(rows) if row.get("sum_peak_db") is not None]
    in_time = [row for index, row in takes if not excused(rows, index)]
    judged = [row for row in in_time if not moved(row)]
    loudest = max((row["sum_peak_db"] for row in judged), default=-math.inf)
    return loudest < SILENT_DB and bool(judged), (
        f"the sum of the copies: {loudest:.1f} dBFS at most in {len(judged)} takes; not judged: {len(takes) - len(in_time)} with missed cycles or a restart"
        f" of the server, {len(in_time) - len(judged)} with one cycle in which PipeWire changed the driver")


def verdict(ledger, ended):
    """Lines (good, text)."""
    rows = ledger.rows
    lines = []
    troubles = [row["trouble"] for row in rows if row.get("trouble")]
    lines.append((not troubles, f"{len(rows)} events, {len(troubles)} that did not come about" + "".join(f"\n      {text}" for text in troubles[:10])))
    lines.append((ended == 0, f"the session ended with status {ended}"))
    for column, limit in FLAT.items():
        points = ledger.series(column, only_base=True)
        if column == "rss_mib" and points and points[-1][0] < WARM_UP_MINUTES:
            limit = WARM_UP_MIB
        grown = growth(points)
        ends = f"{points[0][1]:.1f} at first, {points[-1][1]:.1f} at last" if points else "never measured"
        lines.append((grown <= limit and bool(points), f"{column}: grown by {grown:.2f} over the second half (at most {limit:g}); {ends}"))
    lines.append(null_verdict(rows))
    recoveries = [(row["recovery_ms"], row["late_ms"] or 0) for row in rows if row.get("recovery_ms")]
    slow = [ms for ms, late in recoveries if ms >= RECOVERY_MS and late < 10 * LATE_MS]
    if recoveries:
        lines.append((not slow, f"{len(recoveries)} restarts of the server: whole again after {statistics.median(ms for ms, _ in recoveries):.0f} ms (median),"
                      f" {max(ms for ms, _ in recoveries):.0f} ms (worst); {len(slow)} over {RECOVERY_MS:.0f} ms on a machine in time"))
    late = sum(1 for row in rows if (row.get("late_ms") or 0) > LATE_MS)
    last = rows[-1] if rows else {}
    lines.append((True, f"xruns: {last.get('xruns')}, frames not decoded in time: {last.get('missing_frames')}; the machine was over {LATE_MS:g} ms late in {late} of {len(rows)} events"))
    return lines


def thinned(points):
    step = max(1, math.ceil(len(points) / MOST_POINTS))
    return points[::step]


def draw(ledger):
    """The curves, as SVG beside the table."""
    charts = {
        "memory": ("Resident memory", "MiB", {"stemwire": "rss_mib", "isolated node": "helpers_rss_mib", "PipeWire": "server_rss_mib"}),
        "handles": ("Descriptors and threads", "number", {"descriptors": "descriptors", "threads": "threads", "PipeWire, descriptors": "server_descriptors"}),
        "lateness": ("What was late", "number, or ms", {"xruns": "xruns", "machine, ms": "late_ms"}),
        "recovery": ("From the server's restart to the whole show", "ms", {"recovery": "recovery_ms"}),
    }
    for name, (title, unit, columns) in charts.items():
        chart = Chart(title, "minutes", unit)
        for label, column in columns.items():
            chart.add(label, thinned(ledger.series(column, only_base=column not in ("late_ms", "recovery_ms"))))
        if (svg := chart.svg()) is not None:
            (ledger.results / f"soak-{name}.svg").write_text(svg, encoding="utf-8")
