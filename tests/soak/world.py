# SPDX-License-Identifier: GPL-3.0-or-later
"""What the soak runs: a PipeWire that dies and comes back, a session in it, and what is asked of both."""

import ctypes
import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
GIVE_UP_SECONDS = 30.0
PR_SET_PDEATHSIG = 1


class Stuck(Exception):
    """A state that did not come."""


def until(what, so, seconds=GIVE_UP_SECONDS, every=0.02):
    """Waits for a state; returns what `so` returned."""
    give_up = time.monotonic() + seconds
    while not (found := so()):
        if time.monotonic() > give_up:
            raise Stuck(f"{what}: not within {seconds:g} s")
        time.sleep(every)
    return found


def start(words, world, log):
    """A program in a group of its own, so that Ctrl-C reaches us alone, and which does not outlive us."""
    def in_child():
        os.setsid()
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    return subprocess.Popen([str(word) for word in words], env=world.environment, cwd=world.folder, stdin=subprocess.DEVNULL,
                            stdout=log, stderr=log, preexec_fn=in_child)


class Server:
    """A PipeWire of our own."""

    def __init__(self, world):
        self.world = world
        self.socket = world.folder / "pipewire-0"
        self.process = None
        self.log = open(world.results / "pipewire.log", "ab")

    def begin(self):
        self.process = start(["pipewire", "-c", HERE / "pipewire.conf"], self.world, self.log)
        until("a PipeWire that answers", self.answers, every=0.005)

    def answers(self):
        if self.process.poll() is not None:
            raise Stuck("PipeWire ended by itself: see pipewire.log")
        with socket.socket(socket.AF_UNIX) as client:
            return client.connect_ex(str(self.socket)) == 0

    def kill(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
        if self.process is not None:
            self.process.wait()

    def run(self, *words):
        """One of PipeWire's programs; its output."""
        done = subprocess.run([str(word) for word in words], env=self.world.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=GIVE_UP_SECONDS, check=False)
        return done.stdout

    def links(self):
        """Every link, as (output port, input port)."""
        found, output = set(), ""
        for line in self.run("pw-link", "-l").splitlines():
            if line.startswith("  |-> "):
                found.add((output, line[6:]))
            elif not line.startswith(" "):
                output = line
        return found

    def node_id(self, name):
        try:  # what changes meanwhile is a second list behind the first
            every, _ = json.JSONDecoder().raw_decode(self.run("pw-dump"))
        except ValueError:
            return None
        for each in every:
            if each.get("type") == "PipeWire:Interface:Node" and each["info"]["props"].get("node.name") == name:
                return each["id"]
        return None


class Session:
    """`stemwire run` and a connection to its control socket."""

    def __init__(self, world, program, preset):
        self.world = world
        self.program = program
        self.log_path = world.results / "session.log"
        self.log = open(self.log_path, "ab")
        self.process = start([program, "run", "--remote", world.folder / "pipewire-0", preset], world, self.log)
        self.socket_path = world.folder / "stemwire" / f"{Path(preset).stem}.sock"
        self.connection, self.lines, self.latest_id = None, None, 0

    def connect(self):
        if self.process.poll() is not None:
            raise Stuck(f"the session ended with status {self.process.returncode}: see session.log")
        self.close()
        self.connection = socket.socket(socket.AF_UNIX)
        if self.connection.connect_ex(str(self.socket_path)) != 0:
            self.close()
            return False
        self.connection.settimeout(GIVE_UP_SECONDS)
        self.lines = self.connection.makefile("r", encoding="utf-8")
        return True

    def close(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def call(self, method, **parameters):
        """The result; Stuck where it is an error, or none comes."""
        self.latest_id += 1
        request = {"jsonrpc": "2.0", "id": self.latest_id, "method": method, "params": parameters}
        try:
            self.connection.sendall((json.dumps(request) + "\n").encode())
            answer = json.loads(self.lines.readline() or "null")
        except (OSError, ValueError) as error:
            raise Stuck(f"{method}: {error}") from error
        if answer is None:
            raise Stuck(f"{method}: the session hung up")
        if "error" in answer:
            raise Stuck(f"{method} {parameters}: {answer['error'].get('message')}")
        return answer["result"]

    def status(self):
        return self.call("status")

    def said(self, after=0):
        with open(self.log_path, "rb") as log:
            log.seek(after)
            return log.read().decode(errors="replace")

    def end(self):
        """Ends it as Ctrl-C does; its exit status, or None where it had to be killed."""
        if self.process.poll() is not None:
            return self.process.returncode
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(GIVE_UP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None


class World:
    """One folder that holds the sockets, the preset and the stems, and one for the results."""

    def __init__(self, folder, results):
        self.folder, self.results = Path(folder), Path(results)
        self.environment = dict(os.environ, XDG_RUNTIME_DIR=str(folder), PIPEWIRE_REMOTE=str(self.folder / "pipewire-0"), LC_ALL="C.UTF-8")
        self.environment.pop("PIPEWIRE_RUNTIME_DIR", None)


def children_of(pid):
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def figures(pid):
    """Resident memory in KiB, descriptors, threads; None of a process that is gone."""
    try:
        lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        return int(lines["VmRSS"].split()[0]), len(os.listdir(f"/proc/{pid}/fd")), int(lines["Threads"])
    except (OSError, KeyError):
        return None
