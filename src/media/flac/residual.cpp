// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>

#include "media/flac/frame.hpp"

namespace stemwire::media {

namespace {

constexpr std::int32_t unfold(std::uint32_t folded) noexcept
{
    return static_cast<std::int32_t>(folded >> 1 ^ (0u - (folded & 1)));
}

/// The bits of a BitReader in a register, for the many short codes of a partition.
class RiceReader {
public:
    RiceReader(BitReader& bits, unsigned parameter) noexcept : bits_(bits), parameter_(parameter) { fetch(); }

    /// At least 56 bits are in the register afterwards (F. Giesen, "Reading bits in far too many ways", variant 4).
    void refill() noexcept
    {
        word_ |= BitReader::load(next_) >> available_;
        next_ += (63 - available_) >> 3;
        available_ |= 56;
    }

    /// False where the code is longer than what is left in the register.
    [[nodiscard]] bool take(std::int32_t& out) noexcept
    {
        const auto zeros = static_cast<unsigned>(std::countl_zero(word_));
        const unsigned length = zeros + 1 + parameter_;
        if (length > available_) return false;
        const std::uint64_t code = word_ << zeros;  // a one, and the lower bits
        const auto low = static_cast<std::uint32_t>(code >> (63 - parameter_));
        out = unfold(((zeros - 1) << parameter_) + low);
        word_ = code << (1 + parameter_);
        available_ -= length;
        return true;
    }

    /// A code of any length; false where there is none.
    [[nodiscard]] bool take_long(std::int32_t& out) noexcept
    {
        store();
        const std::uint32_t high = bits_.take_unary();
        const std::uint32_t low = bits_.take(parameter_);
        fetch();
        out = unfold(high << parameter_ | low);
        return !bits_.overrun() && high >> (32 - parameter_ - (parameter_ == 0 ? 1 : 0)) == 0;
    }

    void store() noexcept { bits_.set_position(static_cast<std::size_t>(next_ - bits_.bytes()) * 8 - available_); }

private:
    void fetch() noexcept
    {
        const std::size_t at = bits_.position();
        next_ = bits_.bytes() + at / 8 + 1;
        available_ = 8 - at % 8;
        word_ = std::uint64_t{next_[-1]} << (56 + at % 8);
    }

    BitReader& bits_;
    const std::uint8_t* next_ = nullptr;  ///< the first byte of which the register has nothing
    std::uint64_t word_ = 0;              ///< the next bits, from the highest on
    unsigned available_ = 0;
    unsigned parameter_;
};

bool take_codes(BitReader& bits, unsigned parameter, std::span<std::int32_t> out) noexcept
{
    RiceReader rice(bits, parameter);
    std::size_t i = 0;
    const auto take_one = [&] { return rice.take(out[i]) || rice.take_long(out[i]); };
    // Two codes of the usual length fit into the register.
    for (; i + 1 < out.size(); ++i) {
        rice.refill();
        if (!take_one()) return false;
        ++i;
        if (!take_one()) return false;
    }
    for (; i < out.size(); ++i) {
        rice.refill();
        if (!take_one()) return false;
    }
    rice.store();
    return !bits.overrun();
}

bool take_plain(BitReader& bits, unsigned width, std::span<std::int32_t> out) noexcept
{
    for (std::int32_t& sample : out) sample = width == 0 ? 0 : bits.take_signed(width);
    return !bits.overrun();
}

}  // namespace

bool decode_flac_residual(BitReader& bits, unsigned order, std::span<std::int32_t> out)
{
    const unsigned method = bits.take(2);
    if (method > 1) return false;
    const unsigned parameter_bits = method == 0 ? 4 : 5;
    const unsigned escape = (1u << parameter_bits) - 1;
    const unsigned partition_order = bits.take(4);
    const std::size_t partition = out.size() >> partition_order;
    if (partition << partition_order != out.size() || partition < order) return false;
    for (std::size_t begin = order, end = partition; end <= out.size(); begin = end, end += partition) {
        const unsigned parameter = bits.take(parameter_bits);
        const std::span part = out.subspan(begin, end - begin);
        const bool is_whole = parameter == escape ? take_plain(bits, bits.take(5), part) : take_codes(bits, parameter, part);
        if (!is_whole) return false;
    }
    return true;
}

}  // namespace stemwire::media
