#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "bench/load/load_plan.h"

namespace bench {

/// How many of each, and where: what the command line may change of a scenario.
struct ScenarioSettings {
  std::uint32_t publishers = 0;
  std::uint32_t subscribers = 0;
  std::uint32_t stalled = 0;  ///< subscribers that stop reading, besides the others
  std::uint32_t rounds = 1;
  std::optional<TopicTemplate> topic;   ///< nullopt: the scenario's own
  std::optional<TopicTemplate> filter;  ///< nullopt: what fits the topic
};

/// A kind of load: which groups of clients there are, and what they do one after the other.
struct Scenario {
  std::string_view name;
  std::string_view description;
  std::string_view topic;  ///< unless the command line has one; empty: nothing is published
  /// What the groups are called on the command line; empty: there are none to be counted.
  std::string_view publishers_option;
  std::string_view publishers_help = {};
  std::string_view subscribers_option;
  std::string_view subscribers_help = {};
  std::string_view example;      ///< options that make sense, for the help
  std::uint32_t publishers = 0;  ///< unless the command line says otherwise; so are the rest
  std::uint32_t subscribers = 0;
  std::uint32_t stalled = 0;  ///< 0: none stall; so with rounds
  std::uint32_t rounds = 0;
  unsigned qos = 0;
  std::uint32_t window = 20;
  std::optional<double> rate = std::nullopt;
  std::optional<std::uint64_t> count = std::nullopt;
  /// Sets groups, steps and what else of `plan` is the scenario's.
  void (*arrange)(const ScenarioSettings& settings, LoadPlan& plan);
};

std::span<const Scenario> scenarios();
/// nullptr: there is none of this name.
const Scenario* find_scenario(std::string_view name);

}  // namespace bench
