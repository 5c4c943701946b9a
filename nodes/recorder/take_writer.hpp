// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "media/encoder.hpp"
#include "nodes/recorder/take_file.hpp"
#include "nodes/recorder/tape.hpp"

namespace stemwire::nodes {

/// The encoder's side of a tape: makes a file of each take. What was dropped on the way is silence in the file, which so keeps time. A file is
/// never more than a quarter of a second of audio behind, plus what its codec holds: a crash leaves it playing up to there.
class TakeWriter {
public:
    /// `request.file` is not used. `kept`: frames before a take that it may begin with.
    TakeWriter(Tape& tape, TakePattern pattern, media::EncodeRequest request, Frames kept);
    /// Ends the take as the last audio that came does.
    ~TakeWriter() { end(written_); }
    TakeWriter(const TakeWriter&) = delete;
    TakeWriter& operator=(const TakeWriter&) = delete;

    /// Does all that lies on the tape. Guarantee: blocking. Thread: one at a time.
    void work();
    /// What went wrong, once. Thread: any but realtime.
    [[nodiscard]] std::optional<std::string> take_message();

private:
    void begin(Frames at);
    void hear(Tape::Piece* piece);
    void end(Frames at);
    void write(const Tape::Piece& piece);
    void write_silence(Frames until);
    void pass_on(std::span<const float* const> channels, std::uint32_t frames);
    void forget(Frames before);
    void checkpoint();
    [[nodiscard]] bool disk_is_nearly_full();
    void give_up(const std::string& why);
    void say(std::string message);

    Tape& tape_;
    TakePattern pattern_;
    media::EncodeRequest request_;
    Frames kept_;
    Frames checkpoint_frames_;
    std::deque<Tape::Piece*> history_;       ///< what a take that begins may begin with, in order
    std::unique_ptr<media::Encoder> encoder_;  ///< of the take that is open, if one is
    Frames begun_ = 0;                       ///< tape position of the take's first frame
    Frames written_ = 0;                     ///< tape position up to which the take is written
    Frames checked_ = 0;                     ///< tape position of the last checkpoint
    std::uintmax_t bytes_ = 0;               ///< of the file at the last checkpoint
    std::vector<float> silence_;
    std::vector<const float*> channels_;

    std::mutex mutex_;
    std::deque<std::string> messages_;       ///< guarded by mutex_
};

}  // namespace stemwire::nodes
