#include "cli/options/retained_options.h"

#include <fmt/format.h>

#include <string>

namespace cli {

namespace {

using mqtt::RetainHandling;

Verdict set_handling(RetainedOptions& options, const std::string& value) {
  if (value == "always") {
    options.handling = RetainHandling::always;
  } else if (value == "new") {
    options.handling = RetainHandling::if_new;
  } else if (value == "never") {
    options.handling = RetainHandling::never;
  } else {
    return tl::unexpected(fmt::format("\"{}\" is not one of always, new, never", value));
  }
  return {};
}

}  // namespace

mqtt::SubscriptionOptions RetainedOptions::subscription(mqtt::QoS qos) const {
  mqtt::SubscriptionOptions subscription;
  subscription.qos = qos;
  subscription.retain_as_published = as_published;
  subscription.retain_handling =
      handling.value_or(drop ? RetainHandling::never : RetainHandling::always);
  return subscription;
}

void bind_retained_options(CLI::App& app, RetainedOptions& options) {
  add_switch(app, "-R", "Drop retained messages", options.drop);
  add_switch(app, "--retain-as-published", "Keep the retain flag as set by the publisher (MQTT 5)",
             options.as_published);
  add_value(app, "--retain-handling", "WHEN",
            "Request retained messages always, only for a new subscription, or never (MQTT 5)",
            [&options](const std::string& value) { return set_handling(options, value); });
}

}  // namespace cli
