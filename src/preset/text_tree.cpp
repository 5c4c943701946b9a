// SPDX-License-Identifier: GPL-3.0-or-later
#include "preset/text_tree.hpp"

#include <algorithm>
#include <sstream>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include "preset/text_lines.hpp"

namespace stemwire::preset {

namespace {

/// Makes the tree from yaml-cpp's events; `begin` is then the place of the event.
class TextTreeBuilder final : public YAML::EventHandler {
public:
    [[nodiscard]] TextNode take() { return std::move(root_); }

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& mark, YAML::anchor_t) override { add(node(TextNode::What::null, mark)); }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { add(node(TextNode::What::alias, mark)); }
    void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t, const std::string& value) override
    {
        TextNode scalar = node(TextNode::What::scalar, mark);
        scalar.scalar = value;
        add(std::move(scalar));
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value style) override
    {
        open(TextNode::What::list, mark, style);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value style) override
    {
        open(TextNode::What::map, mark, style);
    }
    void OnMapEnd() override { close(); }

private:
    struct Open {
        TextNode node;
        bool has_key = false;   ///< of a map: the last entry's value is to come
    };

    static TextNode node(TextNode::What what, const YAML::Mark& mark)
    {
        TextNode node;
        node.what = what;
        node.begin = static_cast<std::size_t>(std::max(mark.pos, 0));
        return node;
    }

    void open(TextNode::What what, const YAML::Mark& mark, YAML::EmitterStyle::value style)
    {
        open_.push_back({node(what, mark)});
        open_.back().node.flow = style == YAML::EmitterStyle::Flow;
    }

    void close()
    {
        TextNode done = std::move(open_.back().node);
        open_.pop_back();
        add(std::move(done));
    }

    void add(TextNode node)
    {
        if (open_.empty()) {
            root_ = std::move(node);
            return;
        }
        Open& parent = open_.back();
        if (parent.node.what == TextNode::What::list) parent.node.items.push_back(std::move(node));
        else if (std::exchange(parent.has_key, !parent.has_key)) parent.node.entries.back().value = std::move(node);
        else parent.node.entries.push_back({std::move(node), {}});
    }

    std::vector<Open> open_;
    TextNode root_;
};

constexpr std::string_view blanks = " \t";
constexpr std::string_view white = " \t\r\n";

/// Finds where each node begins behind its anchor, and where it ends, from what it contains.
class Placer {
public:
    explicit Placer(std::string_view text) : text_(text) {}

    /// `from`: where the node could begin at the earliest. `indent`: of the block around it. False where the text is not understood.
    bool place(TextNode& node, std::size_t from, std::size_t indent)
    {
        if (node.what == TextNode::What::null) return place_nothing(node, from);
        node.begin = behind_properties(node.begin);
        switch (node.what) {
        case TextNode::What::alias: node.end = std::min(text_.find_first_of(" \t\r\n,]}", node.begin), text_.size()); return true;
        case TextNode::What::scalar: return place_scalar(node, indent);
        case TextNode::What::list: return place_list(node, indent);
        default: return place_map(node, indent);
        }
    }

private:
    [[nodiscard]] bool is(std::size_t at, char letter) const { return at < text_.size() && text_[at] == letter; }

    /// The first byte that is neither white nor part of a comment.
    [[nodiscard]] std::size_t next(std::size_t at) const
    {
        for (; at < text_.size(); ++at) {
            if (text_[at] == '#' && (at == 0 || white.find(text_[at - 1]) != std::string_view::npos)) at = line_end(text_, at);
            if (at < text_.size() && white.find(text_[at]) == std::string_view::npos) break;
        }
        return std::min(at, text_.size());
    }

    [[nodiscard]] std::size_t behind_properties(std::size_t at) const
    {
        while (is(at, '&') || is(at, '!')) at = next(std::min(text_.find_first_of(white, at), text_.size()));
        return at;
    }

    bool place_nothing(TextNode& node, std::size_t from)
    {
        const std::size_t written = behind_properties(node.begin);
        for (const std::string_view word : {"~", "null", "Null", "NULL"}) {
            const std::size_t end = written + word.size();
            if (written < from || !text_.substr(std::min(written, text_.size())).starts_with(word)) continue;
            if (end < text_.size() && std::string_view(" \t\r\n,]}").find(text_[end]) == std::string_view::npos) continue;
            node.begin = written;
            node.end = end;
            return true;
        }
        node.begin = node.end = from;
        const std::size_t property = text_.find_first_not_of(blanks, from);
        if (property < text_.size() && (is(property, '&') || is(property, '!')))
            node.begin = node.end = std::min(text_.find_first_of(" \t\r\n,]}", property), text_.size());
        return true;
    }

    bool place_scalar(TextNode& node, std::size_t indent)
    {
        if (is(node.begin, '"') || is(node.begin, '\'')) return place_quoted(node);
        if (is(node.begin, '|') || is(node.begin, '>')) return place_block_scalar(node, indent);
        return place_plain(node);
    }

    bool place_plain(TextNode& node)
    {
        // On several lines, white space is one blank or some line breaks in the value.
        std::size_t at = node.begin;
        for (std::size_t i = 0; i < node.scalar.size();) {
            const bool is_white = white.find(node.scalar[i]) != std::string_view::npos;
            if (at >= text_.size() || (is_white ? white.find(text_[at]) == std::string_view::npos : text_[at] != node.scalar[i])) return false;
            i = is_white ? std::min(node.scalar.find_first_not_of(white, i), node.scalar.size()) : i + 1;
            at = is_white ? std::min(text_.find_first_not_of(white, at), text_.size()) : at + 1;
        }
        node.end = at;
        return true;
    }

    bool place_quoted(TextNode& node)
    {
        const char quote = text_[node.begin];
        for (std::size_t at = node.begin + 1; at < text_.size(); ++at) {
            const bool pair = quote == '"' ? text_[at] == '\\' : text_[at] == '\'' && is(at + 1, '\'');
            if (pair) ++at;
            else if (text_[at] == quote) {
                node.end = at + 1;
                return true;
            }
        }
        return false;
    }

    bool place_block_scalar(TextNode& node, std::size_t indent)
    {
        std::size_t end = line_end(text_, node.begin);
        for (std::size_t line = next_line(text_, end); line < text_.size(); line = next_line(text_, line)) {
            const std::size_t letter = std::min(text_.find_first_not_of(white, line), text_.size());
            if (letter >= line_end(text_, line)) continue;
            if (letter - line <= indent) break;
            end = line_end(text_, line);
        }
        node.end = end;
        return true;
    }

    bool place_list(TextNode& node, std::size_t indent)
    {
        if (!node.flow) indent = node.begin - line_begin(text_, node.begin);
        std::size_t at = node.begin + (node.flow ? 1 : 0);
        for (TextNode& item : node.items) {
            at = next(at);
            if (!node.flow && !is(at, '-')) return false;
            if (!place(item, node.flow ? at : at + 1, indent)) return false;
            at = behind_comma(node, item.end);
            if (!node.flow) node.end = at;
        }
        return !node.flow || place_closing(node, at, ']');
    }

    bool place_map(TextNode& node, std::size_t indent)
    {
        const bool braces = is(node.begin, '{') && node.flow;
        if (!node.flow) indent = node.begin - line_begin(text_, node.begin);
        std::size_t at = node.begin + (braces ? 1 : 0);
        for (TextEntry& entry : node.entries) {
            if (!place(entry.key, at, indent)) return false;
            const std::size_t colon = next(entry.key.end);
            const bool has_colon = is(colon, ':');
            if (!place(entry.value, has_colon ? colon + 1 : entry.key.end, indent)) return false;
            entry.value.lacks_colon = !has_colon;
            node.end = entry.value.end;
            if (braces) at = behind_comma(node, node.end);
        }
        return !braces || place_closing(node, at, '}');
    }

    [[nodiscard]] std::size_t behind_comma(const TextNode& node, std::size_t end) const
    {
        const std::size_t comma = next(end);
        return node.flow && is(comma, ',') ? comma + 1 : end;
    }

    bool place_closing(TextNode& node, std::size_t at, char bracket)
    {
        node.end = next(at) + 1;
        return is(node.end - 1, bracket);
    }

    std::string_view text_;
};

}  // namespace

const TextEntry* TextNode::find(std::string_view key) const noexcept
{
    const auto found = std::ranges::find_if(entries, [&](const TextEntry& entry) { return entry.key.scalar == key; });
    return found == entries.end() ? nullptr : &*found;
}

Expected<TextNode> read_text_tree(std::string_view text)
{
    try {
        std::istringstream stream{std::string(text)};
        YAML::Parser parser(stream);
        TextTreeBuilder builder;
        parser.HandleNextDocument(builder);
        TextNode root = builder.take();
        if (!Placer(text).place(root, 0, 0)) return failure("the preset is written in a way that cannot be edited");
        return root;
    } catch (const YAML::Exception& error) {
        return failure("YAML: " + error.msg);
    }
}

}  // namespace stemwire::preset
