#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes "Sixteen Bars", a small bossa nova in F, as one MIDI file for each stem.

    bars  1 –  4   intro: guitar and electric piano, shaker; the bass walks in
    bars  5 –  8   A: the flute's theme
    bars  9 – 12   B: strings and choir join, the theme climbs
    bars 13 – 16   A again, a side-step (Gb for C), and home

120 beats per minute: a bar lasts 2 s, so that 8 s, 16 s and 24 s are where the sections begin.
"""

import sys

from harmony import BARS, BEATS_PER_MINUTE, CHORDS, HALVES, PITCH_CLASSES, at, chord_at, pitch_near, voicings
from midi import DRUM_CHANNEL, EXPRESSION, MODULATION, Part

# General MIDI programs, counted from 0, and keys of its drum kit.
NYLON_GUITAR, ELECTRIC_PIANO, ACOUSTIC_BASS, STRINGS, CHOIR, FLUTE, REVERSE_CYMBAL = 24, 4, 32, 48, 53, 73, 119
KICK, CROSS_STICK, SNARE, LOW_TOM, MID_TOM, HIGH_TOM = 36, 37, 38, 45, 47, 50
CLOSED_HAT, PEDAL_HAT, RIDE, RIDE_BELL, CRASH, SHAKER, CLAVES, TRIANGLE = 42, 44, 51, 53, 49, 82, 75, 81

# The arc of the whole piece: (bar, how loud everyone plays).
ARC = [(1, 0.7), (4, 0.76), (5, 0.8), (8, 0.86), (9, 0.92), (11, 1.0), (13, 0.9), (15, 0.86), (16, 0.8), (17, 0.7)]

# The flute's line: bar, then (beat, length, note). Notes that lie across the beat are written where they begin.
THEME = {
    4: [(2.5, 0.45, "C5"), (3, 0.45, "E5"), (3.5, 0.5, "G5")],
    5: [(0, 1.45, "A5"), (1.5, 0.45, "G5"), (2, 0.95, "E5"), (3, 0.9, "C5")],
    6: [(0, 1.4, "D5"), (1.5, 0.45, "G5"), (2, 0.95, "Bb5"), (3, 0.45, "A5"), (3.5, 0.45, "G5")],
    7: [(0, 1.45, "F5"), (1.5, 0.45, "E5"), (2, 1.2, "A4"), (3.5, 0.4, "C5")],
    8: [(0, 0.95, "Eb5"), (1, 0.45, "G5"), (1.5, 0.9, "D5"), (2.5, 0.45, "C5"), (3, 0.45, "D5"), (3.5, 0.45, "Eb5")],
    9: [(0, 0.48, "D5"), (0.5, 0.48, "F5"), (1, 0.48, "A5"), (1.5, 1.45, "C6"), (3, 0.9, "A5")],
    10: [(0, 1.45, "Db6"), (1.5, 0.48, "C6"), (2, 0.48, "Bb5"), (2.5, 1.3, "G5")],
    11: [(0, 0.95, "C6"), (1, 0.48, "A5"), (1.5, 0.98, "G5"), (2.5, 0.48, "F#5"), (3, 0.48, "A5"), (3.5, 0.45, "Eb5")],
    12: [(0, 0.95, "D5"), (1, 0.48, "F5"), (1.5, 0.98, "A5"), (2.5, 0.48, "E5"), (3, 0.48, "G5"), (3.5, 0.5, "Bb5")],
    13: [(0, 1.45, "A5"), (1.5, 0.45, "G5"), (2, 0.95, "E5"), (3, 0.9, "C5")],
    14: [(0, 1.4, "F5"), (1.5, 0.45, "E5"), (2, 0.95, "A5"), (3, 0.45, "G5"), (3.5, 0.45, "F5")],
    15: [(0, 0.95, "D5"), (1, 0.48, "F5"), (1.5, 0.95, "Bb5"), (2.5, 1.5, "Ab5")],
    16: [(0, 2.6, "A5")],
}

# The choir from bar 9 on, two notes a bar: what turns the harmony from one chord into the next.
CHOIR_LINES = [
    "D5 D5 | Db5 Db5 | C5 C5  | D5 Db5 | C5 C5 | C5 B4 | D5 Db5  | C5",
    "A4 A4 | Ab4 G4  | G4 F#4 | A4 A4  | G4 G4 | A4 A4 | Bb4 Bb4 | A4",
    "F4 F4 | F4 F4   | E4 Eb4 | F4 E4  | E4 E4 | E4 F4 | G4 F4   | G4",
]


def dynamic(beat):
    """How loud everyone plays at this beat, along the arc."""
    bar = beat / 4 + 1
    for (from_bar, low), (to_bar, high) in zip(ARC, ARC[1:]):
        if bar < to_bar:
            return low + (high - low) * (bar - from_bar) / (to_bar - from_bar)
    return ARC[-1][1]


def part(name, program, **manner):
    return Part(name, program, BEATS_PER_MINUTE, **manner)


def eighths(first_bar, last_bar):
    """Every eighth note of these bars: its position in the piece, and 0 … 7 within its bar."""
    return [(at(bar, i / 2), i) for bar in range(first_bar, last_bar + 1) for i in range(8)]


def drums():
    kit = part("drums", 0, channel=DRUM_CHANNEL, loose_ms=3)
    shake(kit)
    clave(kit)
    for beat, i in eighths(5, 15):
        if i in (0, 3, 4, 7):  # the surdo's heartbeat: on the beat, and just before it
            kit.play(beat, 0.2, KICK, dynamic(beat) * (0.8 if i in (0, 4) else 0.62))
    ride_and_hat(kit)
    fills(kit)
    kit.play(at(16), 0.5, KICK, 0.7)
    kit.play(at(16), 3, CRASH, 0.42)
    kit.play(at(16), 2, TRIANGLE, 0.5)
    return kit


def shake(kit):
    """Sixteenths, leaning on the eighths before the beat: the hand goes forward and back."""
    accents = [0.62, 0.3, 0.42, 0.36]
    for bar in range(1, 16):
        for i in range(16):
            beat = at(bar, i / 4)
            late = 0.015 if i % 2 else 0.0
            kit.play(beat + late, 0.1, SHAKER, dynamic(beat) * accents[i % 4] * 0.85, spread=0.1)


def clave(kit):
    """The bossa clave, two bars long, on the rim of the snare; in the intro it only answers."""
    for bar in range(3, 16):
        for i in ([0, 3, 6] if bar % 2 else [2, 5]):
            beat = at(bar, i / 2)
            kit.play(beat, 0.2, CROSS_STICK, dynamic(beat) * (0.58 if bar > 4 else 0.42))


def ride_and_hat(kit):
    for beat, i in eighths(5, 15):
        open_section = at(9) <= beat < at(13)
        accent = 0.5 if i % 2 == 0 else 0.34
        if open_section:
            kit.play(beat, 0.3, RIDE_BELL if i == 0 else RIDE, dynamic(beat) * accent * 0.9, spread=0.08)
        else:
            kit.play(beat, 0.1, CLOSED_HAT, dynamic(beat) * accent, spread=0.08)
        if i in (2, 6):
            kit.play(beat, 0.1, PEDAL_HAT, dynamic(beat) * 0.4)


def fills(kit):
    kit.play(at(1), 2, TRIANGLE, 0.5)
    kit.play(at(3), 2, TRIANGLE, 0.45)
    kit.play(at(5), 2, RIDE, 0.45)
    kit.play(at(9), 3, CRASH, 0.5)
    kit.play(at(13), 2, RIDE, 0.55)
    for beat, drum, loudness in [
            (at(4, 3), MID_TOM, 0.35), (at(4, 3.5), LOW_TOM, 0.42),
            (at(8, 2.5), SNARE, 0.34), (at(8, 3), HIGH_TOM, 0.46), (at(8, 3.25), HIGH_TOM, 0.38),
            (at(8, 3.5), MID_TOM, 0.5), (at(8, 3.75), LOW_TOM, 0.55),
            (at(12, 3), SNARE, 0.4), (at(12, 3.25), SNARE, 0.3), (at(12, 3.5), SNARE, 0.48),
            (at(15, 3), HIGH_TOM, 0.44), (at(15, 3.5), LOW_TOM, 0.52)]:
        kit.play(beat, 0.3, drum, loudness)
    for bar in range(9, 13):  # ghost notes keep the open section moving
        for i in (3, 7, 10):
            kit.play(at(bar, i / 4), 0.1, SNARE, 0.12, spread=0.15)


def bass():
    player = part("bass", ACOUSTIC_BASS, behind_ms=6, loose_ms=3)
    for half, name in enumerate(HALVES[:-2]):
        beat = half * 2.0
        root, companion, _ = CHORDS[name]
        root_pitch = pitch_near(root, 36)
        loudness = dynamic(beat) * 0.72
        if beat < at(3):  # only the first note of a chord, long
            if name != chord_at(beat - 2) or beat == 0:
                player.play(beat, 3.8 if HALVES[half + 1] == name else 1.9, root_pitch, loudness)
            continue
        held = half % 2 == 1 and name == HALVES[half - 1]
        player.play(beat, 1.35, pitch_near(companion, 38) if held else root_pitch, loudness)
        player.play(beat + 1.5, 0.4, approach(name, HALVES[half + 1], root_pitch), loudness * 0.82)
    player.play(at(16), 3.2, pitch_near("F", 29), 0.74)
    player.play(at(16, 1.5), 2.2, pitch_near("C", 36), 0.4)
    return player


def approach(name, following, root_pitch):
    """The last eighth before a chord: the root again while the chord stays, else a semitone above the next root."""
    if following == name:
        return root_pitch
    target = pitch_near(CHORDS[following][0], 36)
    return target + 1 if root_pitch > target else target - 1


def guitar():
    """A chord every dotted quarter, against the bass, anticipating the next bar with the last one."""
    player = part("guitar", NYLON_GUITAR, behind_ms=2, loose_ms=5)
    led = voicings([55, 60, 64, 67], 50, 72)
    for beat, i in eighths(1, 15):
        bar = int(beat // 4) + 1
        if i not in ([0, 3, 6] if bar % 2 else [1, 4, 7]):
            continue
        voicing = led[int((beat + 0.5) // 2)]
        player.chord(beat, 0.7 if i in (3, 4) else 1.2, voicing, dynamic(beat) * (0.6 if i in (0, 4) else 0.52), roll=0.018)
    player.chord(at(16), 3.4, [53, 57, 62, 67, 72], 0.58, roll=0.07)
    return player


def keys():
    player = part("keys", ELECTRIC_PIANO, behind_ms=4)
    led = voicings([57, 62, 65, 72], 57, 77)
    for half, name in enumerate(HALVES[:-2]):
        beat = half * 2.0
        if beat < at(5):  # one voice after another, the highest struck last and twice
            for i, pitch in enumerate(led[half]):
                player.play(beat + i * 0.5, 2.1 - i * 0.5, pitch, dynamic(beat) * (0.5 + 0.05 * i))
        elif at(9) <= beat < at(13):
            player.chord(beat, 1.9, led[half], dynamic(beat) * 0.5, roll=0.012)
        else:  # leave room for the flute: an answer on the off-beats only
            player.chord(beat + 0.5, 0.3, led[half][1:], dynamic(beat) * 0.46)
            player.chord(beat + 1.5, 0.9 if name == HALVES[half + 1] else 0.4, led[half], dynamic(beat) * 0.5)
    player.chord(at(16), 3.6, led[-1], 0.5, roll=0.02)
    for i, note in enumerate(["C5", "D5", "G5", "A5", "C6", "G6"]):  # the last word
        player.play(at(16, 0.75 + i * 0.25), 2.4 - i * 0.25, pitch_of(note), 0.42 - 0.03 * i)
    return player


def strings():
    player = part("strings", STRINGS, behind_ms=-30)  # they speak slowly, so they begin early
    led = voicings([62, 65, 69, 74], 58, 84)
    phrases = [(2.0, 4.0), (7.0, 9.0), (9.0, 13.0), (14.0, 16.0)]  # bars
    for half, voicing in enumerate(led[:-2]):
        bar = half / 2 + 1
        if any(first <= bar < last for first, last in phrases):
            player.chord(half * 2.0, 2.05, voicing, 0.62)
    player.chord(at(16), 3.0, [65, 69, 74, 79], 0.6)
    player.sweep(EXPRESSION, [(0, 0.2), (at(2), 0.25), (at(3, 2), 0.5), (at(4), 0.3), (at(7), 0.3), (at(9), 0.8), (at(10), 0.7),
                              (at(11), 0.95), (at(12, 3), 0.7), (at(14), 0.4), (at(15, 3.5), 0.85), (at(16, 1), 0.75),
                              (at(16, 3), 0.1)])
    return player


def choir():
    """Begins at bar 9: its file is half as long and has its place on the timeline in the preset."""
    player = part("choir", CHOIR, behind_ms=-20)
    for line in CHOIR_LINES:
        for bar, notes in enumerate(line.split("|")):
            first, *rest = notes.split()
            if rest == [first]:
                player.play(bar * 4.0, 3.9, pitch_of(first), 0.6)
            else:
                for half, note in enumerate([first, *rest]):
                    player.play(bar * 4.0 + half * 2, 2.0 if rest else 3.0, pitch_of(note), 0.6)
    player.sweep(EXPRESSION, [(0, 0.5), (6, 0.85), (12, 0.9), (15, 0.6), (20, 0.5), (27, 0.9), (28, 0.85), (31, 0.1)])
    return player


def flute():
    player = part("flute", FLUTE, behind_ms=-8, loose_ms=6)
    for bar, phrase in THEME.items():
        for start, length, note in phrase:
            beat = at(bar, start)
            player.play(beat, length, pitch_of(note), dynamic(beat) * (0.82 if length > 0.6 else 0.7))
            breathe(player, beat, length)
    return player


def breathe(player, beat, length):
    """A long note swells, then trembles and fades; a short one is plain."""
    if length < 0.9:
        player.control(beat - 0.02, EXPRESSION, 0.85)
        player.control(beat - 0.02, MODULATION, 0.0)
        return
    end = beat + length
    player.sweep(EXPRESSION, [(beat, 0.78), (beat + 0.4 * length, 0.95), (end - 0.1, 0.7)])
    player.sweep(MODULATION, [(beat, 0.0), (beat + 0.5, 0.0), (beat + 0.5 + 0.3 * length, 0.3), (end, 0.1)])


def swell():
    """A cymbal played backwards, two seconds that end where B begins."""
    player = part("swell", REVERSE_CYMBAL, loose_ms=0)
    player.play(0.05, 3.9, 60, 0.6)
    player.sweep(EXPRESSION, [(0, 0.2), (3.8, 1.0), (4, 0.0)])
    return player


def click():
    player = part("click", 0, channel=DRUM_CHANNEL, loose_ms=0)
    for beat in range(BARS * 4):
        player.play(beat, 0.1, CLAVES, 0.9 if beat % 4 == 0 else 0.5, spread=0)
    return player


def pitch_of(note):
    """`Bb5` as a MIDI number: C4 is 60."""
    return 12 * (int(note[-1]) + 1) + PITCH_CLASSES[note[:-1]]


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else "midi"
    for write_part in (drums, bass, guitar, keys, strings, choir, flute, swell, click):
        write_part().write(folder)


if __name__ == "__main__":
    main()
