#include "sub/sub_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <limits>
#include <utility>

#include "cli/command_line.h"

namespace sub {

namespace {

using cli::Verdict;
using mqtt::RetainHandling;

constexpr auto examples =
    "Examples:\n"
    "  mqtt-sub -t 'home/#' -v\n"
    "  mqtt-sub -h broker.example -t plant/state -C 1 -W 5\n"
    "  mqtt-sub -L mqtt://user:secret@broker.example/plant/+ -F '%I %t %p'\n"
    "  mqtt-sub -t '$SYS/#' -F %j | jq .\n"
    "\n"
    "Exit status: 0 done, 1 wrong options or no connection, 7 connection lost, 27 timeout,\n"
    "64 subscription denied; a refused connection ends with the broker's code. See mqtt-sub(1).";

/// A setter that checks a filter and adds it to a list.
cli::ValueSetter filter_adder(std::vector<std::string>& filters) {
  return [&filters](const std::string& filter) {
    filters.push_back(filter);
    return cli::check_topic_filter(filter);
  };
}

Verdict set_retain_handling(SubOptions& options, const std::string& value) {
  if (value == "always") {
    options.retain_handling = RetainHandling::always;
  } else if (value == "new") {
    options.retain_handling = RetainHandling::if_new;
  } else if (value == "never") {
    options.retain_handling = RetainHandling::never;
  } else {
    return tl::unexpected(fmt::format("\"{}\" is not one of always, new, never", value));
  }
  return {};
}

void bind_subscription_options(CLI::App& app, SubOptions& options) {
  cli::add_value(app, "-T,--filter-out", "FILTER",
                 "Drop messages whose topic matches; may be repeated",
                 filter_adder(options.filters_out));
  cli::add_value(app, "-U,--unsubscribe", "FILTER",
                 "Unsubscribe from this filter of a kept session; may be repeated",
                 filter_adder(options.unsubscribe));
  cli::add_switch(app, "-R", "Drop retained messages that were there before", options.no_retained);
  cli::add_switch(app, "--retained-only", "Stop at the first message that is not retained",
                  options.retained_only);
  cli::add_switch(app, "--remove-retained", "Remove the retained messages that arrive",
                  options.remove_retained);
  cli::add_switch(app, "--retain-as-published",
                  "Keep the retain flag as the publisher set it (MQTT 5)",
                  options.retain_as_published);
  cli::add_value(
      app, "--retain-handling", "WHEN",
      "Send retained messages always, for a new subscription, or never (MQTT 5)",
      [&options](const std::string& value) { return set_retain_handling(options, value); });
}

void bind_end_options(CLI::App& app, SubOptions& options) {
  constexpr std::uint32_t most = std::numeric_limits<std::uint32_t>::max();
  app.option_defaults()->group("End");
  cli::add_value(app, "-C", "COUNT", "End after this many messages",
                 cli::number_setter<std::uint32_t>(options.count, 1, most));
  cli::add_value(app, "-W", "SECONDS", "End after this time, with status 27",
                 cli::number_setter<std::uint32_t>(options.timeout_s, 1, most));
  cli::add_switch(app, "-E", "End as soon as the subscription is acknowledged",
                  options.exit_when_subscribed);
}

void bind_print_options(CLI::App& app, PrintOptions& print) {
  app.option_defaults()->group("Output");
  cli::add_switch(app, "-v,--verbose", "Print the topic before the payload", print.verbose);
  cli::add_value(app, "-F", "FORMAT",
                 "Print each message like this: %t topic, %p payload, %j JSON, %q QoS, "
                 "%I time ...; see mqtt-sub(1)",
                 [&print](const std::string& text) {
                   return cli::MessageFormat::compile(text).map(
                       [&print](cli::MessageFormat format) { print.format = std::move(format); });
                 });
  cli::add_switch(app, "-N", "No newline after each message", print.no_newline);
  cli::add_switch(app, "--pretty", "Indent the JSON of %j and %J", [&print] {
    print.json_style = cli::JsonWriter::Style::pretty;
    return Verdict();
  });
}

}  // namespace

mqtt::SubscriptionOptions SubOptions::subscription_options() const {
  mqtt::SubscriptionOptions subscription;
  subscription.qos = connection.qos;
  subscription.retain_as_published = retain_as_published;
  subscription.retain_handling =
      retain_handling.value_or(no_retained ? RetainHandling::never : RetainHandling::always);
  return subscription;
}

std::unique_ptr<CLI::App> make_app(SubOptions& options) {
  auto app = cli::make_app("mqtt-sub", "Subscribe to topics of an MQTT broker and print messages",
                           examples);
  cli::bind_connection_options(*app, options.connection, filter_adder(options.filters),
                               "Topic filter to subscribe to; may be repeated");
  app->option_defaults()->group("Messages");
  bind_subscription_options(*app, options);
  bind_end_options(*app, options);
  bind_print_options(*app, options.print);
  cli::add_unsupported(*app, "--random-filter", true);
  cli::add_unsupported(*app, "-w,--watch", false);
  cli::add_unsupported(*app, "--message-rate", false);
  return app;
}

Verdict check(const SubOptions& options) {
  if (const Verdict connection = cli::check(options.connection); !connection) return connection;
  if (options.filters.empty() && options.unsubscribe.empty()) {
    return tl::unexpected(std::string("no topic is given (-t, -L or -U)"));
  }
  if (options.no_retained && options.retained_only) {
    return tl::unexpected(std::string("-R and --retained-only leave nothing to print"));
  }
  return {};
}

}  // namespace sub
