#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "cli/connection_options.h"
#include "cli/payload_source.h"
#include "pub/replay_options.h"

namespace pub {

/// What mqtt-pub was asked to do.
struct PubOptions {
  cli::ConnectionOptions connection;
  std::optional<std::string> topic;
  cli::PayloadSource payload;
  bool retain = false;
  std::uint32_t repeat = 1;
  std::chrono::milliseconds repeat_delay{0};
  ReplayOptions replay;
};

/// The command line of mqtt-pub, bound to `options`.
std::unique_ptr<CLI::App> make_app(PubOptions& options);

/// What only the whole command line shows.
cli::Verdict check(const CLI::App& app, PubOptions& options);

}  // namespace pub
