// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <vector>

#include "fixtures.hpp"
#include "media/decode_pool.hpp"

/// What a stream puts out, and what it should.
namespace stemwire::test {

inline std::unique_ptr<media::DecodedStream> open(media::DecodePool& pool, const media::StreamRequest& request)
{
    auto stream = pool.open(request);
    if (!stream) throw std::runtime_error(to_string(stream.error()));
    return std::move(*stream);
}

/// Reads an epoch from `from` on as the realtime side does, offline: fill, then read, in blocks of odd sizes.
class Player {
public:
    explicit Player(media::DecodedStream& stream) : stream_(stream), planes_(stream.channels()) {}

    const Planes& play(Epoch epoch, Frames from, std::size_t frames, bool fills = true)
    {
        planes_.assign(stream_.channels(), std::vector<float>(frames));
        std::vector<float*> at(planes_.size());
        std::uint32_t size = 1;
        for (std::size_t done = 0; done < frames; size = size % 2999 + 57) {
            const auto count = static_cast<std::uint32_t>(std::min<std::size_t>(size, frames - done));
            for (std::size_t channel = 0; channel < at.size(); ++channel) at[channel] = planes_[channel].data() + done;
            if (fills) stream_.fill(count);
            missing += stream_.read(epoch, from + done, at, count).missing;
            done += count;
        }
        return planes_;
    }
    std::uint64_t missing = 0;

private:
    media::DecodedStream& stream_;
    Planes planes_;
};

/// What is heard at every timeline frame, by definition.
struct Oracle {
    Planes file;
    Frames start = 0;
    Frames from = 0;
    Frames to = endless;
    double count = 1.0;

    [[nodiscard]] float at(std::size_t channel, Frames timeline) const
    {
        const Frames once = std::min<Frames>(to, file[channel].size()) - from;
        if (timeline < start || static_cast<double>((timeline - start) / once) >= count) return 0.0f;
        return file[channel][from + (timeline - start) % once];
    }

    [[nodiscard]] Planes play(const Cue& cue, std::size_t frames) const
    {
        Planes planes(file.size(), std::vector<float>(frames));
        Frames timeline = cue.start;
        for (std::size_t i = 0; i < frames; ++i) {
            for (std::size_t channel = 0; channel < planes.size(); ++channel) planes[channel][i] = at(channel, timeline);
            ++timeline;
            if (cue.loops() && timeline == cue.loop_to) timeline = cue.loop_from;
        }
        return planes;
    }
};

}  // namespace stemwire::test
