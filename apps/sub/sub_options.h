#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/connection_options.h"
#include "cli/print_options.h"
#include "cli/retained_options.h"
#include "sub/topic_summary.h"

namespace sub {

/// What mqtt-sub was asked to do.
struct SubOptions {
  cli::ConnectionOptions connection;
  std::vector<std::string> filters;
  std::vector<std::string> filters_out;
  std::vector<std::string> unsubscribe;
  cli::PrintOptions print;
  bool watch = false;         ///< each topic has its own line on the screen
  bool message_rate = false;  ///< messages are counted, not printed

  /// Messages are counted by topic, not printed; the figures come at the end, on SIGUSR1, and ...
  std::optional<TopicSummary::Form> summary;
  std::optional<std::chrono::seconds> every;  ///< ... each time so long has passed

  cli::RetainedOptions retained;
  bool retained_only = false;
  bool remove_retained = false;
  double printed_share = 1;  ///< of the messages, drawn at random

  std::optional<std::uint32_t> count;
  std::optional<std::uint32_t> timeout_s;
  bool exit_when_subscribed = false;
};

/// The command line of mqtt-sub, bound to `options`.
std::unique_ptr<CLI::App> make_app(SubOptions& options);

/// What only the whole command line shows.
cli::Verdict check(const SubOptions& options);

}  // namespace sub
