#pragma once

#include <optional>
#include <string>

#include "cli/options/option_binding.h"

namespace pub {

struct PubOptions;

/// Messages come from a recording.
struct ReplayOptions {
  std::optional<std::string> file;  ///< "-" is standard input
  bool reads_stdin() const { return file == "-"; }
  double speed = 1;  ///< 0: as fast as the broker takes them
  std::string topic_prefix;
};

/// --replay, --speed and --topic-prefix.
void bind_replay_options(CLI::App& app, ReplayOptions& options);

/// What only the whole command line shows. Without --replay: only that its options are not there.
/// With it, MQTT 5 is chosen if no option of `app` says otherwise, so that properties are kept.
cli::Verdict check_replay(const CLI::App& app, PubOptions& options);

}  // namespace pub
