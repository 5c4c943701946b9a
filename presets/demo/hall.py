#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Computes the impulse responses of two rooms that do not exist, and writes them as 24-bit FLAC at 48 kHz.

    hall.flac      a concert hall, one source and two microphones: stereo, 2 s
    chamber.flac   a small chamber, two sources and two microphones: true stereo in four channels
                   (left to left, left to right, right to left, right to right), 0.5 s

Early reflections come from the image-source model (Allen and Berkley, J. Acoust. Soc. Am. 65, 1979): the room is
mirrored at its walls, and each mirrored source is heard at its distance. The late sound is Gaussian noise that
decays in each octave band with that band's own reverberation time (Moorer, Computer Music Journal 3(2), 1979), different
for each path. The direct sound is left out: it is what the dry signal is; time 0 is when it would arrive.
"""

import itertools
import math
import random
import subprocess
import sys
from dataclasses import dataclass

RATE_HZ = 48000
SPEED_OF_SOUND = 343.0  # m/s, at 20 degrees Celsius
BAND_EDGES_HZ = [177, 354, 707, 1414, 2828, 5657]  # between the octaves around 125 Hz … 8 kHz


@dataclass
class Room:
    name: str
    size_m: tuple
    sources_m: list
    microphones_m: list
    decay_s: list  # reverberation time T60 in each octave band, from 125 Hz to 8 kHz
    seconds: float

    def volume(self):
        return math.prod(self.size_m)

    def surface(self):
        x, y, z = self.size_m
        return 2 * (x * y + y * z + z * x)

    def mixing_time(self):
        """When reflections have become so dense that they are noise: √V milliseconds (Polack, Applied Acoustics 38, 1993)."""
        return math.sqrt(self.volume()) / 1000

    def reflection(self, decay_s):
        """What a wall leaves of a sound's amplitude, from the decay time by Eyring's formula (1930)."""
        return math.exp(-0.161 * self.volume() / (self.surface() * decay_s) / 2)


HALL = Room("hall", (31.0, 19.0, 13.0), [(6.2, 8.9, 1.5)], [(16.0, 9.2, 3.1), (16.0, 10.1, 3.1)],
            [2.1, 1.95, 1.8, 1.65, 1.4, 1.1, 0.8], 2.0)
CHAMBER = Room("chamber", (7.3, 5.1, 3.2), [(2.0, 1.7, 1.3), (2.0, 3.5, 1.3)], [(5.1, 2.4, 1.7), (5.1, 2.8, 1.7)],
               [0.5, 0.5, 0.46, 0.42, 0.38, 0.32, 0.25], 0.5)


def image_positions(room, source, reach_m):
    """Every mirrored source within `reach_m` along each axis, with its number of reflections; the real one is not among them."""
    axes = []
    for size, place in zip(room.size_m, source):
        count = math.ceil(reach_m / (2 * size)) + 1
        axes.append([(2 * n * size + sign * place, abs(2 * n - (sign < 0)))
                     for n in range(-count, count + 1) for sign in (1, -1)])
    for combination in itertools.product(*axes):
        reflections = sum(number for _, number in combination)
        if reflections:
            yield tuple(place for place, _ in combination), reflections


def early(room, source, microphone, reflection, until_s):
    """The image sources' pulses for one path and one band; each falls between two frames in proportion."""
    out = [0.0] * round(room.seconds * RATE_HZ)
    direct = math.dist(source, microphone)
    for place, reflections in image_positions(room, source, direct + until_s * SPEED_OF_SOUND):
        distance = math.dist(place, microphone)
        frame = (distance - direct) / SPEED_OF_SOUND * RATE_HZ
        if frame >= until_s * RATE_HZ:
            continue
        whole = int(frame)
        pressure = reflection**reflections * direct / distance
        out[whole] += pressure * (1 - (frame - whole))
        out[whole + 1] += pressure * (frame - whole)
    return out


def late(room, decay_s, noise, begins_s):
    """Noise that fades in until the mixing time and decays by 60 dB in `decay_s`."""
    rise = room.mixing_time() - begins_s
    per_frame = math.log(1000) / (decay_s * RATE_HZ)
    return [sample * math.exp(-per_frame * frame) * min(1.0, max(0.0, (frame / RATE_HZ - begins_s) / rise))
            for frame, sample in enumerate(noise)]


def low_pass(signal, cutoff_hz):
    """Second-order Butterworth low-pass (bilinear transform; Bristow-Johnson, Audio EQ Cookbook, LPF with Q = 1/√2)."""
    w = 2 * math.pi * cutoff_hz / RATE_HZ
    alpha = math.sin(w) / math.sqrt(2)
    a0 = 1 + alpha
    b = (1 - math.cos(w)) / 2 / a0
    a1, a2 = -2 * math.cos(w) / a0, (1 - alpha) / a0
    s1 = s2 = 0.0
    out = []
    for x in signal:
        y = b * x + s1
        s1 = 2 * b * x - a1 * y + s2
        s2 = b * x - a2 * y
        out.append(y)
    return out


def band_of(signal, band):
    """One octave band: the bands of a signal sum up to the signal, because each is the difference of two low-passes."""
    upper = low_pass(signal, BAND_EDGES_HZ[band]) if band < len(BAND_EDGES_HZ) else signal
    if band == 0:
        return upper
    return [a - b for a, b in zip(upper, low_pass(signal, BAND_EDGES_HZ[band - 1]))]


def level(signal, from_s, to_s):
    part = signal[round(from_s * RATE_HZ):round(to_s * RATE_HZ)]
    return math.sqrt(sum(x * x for x in part) / len(part))


def path(room, source, microphone, chance):
    """The response from one source to one microphone."""
    mixing = room.mixing_time()
    noise = [chance.gauss(0, 1) for _ in range(round(room.seconds * RATE_HZ))]
    total = [0.0] * len(noise)
    for band, decay_s in enumerate(room.decay_s):
        reflections = band_of(early(room, source, microphone, room.reflection(decay_s), 1.5 * mixing), band)
        decaying = band_of(late(room, decay_s, noise, 0.25 * mixing), band)
        # The noise takes over at the loudness that the image sources have reached around the mixing time.
        gain = level(reflections, 0.75 * mixing, 1.25 * mixing) / level(decaying, 0.75 * mixing, 1.25 * mixing)
        for frame, pulse in enumerate(reflections):
            leaves = min(1.0, max(0.0, (1.5 * mixing - frame / RATE_HZ) / (0.5 * mixing)))
            total[frame] += pulse * leaves + decaying[frame] * gain * math.sqrt(1 - leaves * leaves)
    return total


def finish(channels):
    """Fades the last tenth out and scales so that noise comes out as loud as it went in: a mean energy of 1 for each path."""
    frames = len(channels[0])
    fade = [min(1.0, (frames - frame) / (0.1 * frames)) for frame in range(frames)]
    faded = [[x * f for x, f in zip(channel, fade)] for channel in channels]
    gain = 1 / math.sqrt(sum(x * x for channel in faded for x in channel) / len(faded))
    return [[x * gain for x in channel] for channel in faded]


def write_flac(channels, target):
    """24 bits, rounded; handed to the encoder as bare samples."""
    data = b"".join(round(sample * (2**23 - 1)).to_bytes(3, "little", signed=True) for frame in zip(*channels) for sample in frame)
    subprocess.run(["flac", "--silent", "--force", "--best", "--no-padding", "--force-raw-format", "--endian=little", "--sign=signed",
                    f"--channels={len(channels)}", "--bps=24", f"--sample-rate={RATE_HZ}", "-o", target, "-"],
                   input=data, check=True)


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else "ir"
    for room in (HALL, CHAMBER):
        chance = random.Random(room.name)
        paths = [path(room, source, microphone, chance) for source in room.sources_m for microphone in room.microphones_m]
        write_flac(finish(paths), f"{folder}/{room.name}.flac")


if __name__ == "__main__":
    main()
