// SPDX-License-Identifier: GPL-3.0-or-later
// Gives a target every file of the folders that are named, and then, for as long as is said, what they become by small random changes: what a build without
// libFuzzer can do.
// usage: replay_TARGET [--seconds N] FOLDER…
#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "input.hpp"

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t longest = 16'384;
constexpr unsigned patience_s = 10;  // for one input
constexpr const char* finding = "fuzz-finding";

/// What is given to the target now, for who handles its crash.
const Bytes* given = nullptr;

extern "C" void keep_input(int signal)
{
    const int file = open(finding, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    if (given != nullptr && file >= 0) static_cast<void>(!write(file, given->data(), given->size()));
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

void give(const Bytes& bytes)
{
    given = &bytes;
    alarm(patience_s);
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    alarm(0);
}

/// Files of a folder, in the order of their names, so that a run can be repeated.
std::vector<Bytes> inputs_of(const std::string& folder)
{
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        if (entry.is_regular_file()) paths.push_back(entry.path());
    std::ranges::sort(paths);
    std::vector<Bytes> inputs;
    for (const auto& path : paths) {
        std::ifstream stream(path, std::ios::binary);
        inputs.emplace_back(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
    }
    return inputs;
}

/// Makes an input into a slightly different one.
class Mutator {
public:
    explicit Mutator(const std::vector<Bytes>& inputs) : inputs_(inputs) {}

    Bytes next()
    {
        Bytes bytes = any();
        for (std::size_t changes = 1 + below(6); changes > 0; --changes) change(bytes);
        bytes.resize(std::min(bytes.size(), longest));
        return bytes;
    }

private:
    [[nodiscard]] std::size_t below(std::size_t limit) { return limit == 0 ? 0 : std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_); }
    [[nodiscard]] const Bytes& any() { return inputs_[below(inputs_.size())]; }
    [[nodiscard]] static Bytes::iterator at(Bytes& bytes, std::size_t index) { return bytes.begin() + static_cast<std::ptrdiff_t>(index); }

    void change(Bytes& bytes)
    {
        const std::size_t place = below(bytes.size() + 1);
        const std::size_t rest = bytes.size() - place;
        switch (below(7)) {
        case 0: return insert_piece(bytes, place);
        case 1: bytes.erase(at(bytes, place), at(bytes, place + std::min(rest, 1 + below(below(2) == 0 ? 4 : 200)))); return;
        case 2: bytes.insert(at(bytes, place), 1 + below(8), static_cast<std::uint8_t>(below(256))); return;
        case 3: return overwrite_number(bytes, place);
        case 4: return overwrite_digit(bytes, place);
        default:
            if (rest > 0) bytes[place] = below(2) == 0 ? static_cast<std::uint8_t>(below(256)) : static_cast<std::uint8_t>(bytes[place] ^ 1u << below(8));
        }
    }
    /// Some of another input, or of this one.
    void insert_piece(Bytes& bytes, std::size_t place)
    {
        const Bytes& from = any();
        const std::size_t begin = below(from.size() + 1);
        const Bytes piece(from.begin() + static_cast<std::ptrdiff_t>(begin),
                          from.begin() + static_cast<std::ptrdiff_t>(begin + std::min(from.size() - begin, below(64) + 1)));
        bytes.insert(at(bytes, place), piece.begin(), piece.end());
    }
    /// One at the edge of what its bytes can hold, with its lowest byte first or last.
    void overwrite_number(Bytes& bytes, std::size_t place)
    {
        constexpr std::array<std::uint64_t, 9> edges{0, 1, 0x7f, 0x80, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff, ~std::uint64_t{0}};
        const std::size_t width = std::size_t{1} << below(4);
        const std::uint64_t edge = edges[below(edges.size())] + below(3) - 1;
        const bool big_endian = below(2) == 0;
        for (std::size_t i = 0; i < width && place + i < bytes.size(); ++i)
            bytes[place + i] = static_cast<std::uint8_t>(edge >> (8 * (big_endian ? width - 1 - i : i)));
    }
    /// The next digit from there on becomes another sign of numbers.
    void overwrite_digit(Bytes& bytes, std::size_t place)
    {
        constexpr std::string_view signs = "0123456789.-+e";
        const auto digit = std::find_if(at(bytes, place), bytes.end(), [](std::uint8_t byte) { return byte >= '0' && byte <= '9'; });
        if (digit != bytes.end()) *digit = static_cast<std::uint8_t>(signs[below(signs.size())]);
    }

    const std::vector<Bytes>& inputs_;
    std::mt19937_64 random_{1};  // the same changes in every run
};

}  // namespace

int main(int count, char** arguments)
{
    std::vector<std::string> words(arguments + 1, arguments + count);
    std::chrono::seconds length{0};
    if (words.size() > 1 && words[0] == "--seconds") {
        length = std::chrono::seconds(std::atol(words[1].c_str()));
        words.erase(words.begin(), words.begin() + 2);
    }
    for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGALRM}) std::signal(signal, keep_input);
    std::vector<Bytes> inputs;
    for (const std::string& folder : words) std::ranges::move(inputs_of(folder), std::back_inserter(inputs));
    for (const Bytes& input : inputs) give(input);
    std::size_t made = 0;
    Mutator mutator(inputs);
    for (const auto end = std::chrono::steady_clock::now() + length; !inputs.empty() && std::chrono::steady_clock::now() < end; ++made) give(mutator.next());
    std::cout << inputs.size() << " inputs, " << made << " made of them\n";
    return inputs.empty() ? 1 : 0;
}
