// SPDX-License-Identifier: GPL-3.0-or-later
#include "media/decode_pool.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include <pthread.h>

#include "media/file_version.hpp"
#include "media/probe_cache.hpp"
#include "media/track_stream.hpp"
#include "rt/denormals.hpp"
#include "rt/trace.hpp"

namespace stemwire::media {

namespace {

using std::chrono::duration;

// A worker that finds nothing to do looks again when the poorest stream has played a quarter of what it has, within these bounds:
// the realtime side wakes nobody.
constexpr double share_of_buffer = 0.25;
constexpr double shortest_sleep_s = 0.001;
constexpr double longest_sleep_s = 0.05;

const rt::trace::Name thread_name = rt::trace::name("thread", "decode");
const rt::trace::Name wait_mark = rt::trace::name("decode", "wait", "streams");

}  // namespace

struct DecodePool::Impl final : Workers {
    struct Member {
        TrackStream* stream;
        bool busy = false;
    };

    explicit Impl(unsigned workers);
    ~Impl() override;

    Expected<std::shared_ptr<SourceFile>> file(const std::string& path);
    Expected<std::unique_ptr<Excerpt>> excerpt(const StreamRequest& request, const TakeRequest& take);
    void add(TrackStream& stream) override;
    void remove(TrackStream& stream) override;
    void wake() override;

private:
    void run();
    Member* neediest();
    duration<double> sleep_time() const;

    std::mutex mutex_;  // guards all below
    std::condition_variable work_;  // there is some, or the end has come
    std::condition_variable idle_;  // a worker has left a stream
    bool stopping_ = false;
    std::vector<std::unique_ptr<Member>> members_;
    std::map<std::pair<std::string, FileVersion>, std::weak_ptr<SourceFile>> files_;
    std::vector<std::thread> workers_;
};

DecodePool::Impl::Impl(unsigned workers)
{
    for (unsigned worker = 0; worker < workers; ++worker) workers_.emplace_back([this] { run(); });
}

DecodePool::Impl::~Impl()
{
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    work_.notify_all();
    for (std::thread& worker : workers_) worker.join();
}

Expected<std::shared_ptr<SourceFile>> DecodePool::Impl::file(const std::string& path)
{
    const std::scoped_lock lock(mutex_);
    std::erase_if(files_, [](const auto& known) { return known.second.expired(); });
    auto& known = files_[{path, file_version(path)}];
    if (auto open = known.lock()) return open;
    auto opened = open_source(path);
    if (opened) known = *opened;
    return opened;
}

void DecodePool::Impl::add(TrackStream& stream)
{
    const std::scoped_lock lock(mutex_);
    members_.push_back(std::make_unique<Member>(Member{&stream}));
}

void DecodePool::Impl::remove(TrackStream& stream)
{
    std::unique_lock lock(mutex_);
    const auto member = std::ranges::find(members_, &stream, [](const auto& known) { return known->stream; });
    if (member == members_.end()) return;
    const Member* leaving = member->get();
    idle_.wait(lock, [&] { return !leaving->busy; });
    std::erase_if(members_, [&](const auto& known) { return known.get() == leaving; });
}

void DecodePool::Impl::wake()
{
    const std::scoped_lock lock(mutex_);
    work_.notify_all();
}

/// The stream that would run dry first, of those that have work.
DecodePool::Impl::Member* DecodePool::Impl::neediest()
{
    Member* poorest = nullptr;
    double least = 0.0;
    for (const auto& member : members_) {
        if (member->busy || !member->stream->has_work()) continue;
        const double seconds = member->stream->seconds_to_play();
        if (poorest != nullptr && seconds >= least) continue;
        poorest = member.get();
        least = seconds;
    }
    return poorest;
}

duration<double> DecodePool::Impl::sleep_time() const
{
    double least = longest_sleep_s / share_of_buffer;
    for (const auto& member : members_) least = std::min(least, member->stream->seconds_to_play());
    return duration<double>(std::clamp(least * share_of_buffer, shortest_sleep_s, longest_sleep_s));
}

void DecodePool::Impl::run()
{
    const rt::FlushDenormals flush;
    const sched_param none{};
    pthread_setschedparam(pthread_self(), SCHED_OTHER, &none);  // whatever the thread that made the pool has
    pthread_setname_np(pthread_self(), "stemwire-decode");
    rt::trace::call_thread(thread_name);
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        Member* member = neediest();
        if (member == nullptr) {
            const rt::trace::Span mark(wait_mark, static_cast<std::int64_t>(members_.size()));
            work_.wait_for(lock, sleep_time());
            continue;
        }
        member->busy = true;
        lock.unlock();
        member->stream->work();
        lock.lock();
        member->busy = false;
        idle_.notify_all();
    }
}

DecodePool::DecodePool(unsigned workers) : impl_(std::make_unique<Impl>(workers)) {}

DecodePool::~DecodePool() = default;

Expected<std::unique_ptr<Excerpt>> DecodePool::Impl::excerpt(const StreamRequest& request, const TakeRequest& take)
{
    const auto info = probe_cached(take.file);
    if (!info) return tl::unexpected(info.error());
    const auto stream = select_stream(*info, take.stream);
    if (!stream) return tl::unexpected(stream.error());
    auto opened = file(take.file);
    if (!opened) return tl::unexpected(opened.error());
    auto reader = (*opened)->open_stream(static_cast<std::size_t>(stream->index), request.channels);
    if (!reader) return tl::unexpected(reader.error());
    return std::make_unique<Excerpt>(std::move(*reader), request.trim_from.value_or(0.0), request.trim_to, request.loop_count);
}

Expected<std::unique_ptr<DecodedStream>> DecodePool::open(const StreamRequest& request)
{
    const std::vector<TakeRequest> takes = request.takes.empty() ? std::vector{TakeRequest{request.file, request.stream}} : request.takes;
    std::vector<std::unique_ptr<Excerpt>> excerpts;
    for (const TakeRequest& take : takes) {
        auto excerpt = impl_->excerpt(request, take);
        if (!excerpt) return tl::unexpected(excerpt.error());
        excerpts.push_back(std::move(*excerpt));
    }
    return std::make_unique<TrackStream>(request, std::move(excerpts), *impl_);
}

}  // namespace stemwire::media
