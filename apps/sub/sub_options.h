#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/connection/connection_options.h"
#include "cli/options/retained_options.h"
#include "probe/probe.h"
#include "sub/message_output.h"
#include "sub/topic_summary.h"

namespace sub {

/// The options of mqtt-sub.
struct SubOptions {
  cli::ConnectionOptions connection;
  std::vector<std::string> filters;
  std::vector<std::string> filters_out;
  std::vector<std::string> unsubscribe;
  OutputOptions output;
  bool message_rate = false;  ///< messages are counted, not printed
  bool stats = false;         ///< a table on the terminal instead of messages

  /// Messages are recorded in this file, or to standard output if it is "-". They are printed as
  /// well if an option requests it.
  std::optional<std::string> record;
  bool records_to_output() const { return record == "-"; }
  /// Whether an option requests printing or its format.
  bool asks_for_printing() const;
  /// Whether messages are printed one by one.
  bool prints_messages() const;
  /// Whether anything goes to standard output, so that the run ends when its reader does.
  bool uses_output() const;

  /// Messages are counted by topic, not printed; the counts are printed at the end, on SIGUSR1 and
  std::optional<TopicSummary::Form> summary;
  std::optional<std::chrono::seconds> every;  ///< at this interval
  std::optional<std::size_t> top;             ///< the number of topics with their own row
  std::size_t depth = 0;  ///< topics are grouped by this many levels; 0: not grouped

  cli::RetainedOptions retained;
  bool retained_only = false;
  bool remove_retained = false;
  bool dry_run = false;      ///< report what would be removed, and remove nothing
  double printed_share = 1;  ///< of the messages, chosen at random

  std::optional<std::uint32_t> count;
  std::optional<std::uint32_t> timeout_s;
  /// The run ends after this time without a message.
  std::optional<std::chrono::milliseconds> idle;
  bool exit_when_subscribed = false;

  /// Instead of subscribing, test what the broker supports.
  std::optional<probe::Form> probe;
};

/// The command line of mqtt-sub, bound to `options`.
std::unique_ptr<CLI::App> make_app(SubOptions& options);

/// Checks the command line as a whole. For a recording, sets what no option of `app` has set: MQTT
/// 5, QoS 2 and Retain As Published.
cli::Verdict check(const CLI::App& app, SubOptions& options);

}  // namespace sub
