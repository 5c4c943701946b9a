// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <complex>
#include <cstddef>
#include <span>
#include <vector>

namespace stemwire::plot {

/// The discrete Fourier transform of a power of two of complex numbers: X[k] = Σ x[n] e^(−2πi kn / N), in place and not scaled.
/// Source: Cooley and Tukey, Math. Comp. 19 (1965), in the order of decimation in time. Tables are made once; transform() allocates nothing.
class Fourier {
public:
    /// `size`: a power of two, 1 … 2²⁶.
    explicit Fourier(std::size_t size);

    [[nodiscard]] std::size_t size() const noexcept { return reversed_.size(); }
    /// `values` are as many as the size.
    void transform(std::span<std::complex<double>> values) const noexcept;

private:
    std::vector<std::size_t> reversed_;                ///< an index with its bits the other way round
    std::vector<std::complex<double>> twiddles_;       ///< of every stage, one after the other
};

}  // namespace stemwire::plot
