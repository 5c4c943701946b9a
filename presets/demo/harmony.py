# SPDX-License-Identifier: GPL-3.0-or-later
"""The piece's chords and form, and how a chord finds its place near the one before it."""

import itertools

BEATS_PER_MINUTE = 120
BEATS_PER_BAR = 4
BARS = 16  # 32 s

PITCH_CLASSES = {"C": 0, "Db": 1, "D": 2, "Eb": 3, "E": 4, "F": 5, "Gb": 6, "F#": 6, "G": 7, "Ab": 8, "A": 9, "Bb": 10, "B": 11}

# name: (bass note, its companion: the note a bass player leans on besides the root, four upper voices)
CHORDS = {
    "Bbmaj9": ("Bb", "F", "D F A C"),
    "Bbm9": ("Bb", "F", "Db F Ab C"),
    "Eb13": ("Eb", "Bb", "Db F G C"),
    "Am7": ("A", "E", "G C E A"),
    "D7b9": ("D", "A", "F# C Eb A"),
    "Gm9": ("G", "D", "Bb D F A"),
    "C13sus": ("C", "G", "Bb D F A"),
    "C7b9": ("C", "G", "Bb Db E G"),
    "C13b9": ("C", "G", "Bb Db E A"),
    "Fmaj9": ("F", "C", "A C E G"),
    "Em7b5": ("E", "Bb", "G Bb D E"),
    "A7b9": ("A", "E", "G Bb Db E"),
    "Dm9": ("D", "A", "F A C E"),
    "Cm9": ("C", "G", "Bb D Eb G"),
    "F13": ("F", "C", "A D Eb G"),
    "G13": ("G", "D", "F A B E"),
    "Gbmaj9": ("Gb", "Db", "F Ab Bb Db"),
    "F69": ("F", "C", "A D G C"),
}

# Two chords a bar.
FORM = """
    Bbmaj9 Bbmaj9 | Am7    D7b9   | Gm9 Gm9    | C13sus C7b9
    Fmaj9  Fmaj9  | Em7b5  A7b9   | Dm9 Dm9    | Cm9    F13
    Bbmaj9 Bbmaj9 | Bbm9   Eb13   | Am7 D7b9   | Gm9    C13b9
    Fmaj9  Fmaj9  | Dm9    G13    | Gm9 Gbmaj9 | F69    F69
"""
HALVES = FORM.replace("|", " ").split()


def at(bar, beat=0.0):
    """Beats from the start of the piece; bars count from 1, beats within the bar from 0."""
    return (bar - 1) * BEATS_PER_BAR + beat


def chord_at(beat):
    """The chord's name; the last one goes on for ever."""
    return HALVES[min(int(beat // 2), len(HALVES) - 1)]


def pitch_near(name, target):
    """The pitch of this name that is nearest to the MIDI note `target`."""
    pitch_class = PITCH_CLASSES[name]
    return min(range(pitch_class, 128, 12), key=lambda pitch: abs(pitch - target))


def closest_voicing(names, previous, low, high):
    """Places the voices between `low` and `high` so that they move least from `previous`, without clusters, and do not
    sink bar by bar, as descending fifths would make them."""
    places = [range(low + (PITCH_CLASSES[name] - low) % 12, high + 1, 12) for name in names]

    def cost(pitches):
        movement = sum(abs(a - b) for a, b in zip(pitches, previous))
        clusters = sum(5 for a, b in zip(pitches, pitches[1:]) if b - a < 2)
        wide = max(0, pitches[-1] - pitches[0] - 15)
        off_centre = abs(sum(pitches) / len(pitches) - (low + high) / 2)
        return movement + clusters + 2 * wide + 2 * off_centre

    return min((sorted(pitches) for pitches in itertools.product(*places)), key=cost)


def voicings(start, low, high):
    """A four-part voicing for every half bar, each led from the one before."""
    led, previous = [], start
    for name in HALVES:
        previous = closest_voicing(CHORDS[name][2].split(), previous, low, high)
        led.append(previous)
    return led
