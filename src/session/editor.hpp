// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <optional>

#include "session/instance.hpp"

namespace stemwire::session {

/// Turns a running instance into what an edited preset says: what has to be built is built on a thread of its own, new sources get ready for a place
/// that playing will have come to, and only then anything that plays is touched. Edits that come meanwhile are taken together: the latest wins.
/// Thread: control's.
class Editor {
public:
    /// The session's time, as a new source has to know it.
    struct Time {
        std::function<std::optional<Cue>()> cue;  ///< that all sources play; nothing while they turn to another
        std::function<Frames()> clock;            ///< at the end of the latest cycle
        std::function<Frames()> ahead;            ///< so far ahead a change is heard of in time
    };
    struct Callbacks {
        std::function<void(const std::string&)> say;
        /// The instance has become the edit: links and nodes of the host are to follow.
        std::function<void()> applied;
    };
    Editor(Instance& instance, Time time, Callbacks callbacks) : instance_(instance), time_(std::move(time)), callbacks_(std::move(callbacks)) {}
    ~Editor();

    /// What is turned from now on is newer than what `next` says.
    void edit(preset::Preset next);
    /// To be called every few milliseconds while busy.
    void tick();
    [[nodiscard]] bool busy() const noexcept { return next_ || building_; }
    /// Nodes are prepared again (at another rate): what was built for the old is built once more. Waits for what is being built.
    void begin_again();

private:
    using Built = tl::expected<std::unique_ptr<Edit>, Errors>;

    void begin(preset::Preset next);
    void finish(Built built);
    void cue_sources(const Cue& cue);
    void try_to_apply();
    void apply(Frames at_clock);

    Instance& instance_;
    Time time_;
    Callbacks callbacks_;
    std::optional<preset::Preset> next_;      ///< waits for what is under way
    std::optional<preset::Preset> building_;  ///< what is under way
    LiveSnapshot heard_next_;                 ///< when next_ was asked for
    LiveSnapshot heard_;                      ///< when building_ was
    std::future<Built> built_;
    std::unique_ptr<Edit> edit_;              ///< built, and getting ready
    std::optional<Cue> cued_;                 ///< what for
    Frames meets_at_ = 0;                     ///< clock frame of the cue's first
    Frames lead_ = 0;
};

}  // namespace stemwire::session
