// SPDX-License-Identifier: GPL-3.0-or-later
// What nearly every file reads. scripts/lint lets clang read it once: a precompiled header of much more costs more than it saves.
#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <numbers>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "stemwire/live.hpp"
#include "stemwire/node.hpp"
