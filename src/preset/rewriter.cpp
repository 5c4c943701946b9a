// SPDX-License-Identifier: GPL-3.0-or-later
#include "preset/rewriter.hpp"

#include <utility>

namespace stemwire::preset {

Expected<Rewriter> Rewriter::open(std::string text, const std::string& path, double rate_hz)
{
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (text.starts_with(byte_order_mark)) text.erase(0, byte_order_mark.size());
    Rewriter rewriter(path, rate_hz);
    if (auto done = rewriter.read(std::move(text)); !done) return tl::unexpected(std::move(done.error()));
    return rewriter;
}

Expected<void> Rewriter::read(std::string text)
{
    Errors errors;
    YamlNode read = read_yaml(text, errors);
    if (!errors.empty()) return tl::unexpected(Error{errors.front().message, path_, errors.front().mark});
    auto tree = read_text_tree(text);
    if (!tree) return tl::unexpected(Error{tree.error().message, path_});
    text_ = std::move(text);
    tree_ = std::move(*tree);
    read_ = std::move(read);
    return {};
}

Expected<void> Rewriter::set(std::span<const Step> steps, const NewValue& value)
{
    ValueEditor editor(text_, tree_, read_, rate_hz_);
    editor.set(steps, value);
    return read(edited(text_, editor.take()));
}

}  // namespace stemwire::preset
