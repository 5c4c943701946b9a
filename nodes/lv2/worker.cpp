// SPDX-License-Identifier: GPL-3.0-or-later
#include "nodes/lv2/worker.hpp"

#include <chrono>

#include "rt/denormals.hpp"

namespace stemwire::nodes::lv2 {

namespace {

/// Whoever runs the plugin cannot wake anyone without a system call: the worker looks by itself.
constexpr std::chrono::milliseconds glance{2};

}  // namespace

void Worker::start()
{
    if (interface_ == nullptr) return;
    thread_ = std::jthread([this](const std::stop_token& stop) {
        const rt::FlushDenormals flush;
        for (; !stop.stop_requested(); std::this_thread::sleep_for(glance))
            while (requests_.pop([this](std::span<const std::byte> request) { work(request); })) {}
    });
}

void Worker::stop()
{
    thread_ = {};
}

void Worker::end_run() noexcept
{
    if (interface_ == nullptr) return;
    const auto hand_over = [this](std::span<const std::byte> response) {
        if (interface_->work_response != nullptr)
            interface_->work_response(instance_, static_cast<std::uint32_t>(response.size()), response.data());
    };
    while (responses_.pop(hand_over)) {}
    if (interface_->end_run != nullptr) interface_->end_run(instance_);
}

void Worker::work(std::span<const std::byte> request) noexcept
{
    interface_->work(instance_, &Worker::respond, this, static_cast<std::uint32_t>(request.size()), request.data());
}

LV2_Worker_Status Worker::schedule(LV2_Worker_Schedule_Handle worker, std::uint32_t size, const void* data) noexcept
{
    auto& self = *static_cast<Worker*>(worker);
    if (self.interface_ == nullptr) return LV2_WORKER_ERR_UNKNOWN;
    if (self.thread_.joinable()) return self.requests_.push(data, size) ? LV2_WORKER_SUCCESS : LV2_WORKER_ERR_NO_SPACE;
    self.work({static_cast<const std::byte*>(data), size});
    return LV2_WORKER_SUCCESS;
}

LV2_Worker_Status Worker::respond(LV2_Worker_Respond_Handle worker, std::uint32_t size, const void* data) noexcept
{
    return static_cast<Worker*>(worker)->responses_.push(data, size) ? LV2_WORKER_SUCCESS : LV2_WORKER_ERR_NO_SPACE;
}

}  // namespace stemwire::nodes::lv2
