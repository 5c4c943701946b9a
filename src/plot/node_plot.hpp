// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <atomic>
#include <string>

#include "preset/preset.hpp"
#include "stemwire/error.hpp"

namespace stemwire::plot {

/// What is drawn of a node.
enum class Show {
    what_fits,  ///< the impulse response of a reverb, the curve of a unit whose gain depends on the level, the response of all else
    response,
    curve,
    impulse,
};

/// Whether a preset has `NODE` or `NODE.UNIT`, and whether that can be measured; the error says which there are.
[[nodiscard]] Expected<void> check_subject(const preset::Preset& preset, const std::string& subject);

/// Measures a node of a preset, or one unit of its chain, by what the node itself makes of impulses and sines, and draws it as SVG. For response and
/// impulse gates are held open and a dry signal beside a reverberation is off. The error is that of check_subject, or says that nothing comes out. `interrupted` may be set from a signal handler. Guarantee: blocking.
[[nodiscard]] Expected<std::string> plot_node(const preset::Preset& preset, const std::string& subject, Show show, const std::atomic<bool>& interrupted);

}  // namespace stemwire::plot
