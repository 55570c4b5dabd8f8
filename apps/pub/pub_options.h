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

/// What mqtt-pub was asked to do.
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

  /// Topic and properties hold fields of rows or files.
  bool has_templates() const { return each.has_value() || !each_file.empty(); }
  /// More messages than a user would wait for one by one: the connection is made again when it is
  /// lost.
  bool is_stream() const {
    return has_templates() || payload.kind == cli::PayloadSource::Kind::stdin_lines;
  }
};

/// The command line of mqtt-pub, bound to `options`.
std::unique_ptr<CLI::App> make_app(PubOptions& options);

/// What only the whole command line shows: options that need or exclude each other. Completes the
/// properties of -D, of which it depends on the whole whether their braces are fields.
cli::Verdict check(const CLI::App& app, PubOptions& options);

}  // namespace pub
