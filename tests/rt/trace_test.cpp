// SPDX-License-Identifier: GPL-3.0-or-later
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <latch>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <nlohmann/json.hpp>

#include "rt/trace.hpp"
#include "rt/trace_file.hpp"
#include "tests/support/realtime_guard.hpp"
#include "tests/support/temporary_folder.hpp"

namespace stemwire::test {
namespace {

namespace trace = rt::trace;
using nlohmann::json;

const trace::Name outer = trace::name("test", "outer", "clock");
const trace::Name inner = trace::name("test", "inner", "clock");
const trace::Name event = trace::name("test", "event");

/// Traces what the function does, and returns what the file says.
template <class Function>
json traced(Function function)
{
    const TemporaryFolder folder;
    const std::string path = folder.file("trace.json");
    auto file = trace::TraceFile::open(path);
    EXPECT_TRUE(file) << file.error().message;
    function(**file);
    EXPECT_TRUE((*file)->close());
    std::ifstream stream(path);
    return json::parse(stream);
}

std::vector<json> of_kind(const json& written, const std::string& kind)
{
    std::vector<json> found;
    std::ranges::copy_if(written["traceEvents"], std::back_inserter(found), [&](const json& one) { return one["ph"] == kind; });
    return found;
}

double end_of(const json& span) { return span["ts"].get<double>() + span["dur"].get<double>(); }

TEST(Trace, writes_spans_and_instants_with_their_names_and_numbers)
{
    const json written = traced([](trace::TraceFile&) {
        { const trace::Span span(outer, 4800); }
        trace::instant(event, -3);
    });
    const auto spans = of_kind(written, "X");
    ASSERT_EQ(spans.size(), 1u);
    EXPECT_EQ(spans[0]["cat"], "test");
    EXPECT_EQ(spans[0]["name"], "outer");
    EXPECT_EQ(spans[0]["args"], json({{"clock", 4800}}));
    const auto instants = of_kind(written, "i");
    ASSERT_EQ(instants.size(), 1u);
    EXPECT_EQ(instants[0]["name"], "event");
    EXPECT_EQ(instants[0]["args"], json({{"number", -3}}));
    EXPECT_GE(instants[0]["ts"].get<double>(), end_of(spans[0]));
    EXPECT_EQ(written["otherData"]["lost_markers"], 0);
}

TEST(Trace, writes_times_to_the_nanosecond)
{
    const json written = traced([](trace::TraceFile&) {
        const trace::Nanoseconds begin = trace::now();
        trace::span(outer, begin, begin + 1'002'003);
    });
    EXPECT_DOUBLE_EQ(of_kind(written, "X").at(0)["dur"].get<double>(), 1002.003);
}

TEST(Trace, writes_any_name_as_valid_json)
{
    const std::string hostile = "a \"name\"\\ with\n\x01 \xc3\xa9";
    const json written = traced([&](trace::TraceFile&) { trace::instant(trace::name("test", hostile)); });
    EXPECT_EQ(of_kind(written, "i").at(0)["name"], hostile);
}

TEST(Trace, a_name_is_the_same_for_the_same_texts_only)
{
    EXPECT_EQ(trace::name("test", "outer", "clock"), outer);
    EXPECT_NE(trace::name("test", "outer", "frames"), outer);
    EXPECT_NE(trace::name("other", "outer", "clock"), outer);
}

TEST(Trace, every_threads_spans_arrive_in_order_and_nest)
{
    constexpr int threads = 4;
    constexpr int spans = static_cast<int>(trace::ring_events) / 2;  // two markers each: just what a ring holds if nobody reads
    const json written = traced([](trace::TraceFile&) {
        std::latch together(threads);
        std::vector<std::jthread> workers;
        for (int thread = 0; thread < threads; ++thread)
            workers.emplace_back([&together, thread] {
                trace::call_thread(trace::name("thread", "worker " + std::to_string(thread)));
                together.arrive_and_wait();
                for (int i = 0; i < spans; ++i) {
                    const trace::Span around(outer, i);
                    const trace::Span within(inner, i);
                }
            });
    });
    std::map<int, std::vector<json>> by_thread;
    for (const json& span : of_kind(written, "X")) by_thread[span["tid"]].push_back(span);
    ASSERT_EQ(by_thread.size(), static_cast<std::size_t>(threads));
    for (const auto& [thread, found] : by_thread) {
        ASSERT_EQ(found.size(), 2u * spans);
        for (std::size_t i = 0; i < found.size(); i += 2) {
            ASSERT_EQ(found[i]["name"], "inner");
            ASSERT_EQ(found[i + 1]["name"], "outer");
            ASSERT_EQ(found[i]["args"]["clock"], static_cast<int>(i / 2));
            ASSERT_LE(found[i + 1]["ts"], found[i]["ts"]);
            // Numbers of three decimals, added in floating point.
            ASSERT_LE(end_of(found[i]), end_of(found[i + 1]) + 1e-4);
        }
    }
    std::vector<std::string> names;
    for (const json& thread : of_kind(written, "M"))
        if (thread["name"] == "thread_name") names.push_back(thread["args"]["name"]);
    std::ranges::sort(names);
    EXPECT_EQ(names, (std::vector<std::string>{"worker 0", "worker 1", "worker 2", "worker 3"}));
    EXPECT_EQ(written["otherData"]["lost_markers"], 0);
}

TEST(Trace, counts_what_does_not_fit)
{
    constexpr std::size_t markers = 20 * trace::ring_events;
    const json written = traced([](trace::TraceFile&) {
        std::jthread([] {
            for (std::size_t i = 0; i < markers; ++i) trace::instant(event);
        });
    });
    EXPECT_EQ(of_kind(written, "i").size() + written["otherData"]["lost_markers"].get<std::size_t>(), markers);
}

TEST(Trace, holds_nothing_of_the_time_before_and_after)
{
    { const trace::Span span(outer); }
    const trace::Nanoseconds before = trace::now();
    const json written = traced([&](trace::TraceFile& file) {
        trace::span(outer, before, trace::now());
        trace::instant(event, 1);
        EXPECT_TRUE(file.close());
        EXPECT_FALSE(trace::on());
        const trace::Span late(outer);
    });
    EXPECT_TRUE(of_kind(written, "X").empty());
    EXPECT_EQ(of_kind(written, "i").size(), 1u);
    EXPECT_TRUE(of_kind(traced([](trace::TraceFile&) {}), "i").empty());
}

TEST(Trace, a_marker_neither_allocates_nor_locks_even_a_threads_first)
{
    traced([](trace::TraceFile&) {
        std::jthread([] {
            const RealtimeGuard guard;
            trace::call_thread(outer);
            { const trace::Span span(outer, 1); }
            trace::instant(event);
            EXPECT_EQ(guard.offences(), 0u);
        });
    });
}

TEST(Trace, one_at_a_time_and_then_another)
{
    const TemporaryFolder folder;
    auto first = trace::TraceFile::open(folder.file("first.json"));
    ASSERT_TRUE(first);
    const auto second = trace::TraceFile::open(folder.file("second.json"));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().message, "a trace is being written already");
    first->reset();
    EXPECT_TRUE(trace::TraceFile::open(folder.file("second.json")));
}

TEST(Trace, says_that_a_file_cannot_be_written)
{
    const auto file = trace::TraceFile::open("/nowhere/trace.json");
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().message, "cannot write /nowhere/trace.json: No such file or directory");
    EXPECT_FALSE(trace::on());
}

}  // namespace
}  // namespace stemwire::test
