// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>

#include "dsp/mix.hpp"

/// For kernels.cpp alone.
namespace stemwire::dsp {

namespace {

const GainLine& gain_to(const MixTerm& term, int)
{
    return term.gain;
}

const GainLine& gain_to(const PairTerm& term, int output)
{
    return term.gains[output];
}

/// What all gains of all terms do while a block lasts.
enum class Course {
    still,
    straight,  ///< move to the block's end or beyond, those of a term together
    any,
};

/// A term's words: where its samples are, and then of each gain its target, slope and position. Every gain is looked at in every block,
/// and so whole terms at a time, without a branch.
using Words = std::uint32_t __attribute__((vector_size(32)));
using WordFloats = float __attribute__((vector_size(32)));
using TermWords = std::uint32_t __attribute__((vector_size(32), aligned(alignof(float)), may_alias));
static_assert(sizeof(MixTerm) == sizeof(Words) && sizeof(PairTerm) == sizeof(Words));
template <int outputs>
constexpr Words targets = {0, 0, ~0u, 0, 0, outputs > 1 ? ~0u : 0};
template <int outputs>
constexpr Words slopes = {0, 0, 0, ~0u, 0, 0, outputs > 1 ? ~0u : 0};
template <int outputs>
constexpr Words positions = {0, 0, 0, 0, ~0u, 0, 0, outputs > 1 ? ~0u : 0};

template <class Term>
const TermWords& words_of(const Term& term)
{
    return *reinterpret_cast<const TermWords*>(&term);
}

/// Sets the highest bit where a number is 0, whatever its sign.
void add_noughts(const Words& words, Words& noughts)
{
    const Words number = words << 1;
    noughts |= (number - 1u) & ~number;
}

bool any(const Words& words)
{
    std::uint32_t all = 0;
    for (int i = 0; i < 8; ++i) all |= words[i];
    return all != 0;
}

template <int outputs, class Term>
bool all_still(const Term* begin, const Term* end)
{
    Words seen{};
    Words noughts{};
    for (const Term* term = begin; term != end; ++term) {
        const Words words = words_of(*term);
        seen |= words;
        add_noughts(words, noughts);
    }
    return !any((seen << 1 & slopes<outputs>) | (noughts >> 31 & targets<outputs>));
}

template <int outputs, class Term>
bool all_straight(const Term* begin, const Term* end, float frames)
{
    Words noughts{};
    Words late{};
    Words apart{};
    for (const Term* term = begin; term != end; ++term) {
        const Words words = words_of(*term);
        add_noughts(words, noughts);
        late |= reinterpret_cast<Words>(reinterpret_cast<WordFloats>(words) + frames > 0.0f);
        apart |= words ^ __builtin_shufflevector(words, words, 0, 1, 2, 3, outputs > 1 ? 7 : 4, 5, 6, 7);
    }
    return !any((noughts >> 31 & slopes<outputs>) | ((late | apart) & positions<outputs>));
}

template <int outputs, class Term>
Course course_of(const Term* begin, const Term* end, std::uint32_t frames)
{
    if (begin == end || gain_to(*begin, 0).slope == 0.0f) return all_still<outputs>(begin, end) ? Course::still : Course::any;
    return all_straight<outputs>(begin, end, static_cast<float>(frames)) ? Course::straight : Course::any;
}

}  // namespace

}  // namespace stemwire::dsp
