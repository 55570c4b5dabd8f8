#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/connection/connection_options.h"
#include "cli/options/payload_source.h"
#include "probe/probe.h"
#include "pub/publish_summary.h"
#include "pub/replay_options.h"

namespace pub {

/// The options of mqtt-pub.
struct PubOptions {
  PubOptions();

  cli::ConnectionOptions connection;
  std::optional<std::string> topic;
  cli::PayloadSource payload;
  std::optional<std::string> each;     ///< a file of rows, or "-"
  std::optional<char> delimiter;       ///< of the fields of a CSV file; otherwise a comma
  std::vector<std::string> each_file;  ///< patterns of files
  bool retain = false;
  std::uint32_t repeat = 1;
  std::chrono::milliseconds repeat_delay{0};
  std::optional<double> rate;  ///< messages per second
  std::optional<SummaryForm> summary;
  std::optional<probe::Form> probe;
  ReplayOptions replay;

  /// Topic and properties contain fields of rows or files.
  bool has_templates() const { return each.has_value() || !each_file.empty(); }
  /// A stream of messages: a lost connection is re-established.
  bool is_stream() const {
    return has_templates() || payload.kind == cli::PayloadSource::Kind::stdin_lines;
  }
};

/// The command line of mqtt-pub, bound to `options`.
std::unique_ptr<CLI::App> make_app(PubOptions& options);

/// Checks the command line as a whole: options that need or exclude each other. Completes the
/// properties of -D: other options determine whether their braces are fields.
cli::Verdict check(const CLI::App& app, PubOptions& options);

}  // namespace pub
