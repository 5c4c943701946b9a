# SPDX-License-Identifier: GPL-3.0-or-later
"""What is played: the stems, and the preset's text, which the show edits."""

import array
import math
import os
import random
import shutil
import subprocess
import sys
import wave
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent
RATE = 48000
STEM_SECONDS = 40
COPIES = 8  # of one stem, half of them inverted
LEVEL = 0.25 * 2**23


def write_wav(path, samples):
    """One channel of 24 bits."""
    data = array.array("i", (int(sample) * 256 for sample in samples))
    if sys.byteorder == "big":
        data.byteswap()
    whole = data.tobytes()
    packed = bytearray(3 * len(data))
    for byte in range(3):
        packed[byte::3] = whole[byte + 1::4]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(3)
        file.setframerate(RATE)
        file.writeframes(bytes(packed))


def write_material(folder):
    """The noise and its inverse, each as WAV and as FLAC, two rooms, and the stems of the demo."""
    generator = random.Random(1)
    noise = [generator.uniform(-LEVEL, LEVEL) for _ in range(STEM_SECONDS * RATE)]
    write_wav(folder / "up.wav", noise)
    write_wav(folder / "down.wav", (-int(sample) for sample in noise))
    for name in ("up", "down"):
        subprocess.run(["ffmpeg", "-v", "error", "-i", folder / f"{name}.wav", "-c:a", "flac", folder / f"{name}.flac"], stdin=subprocess.DEVNULL, check=True)
    for room, seconds in (("small", 0.4), ("large", 1.5)):
        frames = int(seconds * RATE)
        write_wav(folder / f"{room}.wav", (0.05 * generator.uniform(-LEVEL, LEVEL) * math.exp(-6.9 * i / frames) for i in range(frames)))
    shutil.copytree(REPOSITORY / "presets" / "demo" / "stems", folder / "stems")


class Preset:
    """The preset's file and what an edit can change in it."""

    def __init__(self, path):
        self.path = Path(path)
        self.gain, self.room, self.more_units, self.guest, self.flute = -6, "small", False, None, True
        self.save()

    def text(self):
        guest = {None: "", "track": "  guest: { type: track, file: stems/keys.ogg, loop: true, gain: -20 dB }\n",
                 "effects": "  guest: { type: effects, channels: stereo, chain: [ delay: { time: 90 ms, mix: 20 % } ] }\n"}[self.guest]
        wire = {None: "", "track": "  - guest -> mix:keys\n", "effects": "  - drums -> guest -> mix:keys\n"}[self.guest]
        flute = "  flute: { type: track, file: stems/flute.flac, loop: true, buffer: 500 ms }\n" if self.flute else ""
        flute_wire = "  - flute -> mix:keys\n" if self.flute else ""
        more = "      - gate: { threshold: -70 dB }\n" if self.more_units else ""
        copies = "".join(f"  copy{i}: {{ type: track, loop: true, file: {'down' if i % 2 else 'up'}.{'flac' if i % 4 > 1 else 'wav'} }}\n" for i in range(COPIES))
        channels = "".join(f" copy{i}: {{ layout: mono, pan: C }}," for i in range(COPIES))
        copy_links = "".join(f"  - copy{i} -> sum:copy{i}\n" for i in range(COPIES))
        return f"""stemwire: 1
name: show
nodes:
{copies}  sum: {{ type: mixer, buses: {{ main: mono }}, channels: {{{channels} }} }}
  ledger: {{ type: recorder, file: takes/ledger-%t.wav, samples: f32, when: always }}
  drums: {{ type: track, file: stems/drums.opus, loop: true }}
  bass: {{ type: track, file: stems/bass.flac, loop: true, gain: {self.gain} dB }}
{flute}{guest}  tone: {{ type: generator, signal: pink, level: -40 dB, channels: stereo }}
  mix:
    type: mixer
    buses: {{ main: stereo, send: stereo }}
    channels:
      drums: {{ to: {{ main: -6 dB, send: -20 dB }} }}
      bass: {{ layout: stereo, gain: -6 dB }}
      keys: {{ layout: stereo, to: {{ main: -9 dB, send: -14 dB }} }}
      tone: {{ layout: stereo, to: {{ main: off, send: -30 dB }} }}
  hall: {{ type: reverb, impulse: {self.room}.wav, dry: off, isolate: true }}
  master:
    type: effects
    chain:
      - eq: {{ bands: [ {{ type: peak, frequency: 3.2 kHz, gain: 1.5 dB }} ] }}
{more}      - compressor: {{ threshold: -18 dB, ratio: 2 }}
      - limiter: {{ ceiling: -1 dB }}
  takes: {{ type: recorder, file: takes/take-%t.wav, samples: s24, when: manual }}
external:
  speakers: {{ sink: default }}
links:
{copy_links}  - sum -> ledger
  - drums -> mix:drums
  - bass -> mix:bass
  - tone -> mix:tone
{flute_wire}{wire}  - mix:main -> master -> speakers
  - mix:send -> hall -> speakers
  - master -> takes
"""

    def save(self):
        self.write(self.text())

    def write(self, text):
        """As editors do: beside it, then over it."""
        beside = self.path.with_suffix(".new")
        beside.write_text(text, encoding="utf-8")
        os.replace(beside, self.path)

    def is_base(self):
        return (self.room, self.more_units, self.guest, self.flute) == ("small", False, None, True)

    def back_to_base(self):
        self.room, self.more_units, self.guest, self.flute = "small", False, None, True
        self.save()
