#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "bench/load/load_plan.h"

namespace bench {

/// The numbers and topics of a scenario that the command line may change.
struct ScenarioSettings {
  std::uint32_t publishers = 0;
  std::uint32_t subscribers = 0;
  std::uint32_t stalled = 0;  ///< additional subscribers that stop reading
  std::uint32_t rounds = 1;
  std::optional<TopicTemplate> topic;   ///< nullopt: the scenario's own
  std::optional<TopicTemplate> filter;  ///< nullopt: derived from the topic
};

/// A kind of load: its groups of clients and their steps.
struct Scenario {
  std::string_view name;
  std::string_view description;
  std::string_view topic;  ///< the default; empty: nothing is published
  /// The names of the groups on the command line; empty: none to be counted.
  std::string_view publishers_option;
  std::string_view publishers_help = {};
  std::string_view subscribers_option;
  std::string_view subscribers_help = {};
  std::string_view example;      ///< sensible options, for the help
  std::uint32_t publishers = 0;  ///< defaults, as are the following
  std::uint32_t subscribers = 0;
  std::uint32_t stalled = 0;  ///< 0: none; the same for rounds
  std::uint32_t rounds = 0;
  unsigned qos = 0;
  std::uint32_t window = 20;
  std::optional<double> rate = std::nullopt;
  std::optional<std::uint64_t> count = std::nullopt;
  /// Sets groups, steps and everything else in `plan` that depends on the scenario.
  void (*arrange)(const ScenarioSettings& settings, LoadPlan& plan);
};

std::span<const Scenario> scenarios();
/// nullptr: no such scenario.
const Scenario* find_scenario(std::string_view name);

}  // namespace bench
