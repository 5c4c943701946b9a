// SPDX-License-Identifier: GPL-3.0-or-later
#include <array>
#include <cmath>
#include <future>
#include <map>
#include <tuple>

#include <gtest/gtest.h>

#include "stemwire/live.hpp"
#include "stemwire/settings.hpp"
#include "tests/host/pipewire/stage.hpp"

namespace stemwire::host {
namespace {

using test::play_noise;
using test::Stage;
using test::stereo;

constexpr std::array table{Parameter{.name = "gain", .kind = Kind::gain, .description = "level", .maximum = 24, .fallback = 0, .live = true},
                           Parameter{.name = "wet", .kind = Kind::amount, .description = "how much of it", .minimum = 0, .maximum = 1, .fallback = 0.5, .live = true},
                           Parameter{.name = "mute", .kind = Kind::flag, .description = "silent", .minimum = 0, .maximum = 1, .fallback = 0, .live = true}};

class PipeWireParameters : public test::PipeWireHostTest {
protected:
    /// Puts one node up that has the table's parameters, once under their own names and once inside `bus.`.
    void build(Stage& stage)
    {
        stage.add("node", stereo(false, true), play_noise);
        Wanted wanted = stage.wanted();
        wanted.nodes[0].parameters = {{"", &own}, {"bus.", &inner}};
        ASSERT_TRUE(stage.host().build(std::move(wanted)));
        ASSERT_TRUE(stage.settles());
        id = std::to_string(server.node("band.node").value("object.id", -1));
    }
    [[nodiscard]] nlohmann::json params(const std::string& which) const
    {
        for (const auto& object : server.dump())
            if (object.value("type", "") == "PipeWire:Interface:Node" && std::to_string(object.value("id", -1)) == id) return object["info"]["params"][which];
        return {};
    }
    /// What the server shows, by name.
    [[nodiscard]] std::map<std::string, double> shown() const
    {
        std::map<std::string, double> values;
        const auto props = params("Props");
        const auto& list = props[0]["params"];
        for (std::size_t i = 0; i + 1 < list.size(); i += 2) values[list[i]] = list[i + 1].is_boolean() ? list[i + 1].get<bool>() : list[i + 1].get<double>();
        return values;
    }

    Settings settings{table};
    LiveParameters own{settings};
    LiveParameters inner{settings};
    std::string id;
};

TEST_F(PipeWireParameters, shows_names_ranges_and_values_and_what_becomes_of_them)
{
    Stage stage(server.remote());
    inner.find("gain")->set(-std::numeric_limits<double>::infinity());
    build(stage);
    using Values = std::map<std::string, double>;
    EXPECT_EQ(shown(), (Values{{"gain", 0}, {"wet", 0.5}, {"mute", 0}, {"bus.gain", -200}, {"bus.wet", 0.5}, {"bus.mute", 0}}));
    const auto infos = params("PropInfo");
    ASSERT_EQ(infos.size(), 6u);
    EXPECT_EQ(infos[1]["name"], "wet");
    EXPECT_EQ(infos[1]["description"], "how much of it");
    EXPECT_EQ(infos[1]["params"], true);
    EXPECT_EQ(infos[1]["type"]["min"], 0.0);
    EXPECT_EQ(infos[1]["type"]["max"], 1.0);
    EXPECT_EQ(infos[1]["type"]["default"], 0.5);
    EXPECT_EQ(infos[0]["type"]["min"], -200.0);

    own.find("gain")->set(-6);
    inner.find("mute")->set(1);
    const Values changed{{"gain", -6}, {"wet", 0.5}, {"mute", 0}, {"bus.gain", -200}, {"bus.wet", 0.5}, {"bus.mute", 1}};
    EXPECT_TRUE(stage.until([&] { return shown() == changed; }));
}

TEST_F(PipeWireParameters, hears_what_others_set)
{
    std::vector<std::tuple<std::string, std::string, double>> wishes;
    Stage stage(server.remote());
    stage.host().on_parameter_wish([&](const std::string& node, const std::string& address, double value) { wishes.emplace_back(node, address, value); });
    build(stage);
    // Beside the loop: pw-cli waits until the node has answered.
    auto told = std::async(std::launch::async, [&] {
        return server.command("pw-cli set-param " + id + " Props '{ params = [ \"gain\" -6.0 \"nothing\" 1.0 \"bus.gain\" -200.0 \"bus.mute\" true \"wet\" 1 ] }'");
    });
    ASSERT_TRUE(stage.until([&] { return wishes.size() >= 4; }));
    EXPECT_TRUE(stage.until([&] { return told.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }));
    using Wish = std::tuple<std::string, std::string, double>;
    const std::vector<Wish> expected{{"band.node", "gain", -6.0}, {"band.node", "bus.gain", -std::numeric_limits<double>::infinity()}, {"band.node", "bus.mute", 1.0}, {"band.node", "wet", 1.0}};
    EXPECT_EQ(wishes, expected);
    EXPECT_EQ(own.find("gain")->get(), 0.0);  // setting it is the session's business
}

}  // namespace
}  // namespace stemwire::host
