# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens in a show: one function for each kind of event. Each waits for the state that it wants, never for a time."""

import os
import signal
import time

from world import Stuck, children_of, until

DAY_SECONDS = 24 * 3600
SECOND_SINK = ("{ factory.name=support.null-audio-sink node.name=second-sink media.class=Audio/Sink audio.format=F32P audio.rate=48000 audio.channels=2"
               " audio.position=[ FL FR ] object.linger=true adapter.auto-port-config={ mode=dsp monitor=true position=preserve } }")


class Show:
    """A session, its server and its preset, driven by a generator of random numbers."""

    def __init__(self, server, session, preset, random):
        self.server, self.session, self.preset, self.random = server, session, preset, random
        self.split, self.recoveries_ms, self.turnable = 0, [], None

    # states

    def settled(self):
        """All nodes run, all links of the preset are made, and it plays."""
        status = self.session.status()
        return (status["transport"]["state"] == "playing" and all(node["state"] == "running" for node in status["nodes"])
                and bool(status["links"]) and all(link["state"] == "made" for link in status["links"]))

    def has_node(self, name):
        return any(node["name"] == name for node in self.session.status()["nodes"])

    def helpers(self):
        return children_of(self.session.process.pid)

    def back_to_base(self):
        """As it was at the beginning, but for parameters that were turned: only so figures can be compared."""
        if not self.preset.is_base():
            self.edit_and_wait(self.preset.back_to_base)
        self.session.call("loop", off=True)
        until("a show that is whole again", self.settled)

    # what a person does at the transport

    def seek(self):
        place = self.random.uniform(0, DAY_SECONDS)
        reached = self.session.call("seek", to=place)["seconds"]
        if not place - 1 < reached < place + 60:
            raise Stuck(f"seek to {place:.2f} s: it is at {reached:.2f} s")

    def seek_fast(self):
        for _ in range(8):
            self.seek()

    def pause(self):
        self.session.call("pause")
        self.session.call("start")

    def loop(self):
        begin = self.random.uniform(0, 3600)
        self.session.call("loop", **{"from": begin, "to": begin + self.random.uniform(0.2, 3)})
        self.session.call("seek", to=begin)
        self.session.call("loop", off=True)

    # parameters and the preset's file

    def turn(self):
        if self.turnable is None:
            every = self.session.call("list")["parameters"]
            self.turnable = [each for each in every if each["address"].split(".")[0] in ("drums", "bass", "mix", "hall", "master", "tone") and each.get("maximum") is not None]
        for each in self.random.sample(self.turnable, min(12, len(self.turnable))):
            low = each["minimum"] if each.get("minimum") is not None else -60
            value = self.random.uniform(low, each["maximum"])
            self.session.call("set", address=each["address"], value=round(value) if each["unit"] is None else value)

    def edit_and_wait(self, edit, sign="took over"):
        before = len(self.session.said())
        edit()
        until(f"'{sign}' after an edit of the preset", lambda: sign in self.session.said(before))

    def edit_gain(self):
        gain = self.random.choice([each for each in range(-30, 0) if each != self.preset.gain])

        def edit():
            self.preset.gain = gain
            self.preset.save()
        self.edit_and_wait(edit)

    def edit_room(self):
        self.edit_field("room", "large" if self.preset.room == "small" else "small")

    def edit_chain(self):
        self.edit_field("more_units", not self.preset.more_units)

    def edit_track(self):
        self.edit_field("flute", not self.preset.flute)

    def edit_guest(self):
        self.edit_field("guest", self.random.choice([each for each in (None, "track", "effects") if each != self.preset.guest]))

    def edit_field(self, field, value):
        def edit():
            setattr(self.preset, field, value)
            self.preset.save()
        self.edit_and_wait(edit)
        until("a show that is whole after an edit", self.settled)

    def edit_wrongly(self):
        self.edit_and_wait(lambda: self.preset.write(self.preset.text().replace("limiter", "limitre")), "what plays goes on")
        self.preset.save()

    # what others do on the graph

    def repatch(self):
        cut = ("show.tone:output_FL", "show.mix:tone_FL")
        drawn = ("show.tone:output_FR", "null-sink:playback_FL")
        self.link("-d", cut, False)
        self.link("-L", drawn, True)
        self.link("-L", cut, True)
        self.link("-d", drawn, False)
        until("links as the preset has them", self.settled)

    def link(self, option, ends, wanted):
        def done():
            if ((ends in self.server.links()) == wanted):
                return True
            self.server.run("pw-link", *([option] if option == "-d" else []), *ends)
            return False
        until(f"link {ends} {'made' if wanted else 'cut'}", done)

    def device(self):
        self.server.run("pw-cli", "create-node", "adapter", SECOND_SINK)
        until("a second sink", lambda: self.server.node_id("second-sink") is not None)
        self.make_default("second-sink")
        self.server.run("pw-cli", "destroy", self.server.node_id("second-sink"))
        self.make_default("null-sink")
        until("a show that is whole after a device went", self.settled)

    def make_default(self, sink):
        self.server.run("pw-metadata", "0", "default.audio.sink", f'{{ "name": "{sink}" }}', "Spa:String:JSON")
        until(f"links to {sink}", lambda: ("show.master:output_FL", f"{sink}:playback_FL") in self.server.links())

    def restart_server(self):
        self.server.kill()
        until("a session that notices", lambda: not self.settled())
        self.server.begin()
        begun = time.monotonic()
        until("a show that is whole after a restart of the server", self.settled)
        self.recoveries_ms.append(1e3 * (time.monotonic() - begun))

    def kill_helper(self):
        # After an edit the old process lives on until it has been faded out.
        before = until("the one process of the isolated node", lambda: len(self.helpers()) == 1 and self.helpers())
        os.kill(before[0], signal.SIGKILL)
        until("another process of the isolated node", lambda: self.helpers() and not set(self.helpers()) & set(before))
        until("a show that is whole after a process died", self.settled)

    # recording and asking

    def take(self):
        folder = self.preset.path.parent / "takes"
        before = set(folder.glob("take-*"))
        self.session.call("set", address="takes.record", value=True)
        new = until("the file of a take", lambda: set(folder.glob("take-*")) - before)
        until("a take that grows", lambda: all(path.stat().st_size > 1000 for path in new))
        self.session.call("set", address="takes.record", value=False)

    def ask(self):
        """As the commands do: a connection for each question."""
        for method in ("status", "meters", "list", "help"):
            if not self.session.connect():
                raise Stuck("the control socket is closed")
            self.session.call(method)

    def save(self):
        self.session.call("save")

    def split_ledger(self):
        self.split += 1
        self.session.call("set", address="ledger.split", value=self.split)


# How often each comes in a round, whose order is shuffled.
ROUND = {"seek": 4, "seek_fast": 1, "pause": 2, "loop": 2, "turn": 6, "edit_gain": 2, "edit_room": 1, "edit_chain": 1, "edit_track": 1, "edit_guest": 2,
         "edit_wrongly": 1, "repatch": 1, "device": 1, "restart_server": 1, "kill_helper": 1, "take": 2, "ask": 2, "save": 1}
