#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/load/scenario.h"
#include "cli/connection/connection_options.h"

namespace bench {

/// The options of a scenario, as typed.
struct BenchOptions {
  explicit BenchOptions(const Scenario& which);

  const Scenario& scenario;
  cli::ConnectionOptions connection;
  ScenarioSettings settings;

  unsigned threads;
  std::optional<double> connect_rate;
  std::vector<std::string> sources;
  std::string credentials_file;

  std::uint32_t window;
  std::optional<double> total_rate;
  std::optional<double> rate;  ///< of each publisher
  std::chrono::duration<double> ramp{0};
  std::chrono::duration<double> warm_up{1};
  std::chrono::duration<double> duration{10};
  std::chrono::duration<double> drain_time{2};
  std::chrono::duration<double> interval{1};
  std::optional<std::uint64_t> count;
  bool retain = false;

  std::optional<std::uint64_t> payload_size;
  std::optional<TopicTemplate> payload_text;
  std::string payload_file;

  std::optional<int> broker_pid;
  std::string broker_command;

  std::vector<std::string> expectations;
  std::string json_file;
  std::string csv_file;
  std::string intervals_file;
  std::string page_file;
};

/// The command line of `mqtt-bench <scenario>`, bound to `options`.
std::unique_ptr<CLI::App> make_app(BenchOptions& options);

/// Checks the command line as a whole.
cli::Verdict check(const BenchOptions& options);

}  // namespace bench
