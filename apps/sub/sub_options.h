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

/// What mqtt-sub was asked to do.
struct SubOptions {
  cli::ConnectionOptions connection;
  std::vector<std::string> filters;
  std::vector<std::string> filters_out;
  std::vector<std::string> unsubscribe;
  OutputOptions output;
  bool message_rate = false;  ///< messages are counted, not printed
  bool stats = false;         ///< a table on the terminal instead of messages

  /// Messages are recorded into this file, or to standard output if it is "-". They are printed as
  /// well if an option says how.
  std::optional<std::string> record;
  bool records_to_output() const { return record == "-"; }
  /// Whether an option says how messages are printed, or that they are.
  bool asks_for_printing() const;
  /// Whether messages are printed one by one.
  bool prints_messages() const;
  /// Whether anything goes to standard output, so that the run is over when nobody takes it.
  bool uses_output() const;

  /// Messages are counted by topic, not printed; the figures come at the end, on SIGUSR1, and ...
  std::optional<TopicSummary::Form> summary;
  std::optional<std::chrono::seconds> every;  ///< ... each time so long has passed
  std::optional<std::size_t> top;             ///< so many topics have a row of their own
  std::size_t depth = 0;  ///< topics are taken together by so many levels; 0: each by itself

  cli::RetainedOptions retained;
  bool retained_only = false;
  bool remove_retained = false;
  bool dry_run = false;      ///< say what would be removed, and remove nothing
  double printed_share = 1;  ///< of the messages, drawn at random

  std::optional<std::uint32_t> count;
  std::optional<std::uint32_t> timeout_s;
  /// The run ends when no message came for so long.
  std::optional<std::chrono::milliseconds> idle;
  bool exit_when_subscribed = false;

  /// Nothing is subscribed to; find out what the broker can do.
  std::optional<probe::Form> probe;
};

/// The command line of mqtt-sub, bound to `options`.
std::unique_ptr<CLI::App> make_app(SubOptions& options);

/// What only the whole command line shows. What a recording needs and no option of `app` has set,
/// is set: MQTT 5, QoS 2 and the retain flag as the publisher set it.
cli::Verdict check(const CLI::App& app, SubOptions& options);

}  // namespace sub
