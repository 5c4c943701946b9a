// SPDX-License-Identifier: GPL-3.0-or-later
#include "rt/trace_file.hpp"

#include <atomic>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <utility>

#include <pthread.h>

namespace stemwire::rt::trace {

namespace {

constexpr std::chrono::milliseconds drain_period{10};  // a quarter of what a ring holds (trace_rings.hpp)

std::atomic<bool> taken{false};

std::string escaped(const std::string& text)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string json;
    for (const char character : text) {
        const auto code = static_cast<unsigned char>(character);
        if (code < ' ') json += {'\\', 'u', '0', '0', digits[code >> 4], digits[code & 15]};
        else if (character == '"' || character == '\\') json += {'\\', character};
        else json += character;
    }
    return json;
}

void append(std::string& json, std::int64_t number)
{
    std::array<char, 24> digits;
    json.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

/// Of no negative time.
void append_microseconds(std::string& json, Nanoseconds time)
{
    append(json, time / 1000);
    const auto rest = static_cast<int>(time % 1000);
    json += {'.', static_cast<char>('0' + rest / 100), static_cast<char>('0' + rest / 10 % 10), static_cast<char>('0' + rest % 10)};
}

}  // namespace

Expected<std::unique_ptr<TraceFile>> TraceFile::open(const std::string& path)
{
    if (taken.exchange(true)) return failure("a trace is being written already");
    errno = 0;
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    if (file) return std::unique_ptr<TraceFile>(new TraceFile(path, std::move(file)));
    taken = false;
    return failure("cannot write " + path + ": " + std::strerror(errno));
}

TraceFile::TraceFile(const std::string& path, std::ofstream file)
    : path_(path), file_(std::move(file)), rings_(Rings::get()), lost_before_(rings_.lost), begun_(now()), named_(most_threads, false)
{
    lines_ = R"({"displayTimeUnit":"ns","traceEvents":[)"
             "\n"
             R"({"ph":"M","pid":1,"tid":0,"name":"process_name","args":{"name":"stemwire"}})";
    writer_ = std::thread([this] { write_until_closed(); });
    detail::is_on.store(true, std::memory_order_relaxed);
}

TraceFile::~TraceFile()
{
    static_cast<void>(close());
}

Expected<void> TraceFile::close()
{
    if (!writer_.joinable()) return {};
    detail::is_on.store(false, std::memory_order_relaxed);
    {
        const std::scoped_lock lock(mutex_);
        closing_ = true;
    }
    closed_.notify_one();
    writer_.join();
    lines_ += "\n],\"otherData\":{\"lost_markers\":";
    append(lines_, static_cast<std::int64_t>(lost()));
    file_ << lines_ << "}}\n";
    file_.close();
    taken = false;
    if (!file_) return failure("cannot write " + path_ + " to its end");
    return {};
}

void TraceFile::write_until_closed()
{
    pthread_setname_np(pthread_self(), "stemwire-trace");
    for (bool closing = false; !closing;) {
        std::unique_lock lock(mutex_);
        closing = closed_.wait_for(lock, drain_period, [this] { return closing_; });
        lock.unlock();
        drain();
        file_ << lines_;
        lines_.clear();
    }
}

void TraceFile::drain()
{
    for (std::size_t ring = 0; ring < most_threads; ++ring) {
        auto& events = rings_.ring(ring).events;
        events.consume_all([&](const Event& event) { add(ring, event); });
    }
}

void TraceFile::add(std::size_t ring, const Event& event)
{
    if (event.begin < begun_) return;  // of the time before, or of another trace
    if (!named_[ring]) add_thread(ring);
    const NameText& name = text(event.name);
    std::string& json = lines_;
    json += event.kind == Event::Kind::span ? ",\n{\"ph\":\"X\",\"ts\":" : ",\n{\"ph\":\"i\",\"s\":\"g\",\"ts\":";
    append_microseconds(json, event.begin - begun_);
    if (event.kind == Event::Kind::span) {
        json += ",\"dur\":";
        append_microseconds(json, event.end - event.begin);
    }
    json += ",\"pid\":1,\"tid\":";
    append(json, static_cast<std::int64_t>(ring + 1));
    json += ",\"cat\":\"" + name.category + "\",\"name\":\"" + name.text + "\",\"args\":{\"" + name.number + "\":";
    append(json, event.number);
    json += "}}";
}

void TraceFile::add_thread(std::size_t ring)
{
    named_[ring] = true;
    lines_ += ",\n{\"ph\":\"M\",\"pid\":1,\"name\":\"thread_name\",\"tid\":";
    append(lines_, static_cast<std::int64_t>(ring + 1));
    lines_ += ",\"args\":{\"name\":\"" + text(rings_.ring(ring).thread).text + "\"}}";
}

const NameText& TraceFile::text(Name name)
{
    const auto known = texts_.find(name);
    if (known != texts_.end()) return known->second;
    const NameText plain = text_of(name);
    return texts_.emplace(name, NameText{escaped(plain.category), escaped(plain.text), escaped(plain.number)}).first->second;
}

}  // namespace stemwire::rt::trace
