# SPDX-License-Identifier: GPL-3.0-or-later
"""Small mistakes that a C++ source could have had."""

import re
from dataclasses import asdict, dataclass

# House style sets binary operators between spaces, and the brackets of templates, references and pointers not: so no parser is needed to tell them apart.
SWAPS = {
    "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "&&": "||", "||": "&&",
    "+": "-", "-": "+", "*": "/", "/": "*", "+=": "-=", "-=": "+=", "*=": "/=", "true": "false", "false": "true",
}  # fmt: skip
OPERATOR = re.compile(r"(?<= )(<=|>=|==|!=|&&|\|\||\+=|-=|\*=|[<>+*/-])(?= )")
WORD = re.compile(r"\b(?:true|false)\b")
NOT = re.compile(r"!(?=[\w(])")
NUMBER = re.compile(r"(?<![\w.'])(\d[\d']*(?:\.\d+)?(?:e[+-]?\d+)?)([uUlLzZfF]*)(?![\w.'])")
# What is nothing already, or cannot be.
RETURN = re.compile(r"\breturn (?!(?:\{\}|\*this|std::nullopt|nullptr|false|0|0\.0f?);)([^;]+)(?=;)")
# A call or an assignment that is a line of its own.
STATEMENT = re.compile(r"^ +(?!(?:return|throw|delete|using|else|case|goto|static_assert)\b)([\w(*][\w:.>\[\]*()-]*(?:\([^;\n]*\)| [+*/|&-]?= [^;\n]+));$", re.M)

# What is no code, or code that is no program: comments, strings, characters, lines of the preprocessor.
HIDDEN = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![\w])\'(?:\\.|[^\'\\\n])+\'|^[ \t]*#[^\n]*', re.S | re.M)
CHECKED_BY_COMPILER = re.compile(r"\bstatic_assert\(|\brequires \(|\[\[")


@dataclass(frozen=True)
class Mutant:
    """One of them: in `file`, from `start` on, `before` is `after`."""

    file: str
    line: int
    start: int
    before: str
    after: str
    text: str  # the whole line
    kind: str = ""  # how it is switched on while the program runs; empty: by building it

    def apply(self, source):
        assert source.startswith(self.before, self.start), f"{self} is of another version of the file"
        return source[: self.start] + self.after + source[self.start + len(self.before) :]

    def __str__(self):
        return f"{self.file}:{self.line}: {self.before!r} -> {self.after!r}    {self.text.strip()}"

    def json(self):
        return asdict(self)

    def edits(self, number):
        """(place, characters to take away, text to put there) that make it one which can be switched on: switch.hpp."""
        end = self.start + len(self.before)
        name = f"::stemwire_mistakes::{{}}<{number}>"
        if self.kind == "between":
            return [(self.start, end - self.start, f"{self.before} {name.format('between')} {self.before}")]
        if self.kind == "not":
            return [(self.start, 1, f"{name.format('not_')}->*")]
        if self.kind == "value":
            return [(self.start, end - self.start, f"{name.format('pick')}({self.before}, {self.after})")]
        if self.kind == "return":
            begin = self.start - len("return ")
            return [(begin, 0, f"{{ if ({name.format('on')}()) return {{}}; "), (end + 1, 0, " }")]
        return [(self.start, 0, f"{{ if (!{name.format('on')}()) "), (end + 1, 0, " }")]


def blank(match):
    """As many characters, of which only the line ends are left."""
    return re.sub(r"[^\n]", "~", match[0])


def closing(source, start):
    """The end of the bracket that opens at or after `start`."""
    depth = 0
    for place in range(start, len(source)):
        depth += (source[place] in "([{") - (source[place] in ")]}")
        if source[place] in ")]}" and depth == 0:
            return place + 1
    return len(source)


def code_of(source):
    """The source with everything blanked that no mistake is to be made in; places stay."""
    code = HIDDEN.sub(blank, source)
    for match in list(CHECKED_BY_COMPILER.finditer(code)):
        end = closing(code, match.end() - 1 - (match[0] == "[["))
        code = code[: match.start()] + re.sub(r"[^\n]", "~", code[match.start() : end]) + code[end:]
    return code


def whole(match):
    """Not cut off at the first `;` of a lambda within it."""
    return all(match[1].count(opening) == match[1].count(closing) for opening, closing in ("()", "[]", "{}"))


def next_number(text):
    digits = text.replace("'", "")
    return str(int(digits) + 1) if digits.isdigit() else str(float(digits) + 1)


def changes(code):
    """(start, before, after, kind) of each."""
    for match in OPERATOR.finditer(code):
        # What is on the right of && and || is not to be computed before it is known that it matters: no operator of ours does that.
        yield match.start(), match[0], SWAPS[match[0]], "" if match[0] in ("&&", "||") else "between"
    for match in WORD.finditer(code):
        yield match.start(), match[0], SWAPS[match[0]], "value"
    for match in NOT.finditer(code):
        yield match.start(), "!", "", "not"
    for match in NUMBER.finditer(code):
        yield match.start(1), match[1] + match[2], next_number(match[1]) + match[2], "value"
    for match in filter(whole, RETURN.finditer(code)):
        yield match.start(1), match[1], "{}", "return"
    for match in filter(whole, STATEMENT.finditer(code)):
        yield match.start(1), match[1], "", "statement"


def mutants_of(file, source):
    code, lines = code_of(source), source.splitlines()
    found = []
    for start, before, after, kind in changes(code):
        line = source.count("\n", 0, start)
        # What stands behind `~` in the code, a string within a statement, is taken from the source again.
        found.append(Mutant(file, line + 1, start, source[start : start + len(before)], after, lines[line], kind))
    return sorted(set(found), key=lambda mutant: (mutant.start, mutant.after))


def with_switches(source, numbered):
    """A source in which all of these (number, Mutant) can be switched on."""
    edits = [edit for number, mutant in numbered for edit in mutant.edits(number)]
    for place, taken, text in sorted(edits, key=lambda edit: (-edit[0], edit[1] > 0)):
        source = source[:place] + text + source[place + taken :]
    return '#include "tests/mutation/switch.hpp"\n#line 1\n' + source
