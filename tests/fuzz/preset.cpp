// SPDX-License-Identifier: GPL-3.0-or-later
#include "input.hpp"
#include "preset/preset.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace stemwire;
    const auto loaded = preset::load_text(fuzz::text_of({data, size}), "/nowhere/fuzz.yaml");
    fuzz::require(loaded.preset.has_value() == loaded.errors.empty(), "a preset, or what is wrong with it");
    for (const Error& error : loaded.errors) fuzz::require(!to_string(error).empty(), "an error says something");
    return 0;
}
