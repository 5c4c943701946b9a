// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/probe.hpp"

#include <cstdio>
#include <iostream>

#include <nlohmann/json.hpp>

#include "cli/command.hpp"
#include "cli/options.hpp"
#include "cli/terminal.hpp"

namespace stemwire::cli {

namespace {

nlohmann::ordered_json optional_number(const std::optional<double>& number)
{
    return number ? nlohmann::ordered_json(*number) : nlohmann::ordered_json(nullptr);
}

void print_json(const media::FileInfo& file)
{
    nlohmann::ordered_json json{{"file", file.path}, {"format", file.format}, {"duration", optional_number(file.seconds)}};
    json["streams"] = nlohmann::ordered_json::array();
    for (const media::StreamInfo& stream : file.streams)
        json["streams"].push_back({{"index", stream.index}, {"title", stream.title}, {"language", stream.language}, {"codec", stream.codec},
                                   {"channels", stream.layout.size()}, {"layout", to_string(stream.layout)}, {"rate", stream.rate_hz},
                                   {"duration", optional_number(stream.seconds)}, {"default", stream.is_default}});
    json["attachments"] = file.attachments;
    std::cout << json.dump(2) << '\n';
}

void print_table(const media::FileInfo& file)
{
    std::printf("%-5s  %-24s  %-8s  %-12s  %-10s  %8s  %10s\n", "index", "title", "language", "codec", "channels", "rate", "duration");
    for (const media::StreamInfo& stream : file.streams)
        std::printf("%-5d  %-24s  %-8s  %-12s  %-10s  %5d Hz  %8.3f s\n", stream.index, stream.title.empty() ? "-" : stream.title.c_str(),
                    stream.language.empty() ? "-" : stream.language.c_str(), stream.codec.c_str(), to_string(stream.layout).c_str(), stream.rate_hz,
                    stream.seconds.value_or(0.0));
    for (const std::string& name : file.attachments) std::printf("attached: %s\n", name.c_str());
}

}  // namespace

int probe_command(const std::vector<std::string>& arguments)
{
    const Usage usage{"probe", "FILE", 1, 1, "Lists the audio streams of a media file. `index`, `title` and `language` are what a track's `stream` takes.",
                      {{"json", "", "print one JSON object"}}};
    const auto parsed = parse(usage, arguments);
    if (const int* status = std::get_if<int>(&parsed)) return *status;
    const Arguments& options = std::get<Arguments>(parsed);
    const auto file = media::probe(options.positional().front());
    if (!file) {
        print_errors({file.error()});
        return exit_bad_input;
    }
    if (options.has("json")) print_json(*file);
    else print_table(*file);
    return exit_done;
}

}  // namespace stemwire::cli
