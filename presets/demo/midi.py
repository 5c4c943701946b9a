# SPDX-License-Identifier: GPL-3.0-or-later
"""Standard MIDI files, format 0: just enough to hand a part to a synthesiser."""

import random
import struct

TICKS_PER_BEAT = 960

NOTE_OFF, NOTE_ON, CONTROL, PROGRAM = 0x80, 0x90, 0xB0, 0xC0
MODULATION, EXPRESSION = 1, 11
DRUM_CHANNEL = 9


def variable_length(number):
    """The format's own way to write a number: seven bits a byte, the highest first (Standard MIDI Files 1.0, p. 2)."""
    septets = [number & 0x7F]
    while number := number >> 7:
        septets.append(number & 0x7F | 0x80)
    return bytes(reversed(septets))


class Part:
    """What one player plays. Positions and lengths are in beats from the start of the piece, loudness is 0 … 1."""

    def __init__(self, name, program, beats_per_minute, channel=0, behind_ms=0.0, loose_ms=4.0):
        """`behind_ms`: how far this player lies behind the beat; `loose_ms`: standard deviation of the timing."""
        self.name = name
        self.channel = channel
        self.beats_per_minute = beats_per_minute
        self.behind = behind_ms * beats_per_minute / 60000
        self.loose = loose_ms * beats_per_minute / 60000
        self.chance = random.Random(name)  # the same performance each time
        self.events = [(0, bytes([PROGRAM | channel, program]))]

    def play(self, beat, length, pitch, loudness, spread=0.04):
        """One note, with a human's small errors in time and loudness."""
        start = max(0.0, beat + self.behind + self.chance.gauss(0, self.loose))
        loudness *= 1 + self.chance.gauss(0, spread)
        self._add(start, NOTE_ON, pitch, min(127, max(1, round(127 * loudness))))
        self._add(start + length, NOTE_OFF, pitch, 64)

    def chord(self, beat, length, pitches, loudness, roll=0.0):
        """Several notes, the lowest first, each `roll` beats after the one below; the top a little louder."""
        for index, pitch in enumerate(pitches):
            accent = 1.1 if index == len(pitches) - 1 else 1.0
            self.play(beat + index * roll, length - index * roll, pitch, loudness * accent)

    def control(self, beat, controller, value):
        self._add(beat, CONTROL, controller, min(127, max(0, round(127 * value))))

    def sweep(self, controller, points, step=0.125):
        """Moves a controller along straight lines through `points`: (beat, value 0 … 1)."""
        for (from_beat, from_value), (to_beat, to_value) in zip(points, points[1:]):
            steps = max(1, round((to_beat - from_beat) / step))
            for i in range(steps):
                self.control(from_beat + i * step, controller, from_value + (to_value - from_value) * i / steps)
        self.control(points[-1][0], controller, points[-1][1])

    def write(self, folder):
        """Writes `folder`/NAME.mid."""
        body = self._meta(0x03, self.name.encode()) + self._meta(0x51, round(6e7 / self.beats_per_minute).to_bytes(3, "big"))
        now = 0
        # At the same tick a note ends before the next begins: the same pitch may be struck again.
        for tick, message in sorted(self.events, key=lambda event: (event[0], event[1][0] & 0xF0 != NOTE_OFF)):
            body += variable_length(tick - now) + message
            now = tick
        body += self._meta(0x2F, b"")
        with open(f"{folder}/{self.name}.mid", "wb") as file:
            file.write(b"MThd" + struct.pack(">IHHH", 6, 0, 1, TICKS_PER_BEAT))
            file.write(b"MTrk" + struct.pack(">I", len(body)) + body)

    def _add(self, beat, kind, first, second):
        self.events.append((max(0, round(beat * TICKS_PER_BEAT)), bytes([kind | self.channel, first, second])))

    @staticmethod
    def _meta(kind, data):
        return bytes([0, 0xFF, kind]) + variable_length(len(data)) + data
