// SPDX-License-Identifier: GPL-3.0-or-later
#include "dsp/convolver/transform.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

namespace stemwire::dsp::convolver {

namespace {

constexpr std::size_t largest_inner = 1024;   // elements that stay in a first-level cache of 32 KiB beside their twiddles
constexpr std::size_t columns_per_step = 256;  // of an outer pass: about as much work as the inner passes of a node

std::size_t levels(std::size_t size)
{
    return static_cast<std::size_t>(std::countr_zero(size));
}

/// Twiddles angle, 2·angle, … of a node, and the angles of its children.
struct Splitting {
    double root;

    Splitting(double angle, std::size_t radix) : root(angle / static_cast<double>(radix)) {}
    [[nodiscard]] double child(std::size_t k, std::size_t radix) const
    {
        return root + 2.0 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(radix);
    }
};

std::vector<double> split_angles(const std::vector<double>& angles, std::size_t radix)
{
    std::vector<double> children;
    children.reserve(angles.size() * radix);
    for (const double angle : angles)
        for (std::size_t k = 0; k < radix; ++k) children.push_back(Splitting(angle, radix).child(k, radix));
    return children;
}

}  // namespace

Transform::Transform(std::size_t size, const Kernels& kernels)
    : size_(size), kernels_(size >= kernels.large.lanes * kernels.large.lanes ? &kernels.large : &kernels.small)
{
    plan_passes();
    plan_steps();
    make_twiddles();
}

void Transform::plan_passes()
{
    std::size_t node_size = size_;
    std::size_t left = levels(size_) - levels(kernels_->lanes);
    while (left > 0) {
        const std::size_t levels_done = left == 1 ? 1 : left % 2 == 0 ? 2 : 3;
        passes_.push_back({std::size_t{1} << levels_done, node_size, 0});
        node_size >>= levels_done;
        left -= levels_done;
    }
    inner_size_ = std::min(size_, largest_inner);
    while (passes_[outer_passes_ - 1].node_size / passes_[outer_passes_ - 1].radix > largest_inner) ++outer_passes_;
}

void Transform::plan_steps()
{
    for (std::size_t pass = 0; pass < outer_passes_; ++pass) {
        const std::size_t span = passes_[pass].node_size / passes_[pass].radix;
        for (std::size_t node = 0; node < size_ / passes_[pass].node_size; ++node)
            for (std::size_t begin = 0; begin < span; begin += columns_per_step)
                steps_.push_back({pass, node, begin, std::min(span, begin + columns_per_step)});
    }
    for (std::size_t node = 0; node < size_ / inner_size_; ++node) steps_.push_back({outer_passes_, node, 0, inner_size_});
}

void Transform::make_twiddles()
{
    std::vector<double> angles{std::numbers::pi / 2.0};
    for (Pass& pass : passes_) {
        pass.twiddles = twiddles_.size();
        for (const double angle : angles)
            for (std::size_t j = 1; j < pass.radix; ++j) {
                const double turned = Splitting(angle, pass.radix).root * static_cast<double>(j);
                twiddles_.push_back(static_cast<float>(std::cos(turned)));
                twiddles_.push_back(static_cast<float>(std::sin(turned)));
            }
        angles = split_angles(angles, pass.radix);
    }
    make_leaf_twiddles(angles);
}

void Transform::make_leaf_twiddles(const std::vector<double>& angles)
{
    const std::size_t lanes = kernels_->lanes;
    const std::size_t outer = lanes == 16 ? 4 : 1;
    const std::size_t inner = lanes / outer;
    const auto push = [&](std::size_t first, std::size_t stride, const std::vector<double>& nodes, std::size_t radix, std::size_t j) {
        const auto turned = [&](std::size_t lane) { return Splitting(nodes[first + lane * stride], radix).root * static_cast<double>(j); };
        for (std::size_t lane = 0; lane < lanes; ++lane) leaf_twiddles_.push_back(static_cast<float>(std::cos(turned(lane))));
        for (std::size_t lane = 0; lane < lanes; ++lane) leaf_twiddles_.push_back(static_cast<float>(std::sin(turned(lane))));
    };
    const std::vector<double> children = split_angles(angles, outer);
    for (std::size_t node = 0; node < angles.size(); node += lanes) {
        for (std::size_t j = 1; j < outer; ++j) push(node, 1, angles, outer, j);
        for (std::size_t child = 0; child < outer; ++child)
            for (std::size_t j = 1; j < inner; ++j) push(node * outer + child, outer, children, inner, j);
    }
    leaf_twiddle_floats_ = leaf_twiddles_.size() / (size_ / leaf_size());
}

double Transform::cost(std::size_t step) const noexcept
{
    const Step& that = steps_[step];
    const auto elements = static_cast<double>(that.end - that.begin);
    if (that.pass == outer_passes_) {
        const Pass& last = passes_[outer_passes_ - 1];
        return elements * static_cast<double>(levels(last.node_size / last.radix));
    }
    const std::size_t radix = passes_[that.pass].radix;
    return elements * static_cast<double>(radix * levels(radix));
}

const Butterflies& Transform::butterflies(const Pass& pass) const noexcept
{
    return pass.radix == 2 ? kernels_->radix2 : pass.radix == 4 ? kernels_->radix4 : kernels_->radix8;
}

PassPart Transform::part(const Pass& pass, std::size_t node, std::size_t begin, std::size_t end) const noexcept
{
    return {pass.node_size / pass.radix, begin, end, twiddles_.data() + pass.twiddles + node * 2 * (pass.radix - 1)};
}

void Transform::forward(std::size_t step, const float* previous, const float* current, float* work, float* spectrum,
                        std::size_t tile_stride) const noexcept
{
    const Step& that = steps_[step];
    if (that.pass == outer_passes_) {
        forward_inner(that.node, work, spectrum, tile_stride);
        return;
    }
    const Pass& pass = passes_[that.pass];
    const PassPart columns = part(pass, that.node, that.begin, that.end);
    if (that.pass == 0) butterflies(pass).forward_first(previous, current, work, columns);
    else butterflies(pass).forward(work + tile_offset(that.node * pass.node_size), columns);
}

void Transform::inverse(std::size_t step, float* spectrum, float* next) const noexcept
{
    const Step& that = steps_[steps_.size() - 1 - step];
    if (that.pass == outer_passes_) {
        inverse_inner(that.node, spectrum);
        return;
    }
    const Pass& pass = passes_[that.pass];
    const PassPart columns = part(pass, that.node, that.begin, that.end);
    if (that.pass == 0) butterflies(pass).inverse_last(spectrum, next, columns);
    else butterflies(pass).inverse(spectrum + tile_offset(that.node * pass.node_size), columns);
}

void Transform::forward_inner(std::size_t node, float* work, float* spectrum, std::size_t tile_stride) const noexcept
{
    const std::size_t first = node * inner_size_;
    for (std::size_t index = outer_passes_; index < passes_.size(); ++index) {
        const Pass& pass = passes_[index];
        const auto split = butterflies(pass).forward;
        for (std::size_t at = first; at < first + inner_size_; at += pass.node_size)
            split(work + tile_offset(at), part(pass, at / pass.node_size, 0, pass.node_size / pass.radix));
    }
    const float* twiddles = leaf_twiddles_.data() + first / leaf_size() * leaf_twiddle_floats_;
    kernels_->leaf_forward(work + tile_offset(first), spectrum + first / tile_bins * tile_stride, tile_stride,
                           inner_size_ / leaf_size(), twiddles);
}

void Transform::inverse_inner(std::size_t node, float* work) const noexcept
{
    const std::size_t first = node * inner_size_;
    const float* twiddles = leaf_twiddles_.data() + first / leaf_size() * leaf_twiddle_floats_;
    kernels_->leaf_inverse(work + tile_offset(first), inner_size_ / leaf_size(), twiddles);
    for (std::size_t index = passes_.size(); index-- > outer_passes_;) {
        const Pass& pass = passes_[index];
        const auto join = butterflies(pass).inverse;
        for (std::size_t at = first; at < first + inner_size_; at += pass.node_size)
            join(work + tile_offset(at), part(pass, at / pass.node_size, 0, pass.node_size / pass.radix));
    }
}

}  // namespace stemwire::dsp::convolver
