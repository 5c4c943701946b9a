// SPDX-License-Identifier: GPL-3.0-or-later
// What becomes of a preset file that is saved while it plays, and of what was turned meanwhile.
#include <utility>

#include "session/live/session.hpp"
#include "session/save.hpp"

namespace stemwire::session {

void LiveSession::look_at_file()
{
    if (!watcher_ || phase_ == Phase::fading) return;
    const bool changed = watcher_->changed();
    if (watcher_->pending()) pace_.set(quick);
    if (changed) take_over_file();
}

void LiveSession::take_over_file()
{
    preset::Loaded loaded = request_.reload();
    for (const Error& warning : loaded.warnings) request_.say(to_string(warning, "warning"));
    for (const Error& error : loaded.errors) request_.say(to_string(error));
    if (!loaded.preset) return request_.say("the file is not taken over; what plays goes on");
    take_over_loop(loaded.preset->transport.loop_seconds);
    if (runs_loudness(*loaded.preset, request_.own_nodes)) loudness_.take(*loaded.preset, instance_->preset());
    edit(std::move(*loaded.preset));
}

void LiveSession::edit(preset::Preset next)
{
    editor_->edit(std::move(next));
    pace_.set(quick);
}

/// One that was set while it plays stays until the preset says another.
void LiveSession::take_over_loop(const std::optional<TimeRange>& loop)
{
    if (follows() || follows_graph() || std::exchange(loop_in_file_, loop) == loop || loop == transport_->loop_seconds()) return;
    transport_->loop(loop, {});
}

void LiveSession::follow_edit()
{
    if (members_)
        if (auto settled = members_->settle(*instance_); !settled) request_.say(settled.error().message);
    auto graph = wanted();
    const auto updated = graph ? host_->update(std::move(*graph)) : Expected<void>(tl::unexpected(graph.error()));
    request_.say(updated ? "took over " + preset_.path : to_string(updated.error()));
}

void LiveSession::look_around()
{
    say_messages();
    say_whether_locked();
    instance_->collect();
    if (phase_ != Phase::fading)
        if (auto measured = loudness_.take_measured()) edit(std::move(*measured));
    follow_latencies();
    const host::ServerInfo server = host_->server();
    xruns_.look(*instance_, {host_->xruns(), host_->clock(), transport_->seconds(), server.rate_hz, server.quantum});
    if (request_.view) request_.view(*this);
}

/// Of nodes that other processes run.
void LiveSession::follow_latencies()
{
    if ((!members_ && !isolation_) || !instance_->align_again()) return;
    if (auto graph = wanted()) static_cast<void>(host_->update(std::move(*graph)));
}

Expected<std::vector<std::string>> LiveSession::save()
{
    if (!request_.reload) return failure("this session has no preset file to save to");
    const auto loop = follows_graph() ? instance_->preset().transport.loop_seconds : transport_->loop_seconds();
    auto saved = save_changes(instance_->preset().path, unsaved(*instance_, hosted_, *host_, preset_.name, loop));
    // At once, not when the watcher has seen it: by then somebody may have turned what was saved, and that is newer.
    if (saved && watcher_) {
        watcher_->skip();
        take_over_file();
    }
    return saved;
}

}  // namespace stemwire::session
