// SPDX-License-Identifier: GPL-3.0-or-later
#include "preset/link_list_editor.hpp"

namespace stemwire::preset {

namespace {

/// A link as an item of a list: a port of an external may be called anything.
std::string item_text(const std::string& link)
{
    const bool is_plain = link.find_first_of(",[]{}#\"'\t") == std::string::npos && link.find(": ") == std::string::npos &&
                          std::string_view("&*!|>%@`?").find(link.front()) == std::string_view::npos;
    if (is_plain) return link;
    std::string quoted = "'";
    for (const char letter : link) quoted += letter == '\'' ? "''" : std::string(1, letter);
    return quoted + "'";
}

std::string joined(const std::vector<std::string>& links)
{
    std::string text;
    for (const std::string& link : links) text += (text.empty() ? "" : ", ") + item_text(link);
    return text;
}

/// The same link in the quotation marks of another.
std::string in_style_of(const TextNode& item, std::string_view text, const std::string& link)
{
    const char first = text[item.begin];
    return first == '"' || first == '\'' ? first + link + first : item_text(link);
}

class BlockList {
public:
    BlockList(std::string_view text, const TextNode& list)
        : text_(text), eol_(line_break(text)), dash_(std::string(list.begin - line_begin(text, list.begin), ' ') + "- ")
    {
    }

    void edit(const TextNode& item, const std::vector<std::string>& wanted)
    {
        if (wanted.empty()) return remove(item);
        if (item.what != TextNode::What::scalar || wanted.front() != item.scalar)
            edits_.push_back({item.begin, item.end, in_style_of(item, text_, wanted.front())});
        std::string more;
        for (std::size_t i = 1; i < wanted.size(); ++i) more += eol_ + dash_ + item_text(wanted[i]);
        const std::size_t end = line_end(text_, item.end);
        if (!more.empty()) edits_.push_back({end, end, std::move(more)});
    }

    [[nodiscard]] std::vector<TextEdit> take() { return std::move(edits_); }

private:
    void remove(const TextNode& item)
    {
        std::size_t begin = line_begin(text_, item.begin);
        const std::size_t end = next_line(text_, item.end);
        // Where the last line has no line break, it is the one before it that goes.
        if (end == text_.size() && !text_.ends_with('\n') && begin > 0) begin = line_end(text_, begin - 1);
        edits_.push_back({begin, end});
    }

    std::string_view text_;
    std::string eol_;
    std::string dash_;
    std::vector<TextEdit> edits_;
};

std::vector<TextEdit> edit_flow_list(std::string_view text, const TextNode& list, const std::vector<std::vector<std::string>>& wanted)
{
    std::vector<TextEdit> edits;
    std::size_t kept_end = 0;   // behind the last item that stays; 0: there is none yet
    std::size_t gone = 0;       // items since then that go
    for (std::size_t i = 0; i < list.items.size(); ++i) {
        const TextNode& item = list.items[i];
        if (wanted[i].empty()) {
            ++gone;
            continue;
        }
        if (gone > 0) edits.push_back({list.items[i - gone].begin, item.begin});
        gone = 0;
        kept_end = item.end;
        const std::vector<std::string> more(wanted[i].begin() + 1, wanted[i].end());
        if (wanted[i].front() != item.scalar) edits.push_back({item.begin, item.end, in_style_of(item, text, wanted[i].front())});
        if (!more.empty()) edits.push_back({item.end, item.end, ", " + joined(more)});
    }
    if (gone > 0) edits.push_back({kept_end > 0 ? kept_end : list.items.front().begin, list.items.back().end});
    return edits;
}

}  // namespace

std::vector<TextEdit> edit_items(std::string_view text, const TextNode& list, const std::vector<std::vector<std::string>>& wanted)
{
    if (list.flow) return edit_flow_list(text, list, wanted);
    BlockList block(text, list);
    for (std::size_t i = 0; i < list.items.size(); ++i) block.edit(list.items[i], wanted[i]);
    return block.take();
}

const TextNode* find_links(const TextNode& root)
{
    const TextEntry* links = root.find("links");
    if (links != nullptr && links->value.what == TextNode::What::map) links = links->value.find("list");
    return links == nullptr ? nullptr : &links->value;
}

Expected<std::vector<TextEdit>> begin_links(std::string_view text, const TextNode& root, const std::vector<std::string>& links)
{
    const std::string flow = "[ " + joined(links) + " ]";
    const std::string eol(line_break(text));
    std::string block;
    for (const std::string& link : links) block += eol + "  - " + item_text(link);
    if (const TextNode* list = find_links(root)) {
        const bool is_written = list->begin < list->end;
        if (list->what == TextNode::What::alias) return failure("the list of links is an alias: it cannot be added to");
        if (is_written || root.flow) return std::vector<TextEdit>{{list->begin, list->end, (is_written ? "" : " ") + flow}};
        const TextEntry* map = root.find("links");
        if (&map->value != list) return std::vector<TextEdit>{{list->begin, list->end, " " + flow}};
        const std::size_t end = line_end(text, list->end);
        return std::vector<TextEdit>{{end, end, block}};
    }
    const TextEntry* map = root.find("links");
    const TextEntry& last = map == nullptr ? root.entries.back() : map->value.entries.back();
    const TextNode& parent = map == nullptr ? root : map->value;
    const std::size_t end = last.value.end;
    if (parent.flow) return std::vector<TextEdit>{{end, end, map == nullptr ? ", links: " + flow : ", list: " + flow}};
    const std::size_t at = line_end(text, end);
    const std::string indent(parent.begin - line_begin(text, parent.begin), ' ');
    return std::vector<TextEdit>{{at, at, map == nullptr ? eol + eol + "links:" + block : eol + indent + "list: " + flow}};
}

}  // namespace stemwire::preset
