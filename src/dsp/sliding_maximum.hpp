// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace stemwire::dsp {

/// The largest of the last `length` values. Keeps those that can still become it in falling order (Lemire, Nordic Journal of Computing
/// 13(4), 2006): at most three comparisons a value on average. Guarantee of all but prepare: wait-free, at most `length` steps.
class SlidingMaximum {
public:
    /// Allocates.
    void prepare(std::size_t length)
    {
        entries_.assign(length + 1, {});
        settle();
    }

    /// Forgets the past.
    void settle() noexcept { first_ = count_ = 0; }

    double next(double value) noexcept
    {
        ++now_;
        if (count_ > 0 && now_ - entries_[first_].when >= entries_.size() - 1) drop_first();
        while (count_ > 0 && entry(count_ - 1).value <= value) --count_;
        ++count_;
        entry(count_ - 1) = {value, now_};
        return entries_[first_].value;
    }

    /// True where all of them are 0, if none is negative; adding another 0 then changes nothing.
    [[nodiscard]] bool is_zero() const noexcept { return count_ == 0 || entries_[first_].value == 0.0; }

private:
    struct Entry {
        double value;
        std::uint64_t when;
    };

    Entry& entry(std::size_t index) noexcept
    {
        const std::size_t at = first_ + index;
        return entries_[at < entries_.size() ? at : at - entries_.size()];
    }
    void drop_first() noexcept
    {
        first_ = first_ + 1 == entries_.size() ? 0 : first_ + 1;
        --count_;
    }

    std::vector<Entry> entries_;  ///< a ring, one longer than the window
    std::size_t first_ = 0;
    std::size_t count_ = 0;
    std::uint64_t now_ = 0;
};

}  // namespace stemwire::dsp
