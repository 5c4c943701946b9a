// SPDX-License-Identifier: GPL-3.0-or-later
#include "preset/patch.hpp"

#include <algorithm>
#include <array>

#include "preset/address.hpp"
#include "preset/link_cutter.hpp"
#include "preset/link_list_editor.hpp"
#include "preset/quoted.hpp"
#include "preset/value_editor.hpp"

namespace stemwire::preset {

namespace {

constexpr double default_rate_hz = 48000.0;
/// Each round does all edits that do not meet, and the next one sees what they led to: as many as one map can lack parameters, and some for anchors.
constexpr int most_rounds = 64;
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

/// A text, what it means and where it says it.
struct Version {
    std::string text;
    Preset preset;
    YamlNode read;
    TextNode tree;
};

using Versions = Expected<Version>;

Versions read_version(std::string text, const std::string& path)
{
    Loaded loaded = load_text(text, path);
    if (!loaded.preset) return tl::unexpected(loaded.errors.front());
    Errors errors;
    YamlNode read = read_yaml(text, errors);
    auto tree = read_text_tree(text);
    if (!tree) return tl::unexpected(Error{tree.error().message, path});
    return Version{std::move(text), std::move(*loaded.preset), std::move(read), std::move(*tree)};
}

const YamlNode& list_of_links(const YamlNode& root)
{
    static const YamlNode nothing;
    const YamlEntry* links = root.find("links");
    if (links != nullptr && links->value.what == YamlNode::What::map) links = links->value.find("list");
    return links == nullptr ? nothing : links->value;
}

Expected<std::vector<PortLink>> port_by_port(LinkCutter& cutter, const std::vector<PortLink>& links)
{
    std::vector<PortLink> all;
    for (const PortLink& link : links) {
        auto meant = cutter.meant(link);
        if (!meant) return meant;
        std::ranges::move(*meant, std::back_inserter(all));
    }
    return all;
}

bool has_same_numbers(Preset before, Preset after)
{
    const auto same = [](const auto& a, const auto& b) { return a.first == b.first && *a.second.number == *b.second.number; };
    return std::ranges::equal(numbers_of(before), numbers_of(after), same);
}

/// A pattern that this name alone matches.
std::string as_glob(const std::string& name)
{
    std::string glob;
    for (const char letter : name) glob += (std::string_view("*?[\\").find(letter) == std::string_view::npos ? "" : "\\") + std::string(1, letter);
    return glob;
}

/// Edits of one preset; one use.
class Patcher {
public:
    Patcher(Version version, const std::string& path) : now_(std::move(version)), path_(path) {}

    Expected<std::string> apply(const Changes& changes)
    {
        if (auto done = add_externals(changes.externals_added); !done) return tl::unexpected(std::move(done.error()));
        if (auto done = change_links(changes); !done) return tl::unexpected(std::move(done.error()));
        Preset wanted = now_.preset;
        if (auto done = change_model(changes, wanted); !done) return tl::unexpected(std::move(done.error()));
        if (auto done = write_loop(wanted.transport.loop_seconds); !done) return tl::unexpected(std::move(done.error()));
        if (auto done = write_numbers(wanted); !done) return tl::unexpected(std::move(done.error()));
        const Difference rest = difference(wanted, now_.preset);
        if (!rest.empty() || !rest.messages.empty()) return refuse("the changes cannot be written into this preset without changing more of it");
        return std::move(now_.text);
    }

private:
    using Done = Expected<void>;

    [[nodiscard]] tl::unexpected<Error> refuse(std::string message) const { return tl::unexpected(Error{std::move(message), path_}); }

    Done edit(std::vector<TextEdit> edits)
    {
        auto next = read_version(edited(now_.text, std::move(edits)), path_);
        if (!next) return tl::unexpected(std::move(next.error()));
        now_ = std::move(*next);
        return {};
    }

    Done add_externals(const std::vector<Changes::External>& externals)
    {
        // One after the other: the first may begin the section.
        for (const auto& [name, node] : externals) {
            ValueEditor editor = this->editor();
            editor.set(std::array{Step{"external"}, Step{name}}, {.text = "{ node: " + quoted(as_glob(node)) + " }"});
            if (auto done = edit(editor.take()); !done) return done;
        }
        return {};
    }

    Done change_links(const Changes& changes)
    {
        if (changes.links_removed.empty() && changes.links_added.empty()) return {};
        Preset before = now_.preset;
        LinkCutter cutter(before);
        const auto cut = port_by_port(cutter, changes.links_removed);
        const auto added = port_by_port(cutter, changes.links_added);
        if (!cut || !added) return tl::unexpected(cut ? added.error() : cut.error());
        if (auto done = remove_links(changes.links_removed); !done) return done;
        if (auto done = add_links(changes.links_added); !done) return done;
        if (!is_relinked(before, *cut, *added) || !has_same_numbers(before, now_.preset)) return refuse("the links cannot be changed without changing more");
        return {};
    }

    /// True where the links are those of before, without the cut ones and with the added ones.
    [[nodiscard]] bool is_relinked(const Preset& before, const std::vector<PortLink>& cut, const std::vector<PortLink>& added) const
    {
        const std::vector<PortLink> links = port_links(now_.preset);
        const LinkCutter old_links(before);
        const LinkCutter new_links(now_.preset);
        const auto is_right = [&](const PortLink& link) { return meets(added, link) || (old_links.has(link) && !meets(cut, link)); };
        const auto is_left = [&](const PortLink& link) { return meets(cut, link) || meets(links, link); };
        return std::ranges::all_of(links, is_right) && std::ranges::all_of(port_links(before), is_left) &&
               std::ranges::all_of(added, [&](const PortLink& link) { return new_links.has(link); });
    }

    Done remove_links(const std::vector<PortLink>& links)
    {
        // A link that is said twice is there still when one of its texts is gone.
        for (int round = 0; round < most_rounds; ++round) {
            LinkCutter cutter(now_.preset);
            auto cut = port_by_port(cutter, links);
            // A port that got its layout from the link went with it.
            if (!cut && round > 0) return {};
            if (!cut) return tl::unexpected(std::move(cut.error()));
            if (std::ranges::none_of(*cut, [&](const PortLink& link) { return cutter.has(link); })) return {};
            if (auto done = cut_links(cutter, *cut); !done) return done;
        }
        return refuse("a link cannot be taken out");
    }

    Done cut_links(LinkCutter& cutter, const std::vector<PortLink>& cut)
    {
        const TextNode* list = find_links(now_.tree);
        const YamlNode& read = list_of_links(now_.read);
        if (list == nullptr || list->items.size() != read.items.size()) return refuse("the list of links is written in a way that cannot be edited");
        std::vector<std::vector<std::string>> wanted;
        for (const YamlNode& item : read.items) {
            auto texts = cutter.without(cut, item);
            if (!texts) return tl::unexpected(std::move(texts.error()));
            wanted.push_back(std::move(*texts));
        }
        return edit(edit_items(now_.text, *list, wanted));
    }

    Done add_links(const std::vector<PortLink>& links)
    {
        LinkCutter cutter(now_.preset);
        auto added = port_by_port(cutter, links);
        if (!added) return tl::unexpected(std::move(added.error()));
        const std::vector<std::string> texts = cutter.texts_of(*added);
        if (texts.empty()) return {};
        const TextNode* list = find_links(now_.tree);
        if (list == nullptr || list->items.empty()) {
            auto edits = begin_links(now_.text, now_.tree, texts);
            return edits ? edit(std::move(*edits)) : Done(tl::unexpected(std::move(edits.error())));
        }
        std::vector<std::vector<std::string>> wanted;
        for (const YamlNode& item : list_of_links(now_.read).items) wanted.push_back({item.scalar});
        std::ranges::copy(texts, std::back_inserter(wanted.back()));
        return edit(edit_items(now_.text, *list, wanted));
    }

    Done change_model(const Changes& changes, Preset& wanted) const
    {
        const auto places = numbers_of(wanted);
        for (const auto& [address, value] : changes.numbers) {
            const auto place = places.find(address);
            if (place == places.end()) return refuse("there is no '" + address + "' that is a number");
            *place->second.given |= *place->second.number != value;
            *place->second.number = value;
        }
        if (changes.loop_seconds) wanted.transport.loop_seconds = *changes.loop_seconds;
        return {};
    }

    [[nodiscard]] ValueEditor editor() const { return {now_.text, now_.tree, now_.read, now_.preset.rate_hz.value_or(default_rate_hz)}; }

    Done write_loop(const std::optional<std::pair<double, double>>& loop)
    {
        const auto& now = now_.preset.transport.loop_seconds;
        if (now == loop) return {};
        const Parameter row{.name = "loop", .kind = Kind::time_range, .description = ""};
        std::vector<Step> steps{{"transport"}, {"loop"}};
        ValueEditor editor = this->editor();
        if (!loop && !editor.remove(steps)) return refuse("the loop comes from an alias or a merge key: it cannot be taken out");
        if (loop && !(now && has_list(steps)))
            editor.set(steps, {.text = "[" + format_number(row, loop->first) + ", " + format_number(row, loop->second) + "]"});
        else if (loop) {
            steps.push_back({.item = 0});
            if (now->first != loop->first) editor.set(steps, {&row, loop->first});
            steps.back().item = 1;
            if (now->second != loop->second) editor.set(steps, {&row, loop->second});
        }
        return edit(editor.take());
    }

    /// True where a list stands at this place itself, not an alias of one.
    [[nodiscard]] bool has_list(const std::vector<Step>& steps) const
    {
        const TextNode* node = &now_.tree;
        for (const Step& step : steps) {
            const TextEntry* entry = node->what == TextNode::What::map ? node->find(step.key) : nullptr;
            if (entry == nullptr) return false;
            node = &entry->value;
        }
        return node->what == TextNode::What::list;
    }

    /// In rounds until all numbers are the wanted ones: those that were meant to change, and those that an edit at an anchor changed elsewhere.
    Done write_numbers(Preset& wanted)
    {
        const auto wanted_places = numbers_of(wanted);
        for (int round = 0; round < most_rounds; ++round) {
            const auto places = numbers_of(now_.preset);
            ValueEditor editor = this->editor();
            for (const auto& [address, place] : places)
                if (const auto found = wanted_places.find(address); found != wanted_places.end() && *found->second.number != *place.number)
                    editor.set(place.steps, {place.row, *found->second.number});
            const std::string before = now_.text;
            if (auto done = edit(editor.take()); !done) return done;
            if (now_.text == before) break;
        }
        return {};
    }

    Version now_;
    const std::string& path_;
};

}  // namespace

Expected<std::string> apply(std::string_view text, const std::string& path, const Changes& changes)
{
    const bool is_marked = text.starts_with(byte_order_mark);
    if (is_marked) text.remove_prefix(byte_order_mark.size());
    auto version = read_version(std::string(text), path);
    if (!version) return tl::unexpected(std::move(version.error()));
    auto result = Patcher(std::move(*version), path).apply(changes);
    if (result && is_marked) result->insert(0, byte_order_mark);
    return result;
}

}  // namespace stemwire::preset
