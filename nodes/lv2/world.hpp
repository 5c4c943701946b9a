// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <lilv/lilv.h>
#include <lv2/urid/urid.h>

namespace stemwire::nodes::lv2 {

template <auto free>
struct LilvFree {
    template <class T>
    void operator()(T* object) const noexcept { free(object); }
};
// Lilv's collections are all of type void: each has a way of its own to be freed.
using NodePointer = std::unique_ptr<LilvNode, LilvFree<&lilv_node_free>>;
using NodesPointer = std::unique_ptr<LilvNodes, LilvFree<&lilv_nodes_free>>;
using ScalePointsPointer = std::unique_ptr<LilvScalePoints, LilvFree<&lilv_scale_points_free>>;
using StatePointer = std::unique_ptr<LilvState, LilvFree<&lilv_state_free>>;
using InstancePointer = std::unique_ptr<LilvInstance, LilvFree<&lilv_instance_free>>;

/// What all plugins of this program share: what is installed (LV2_PATH, else the usual folders, looked through at the first use), and the numbers
/// that URIs have. Lilv is for one thread at a time: whoever calls it holds `mutex`. Thread: any but realtime.
class World {
public:
    [[nodiscard]] static World& get();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    std::mutex mutex;
    [[nodiscard]] LilvWorld* lilv() noexcept { return lilv_; }
    [[nodiscard]] const LilvPlugins* plugins() const noexcept { return lilv_world_get_all_plugins(lilv_); }
    [[nodiscard]] NodePointer uri(const char* text) { return NodePointer(lilv_new_uri(lilv_, text)); }

    [[nodiscard]] LV2_URID_Map& map() noexcept { return map_; }
    [[nodiscard]] LV2_URID_Unmap& unmap() noexcept { return unmap_; }
    /// A URI's number, the same for good. Guarantee: blocking.
    [[nodiscard]] LV2_URID urid(const char* uri);

private:
    World();
    ~World();
    [[nodiscard]] const char* uri_of(LV2_URID urid);

    LilvWorld* lilv_;
    std::mutex urid_mutex_;                          // guards what is below
    std::map<std::string, LV2_URID, std::less<>> urids_;
    std::vector<const char*> uris_;                  ///< [urid − 1], the map's own
    LV2_URID_Map map_;
    LV2_URID_Unmap unmap_;
};

}  // namespace stemwire::nodes::lv2
