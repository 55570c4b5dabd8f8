#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "cli/connection/connection_options.h"
#include "cli/options/payload_source.h"
#include "cli/options/retained_options.h"
#include "cli/output/print_options.h"

namespace rr {

/// The options of mqtt-rr.
struct RrOptions {
  RrOptions();

  cli::ConnectionOptions connection;  ///< MQTT 5 by default
  std::optional<std::string> topic;
  std::optional<std::string> response_topic;
  cli::PayloadSource payload;
  cli::RetainedOptions retained;
  cli::PrintOptions print;
  std::optional<std::uint32_t> timeout_s;
  bool latency = false;  ///< print the time from the request to the response
};

/// The command line of mqtt-rr, bound to `options`.
std::unique_ptr<CLI::App> make_app(RrOptions& options);

/// Checks the command line as a whole.
cli::Verdict check(const RrOptions& options);

}  // namespace rr
