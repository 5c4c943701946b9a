// SPDX-License-Identifier: GPL-3.0-or-later
#include "nodes/lv2/world.hpp"

namespace stemwire::nodes::lv2 {

World& World::get()
{
    static World world;
    return world;
}

World::World()
    : lilv_(lilv_world_new()),
      map_{this, [](LV2_URID_Map_Handle world, const char* uri) { return static_cast<World*>(world)->urid(uri); }},
      unmap_{this, [](LV2_URID_Unmap_Handle world, LV2_URID urid) { return static_cast<World*>(world)->uri_of(urid); }}
{
    lilv_world_load_all(lilv_);
}

World::~World()
{
    lilv_world_free(lilv_);
}

LV2_URID World::urid(const char* uri)
{
    const std::lock_guard lock(urid_mutex_);
    const auto [entry, is_new] = urids_.try_emplace(uri, static_cast<LV2_URID>(uris_.size() + 1));
    if (is_new) uris_.push_back(entry->first.c_str());
    return entry->second;
}

const char* World::uri_of(LV2_URID urid)
{
    const std::lock_guard lock(urid_mutex_);
    return urid == 0 || urid > uris_.size() ? nullptr : uris_[urid - 1];
}

}  // namespace stemwire::nodes::lv2
