// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/top_screen.hpp"

#include <array>
#include <clocale>
#include <cstdlib>
#include <string_view>

#include <langinfo.h>
#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS
#include <ncurses.h>

namespace stemwire::cli {

namespace {

using control::top::Cell;
using control::top::Ink;
using control::top::Key;

constexpr int escape_delay_ms = 25;  // how long a lone Esc waits for the rest of an arrow key

void start_colours()
{
    const char* no_color = std::getenv("NO_COLOR");
    if (!has_colors() || (no_color != nullptr && *no_color != '\0')) return;
    start_color();
    use_default_colors();
    init_pair(static_cast<short>(Ink::good), COLOR_GREEN, -1);
    init_pair(static_cast<short>(Ink::warm), COLOR_YELLOW, -1);
    init_pair(static_cast<short>(Ink::hot), COLOR_RED, -1);
}

attr_t attribute(const Cell& cell)
{
    const attr_t reverse = cell.chosen ? A_REVERSE : A_NORMAL;
    switch (cell.ink) {
    case Ink::title:
    case Ink::hot: return reverse | A_BOLD;
    case Ink::quiet: return reverse | A_DIM;
    default: return reverse;
    }
}

short pair_of(Ink ink)
{
    const bool coloured = ink == Ink::good || ink == Ink::warm || ink == Ink::hot;
    return coloured && COLORS > 0 && COLOR_PAIRS > 0 ? static_cast<short>(ink) : short{0};
}

}  // namespace

TopScreen::TopScreen()
{
    std::setlocale(LC_CTYPE, "");
    fancy_ = std::string_view(nl_langinfo(CODESET)) == "UTF-8";
    initscr();
    cbreak();
    noecho();
    curs_set(0);
    keypad(stdscr, TRUE);
    set_escdelay(escape_delay_ms);
    start_colours();
}

TopScreen::~TopScreen()
{
    endwin();
}

int TopScreen::rows() const
{
    return getmaxy(stdscr);
}

int TopScreen::columns() const
{
    return getmaxx(stdscr);
}

void TopScreen::show(const control::top::Canvas& canvas)
{
    erase();
    for (int row = 0; row < canvas.rows(); ++row)
        for (int column = 0; column < canvas.columns(); ++column) {
            const Cell& cell = canvas.at(row, column);
            const bool shown = fancy_ || cell.glyph < 0x80;
            const std::array<wchar_t, 2> text{shown ? static_cast<wchar_t>(cell.glyph) : L'?', L'\0'};
            cchar_t character{};
            setcchar(&character, text.data(), attribute(cell), pair_of(cell.ink), nullptr);
            mvadd_wch(row, column, &character);
        }
    refresh();
}

Key TopScreen::key(std::chrono::milliseconds patience)
{
    timeout(static_cast<int>(patience.count()));
    switch (getch()) {
    case KEY_UP: return Key::up;
    case KEY_DOWN: return Key::down;
    case KEY_LEFT: return Key::left;
    case KEY_RIGHT: return Key::right;
    case 'm': return Key::mute;
    case 's': return Key::solo;
    case '+':
    case '=': return Key::louder;
    case '-': return Key::softer;
    case ' ': return Key::play;
    case 'l': return Key::loop;
    case '[': return Key::loop_begin;
    case ']': return Key::loop_end;
    case '?': return Key::help;
    case 'q': return Key::quit;
    default: return Key::none;
    }
}

}  // namespace stemwire::cli
