// SPDX-License-Identifier: GPL-3.0-or-later
#include "plot/fourier.hpp"

#include <numbers>
#include <utility>

namespace stemwire::plot {

Fourier::Fourier(std::size_t size) : reversed_(size)
{
    for (std::size_t index = 1; index < size; ++index) reversed_[index] = reversed_[index / 2] / 2 + (index % 2 == 1 ? size / 2 : 0);
    for (std::size_t half = 1; half < size; half *= 2)
        for (std::size_t k = 0; k < half; ++k)
            twiddles_.push_back(std::polar(1.0, -std::numbers::pi * static_cast<double>(k) / static_cast<double>(half)));
}

void Fourier::transform(std::span<std::complex<double>> values) const noexcept
{
    for (std::size_t index = 0; index < size(); ++index)
        if (index < reversed_[index]) std::swap(values[index], values[reversed_[index]]);
    for (std::size_t half = 1; half < size(); half *= 2) {
        const std::complex<double>* twiddles = twiddles_.data() + half - 1;
        for (std::size_t begin = 0; begin < size(); begin += 2 * half)
            for (std::size_t k = 0; k < half; ++k) {
                std::complex<double>& a = values[begin + k];
                std::complex<double>& b = values[begin + k + half];
                // Written out: the library's product checks for infinities.
                const std::complex<double> turned(b.real() * twiddles[k].real() - b.imag() * twiddles[k].imag(),
                                                  b.real() * twiddles[k].imag() + b.imag() * twiddles[k].real());
                b = a - turned;
                a += turned;
            }
    }
}

}  // namespace stemwire::plot
