#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/connection_options.h"
#include "cli/message_format.h"
#include "mqtt/protocol/packet.h"

namespace sub {

/// How a message is printed.
struct PrintOptions {
  bool verbose = false;  ///< the topic before the payload
  bool no_newline = false;
  std::optional<cli::MessageFormat> format;  ///< wins over `verbose`
  cli::JsonWriter::Style json_style = cli::JsonWriter::Style::compact;
};

/// What mqtt-sub was asked to do.
struct SubOptions {
  cli::ConnectionOptions connection;
  std::vector<std::string> filters;
  std::vector<std::string> filters_out;
  std::vector<std::string> unsubscribe;
  PrintOptions print;

  bool no_retained = false;
  bool retained_only = false;
  bool remove_retained = false;
  bool retain_as_published = false;
  std::optional<mqtt::RetainHandling> retain_handling;

  std::optional<std::uint32_t> count;
  std::optional<std::uint32_t> timeout_s;
  bool exit_when_subscribed = false;

  /// What the SUBSCRIBE packet asks for, for each filter.
  mqtt::SubscriptionOptions subscription_options() const;
};

/// The command line of mqtt-sub, bound to `options`.
std::unique_ptr<CLI::App> make_app(SubOptions& options);

/// What only the whole command line shows.
cli::Verdict check(const SubOptions& options);

}  // namespace sub
