// SPDX-License-Identifier: GPL-3.0-or-later
// Mistakes that can be switched on while a program runs: scripts/mutate builds them all at once. STEMWIRE_MISTAKE=NUMBER is the one that is made;
// STEMWIRE_MISTAKES_REACHED=FILE has written which of them could have been.
#pragma once
#pragma GCC diagnostic ignored "-Wnarrowing"

#include <cstdio>
#include <cstdlib>
#include <type_traits>
#include <utility>

namespace stemwire_mistakes {

inline const int active = std::getenv("STEMWIRE_MISTAKE") != nullptr ? std::atoi(std::getenv("STEMWIRE_MISTAKE")) : 0;

struct Reached {
    static constexpr int most = 1 << 16;
    ~Reached()
    {
        const char* path = std::getenv("STEMWIRE_MISTAKES_REACHED");
        std::FILE* file = path != nullptr ? std::fopen(path, "w") : nullptr;
        if (file == nullptr) return;
        for (int number = 0; number < most; ++number)
            if (flags[number]) std::fprintf(file, "%d\n", number);
        std::fclose(file);
    }
    static inline bool flags[most];
};
inline const Reached reached;

template <int number>
constexpr bool on() noexcept
{
    if (std::is_constant_evaluated()) return false;
    Reached::flags[number] = true;
    return active == number;
}

template <int number, typename Value>
constexpr Value pick(Value right, Value wrong) noexcept
{
    return on<number>() ? wrong : right;
}

/// `not_<1>->*x` is `!x`, or x.
template <int number>
struct Not {
    template <typename Value>
    friend constexpr bool operator->*(Not, const Value& value)
    {
        return on<number>() ? static_cast<bool>(value) : !value;
    }
};
template <int number>
inline constexpr Not<number> not_;

/// Stands between two operators, as in `a < between<1> < b`, and so keeps their precedence; `a` waits in a Left.
template <int number>
struct Between {};
template <int number>
inline constexpr Between<number> between;
template <int number, typename Value>
struct Left {
    Value&& value;
};

#define STEMWIRE_SWAP(right, wrong)                                                                                         \
    template <typename Value, int number>                                                                                   \
    constexpr Left<number, Value> operator right(Value&& value, Between<number>)                                            \
    {                                                                                                                       \
        return {std::forward<Value>(value)};                                                                                \
    }                                                                                                                       \
    template <int number, typename A, typename B>                                                                           \
    constexpr auto operator right(Left<number, A> a, B&& b)                                                                 \
    {                                                                                                                       \
        using Result = std::remove_cvref_t<decltype(std::forward<A>(a.value) right std::forward<B>(b))>;                    \
        if constexpr (requires { { std::forward<A>(a.value) wrong std::forward<B>(b) } -> std::convertible_to<Result>; })   \
            return on<number>() ? static_cast<Result>(std::forward<A>(a.value) wrong std::forward<B>(b))                    \
                                : static_cast<Result>(std::forward<A>(a.value) right std::forward<B>(b));                   \
        else return static_cast<Result>(std::forward<A>(a.value) right std::forward<B>(b));                                 \
    }
STEMWIRE_SWAP(<, <=)
STEMWIRE_SWAP(<=, <)
STEMWIRE_SWAP(>, >=)
STEMWIRE_SWAP(>=, >)
STEMWIRE_SWAP(==, !=)
STEMWIRE_SWAP(!=, ==)
STEMWIRE_SWAP(+, -)
STEMWIRE_SWAP(-, +)
STEMWIRE_SWAP(*, /)
STEMWIRE_SWAP(/, *)
#undef STEMWIRE_SWAP

/// Assignments group from the right: `a += between<1> += b`.
template <int number, typename Value>
struct Right {
    Value&& value;
};
#define STEMWIRE_SWAP(right, wrong)                                                                     \
    template <int number, typename Value>                                                               \
    constexpr Right<number, Value> operator right(Between<number>, Value&& value)                       \
    {                                                                                                   \
        return {std::forward<Value>(value)};                                                            \
    }                                                                                                   \
    template <typename A, int number, typename B>                                                       \
    constexpr A& operator right(A& a, Right<number, B> b)                                               \
    {                                                                                                   \
        if constexpr (requires { a wrong std::forward<B>(b.value); }) {                                 \
            if (on<number>()) {                                                                         \
                a wrong std::forward<B>(b.value);                                                       \
                return a;                                                                               \
            }                                                                                           \
        }                                                                                               \
        a right std::forward<B>(b.value);                                                               \
        return a;                                                                                       \
    }
STEMWIRE_SWAP(+=, -=)
STEMWIRE_SWAP(-=, +=)
STEMWIRE_SWAP(*=, /=)
#undef STEMWIRE_SWAP

}  // namespace stemwire_mistakes
