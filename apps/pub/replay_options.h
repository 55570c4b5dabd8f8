#pragma once

#include <optional>
#include <string>

#include "cli/options/option_binding.h"

namespace pub {

struct PubOptions;

/// The options for replaying a recording.
struct ReplayOptions {
  std::optional<std::string> file;  ///< "-" is standard input
  bool reads_stdin() const { return file == "-"; }
  double speed = 1;  ///< 0: as fast as the broker accepts messages
  std::string topic_prefix;
};

/// --replay, --speed and --topic-prefix.
void bind_replay_options(CLI::App& app, ReplayOptions& options);

/// Checks the command line as a whole. Without --replay: only that its options are absent. With it,
/// selects MQTT 5 unless an option of `app` overrides that, so that properties are kept.
cli::Verdict check_replay(const CLI::App& app, PubOptions& options);

}  // namespace pub
