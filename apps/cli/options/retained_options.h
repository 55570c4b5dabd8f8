#pragma once

#include <optional>

#include "cli/options/option_binding.h"
#include "mqtt/protocol/packet.h"

namespace cli {

/// What a tool that subscribes asks about retained messages.
struct RetainedOptions {
  bool drop = false;  ///< those that were there before
  bool as_published = false;
  std::optional<mqtt::RetainHandling> handling;

  /// What the SUBSCRIBE packet asks for.
  mqtt::SubscriptionOptions subscription(mqtt::QoS qos) const;
};

/// -R, --retain-as-published and --retain-handling.
void bind_retained_options(CLI::App& app, RetainedOptions& options);

}  // namespace cli
