#include "sub/sub_options.h"

#include <CLI/CLI.hpp>
#include <limits>

#include "cli/command_line.h"

namespace sub {

namespace {

using cli::Verdict;

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

/// Between one in a thousand and all.
Verdict set_share(SubOptions& options, const std::string& value) {
  const auto percent = cli::parse_decimal(value, 0.1, 100);
  if (!percent) return tl::unexpected(percent.error());
  options.printed_share = *percent / 100;
  return {};
}

Verdict set_summary(SubOptions& options, const std::string& value) {
  if (value == "table") {
    options.summary = TopicSummary::Form::table;
  } else if (value == "json") {
    options.summary = TopicSummary::Form::json;
  } else {
    return tl::unexpected("\"" + value + "\" is neither table nor json");
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
  cli::bind_retained_options(app, options.retained);
  cli::add_switch(app, "--retained-only", "Stop at the first message that is not retained",
                  options.retained_only);
  cli::add_switch(app, "--remove-retained", "Remove the retained messages that arrive",
                  options.remove_retained);
  cli::add_value(app, "--random-filter", "PERCENT",
                 "Print only so many of the messages, drawn at random: 0.1 to 100",
                 [&options](const std::string& value) { return set_share(options, value); });
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

void bind_output_options(CLI::App& app, SubOptions& options) {
  cli::bind_print_options(app, options.print, "mqtt-sub(1)");
  cli::add_switch(app, "-w,--watch", "Give each topic a line of its own on the screen",
                  options.watch);
  cli::add_value(app, "--summary", "FORM",
                 "Count messages by topic and print that at the end or on SIGUSR1: table or json",
                 [&options](const std::string& value) { return set_summary(options, value); });
  cli::add_value(
      app, "--every", "SECONDS", "Print the summary this often, too",
      [&options](const std::string& value) -> Verdict {
        constexpr std::int64_t most_s = 1'000'000;
        return cli::parse_integer(value, 1, most_s).map([&options](std::int64_t seconds) {
          options.every = std::chrono::seconds(seconds);
        });
      });
  cli::add_switch(app, "--message-rate", "Print how many messages came, once a second",
                  options.message_rate);
}

}  // namespace

std::unique_ptr<CLI::App> make_app(SubOptions& options) {
  auto app = cli::make_app("mqtt-sub", "Subscribe to topics of an MQTT broker and print messages",
                           examples);
  cli::bind_connection_options(*app, options.connection, filter_adder(options.filters),
                               "Topic filter to subscribe to; may be repeated");
  app->option_defaults()->group("Messages");
  bind_subscription_options(*app, options);
  bind_end_options(*app, options);
  bind_output_options(*app, options);
  cli::bind_options_files(*app);
  return app;
}

Verdict check(const SubOptions& options) {
  if (const Verdict connection = cli::check(options.connection); !connection) return connection;
  if (options.filters.empty() && options.unsubscribe.empty()) {
    return tl::unexpected(std::string("no topic is given (-t, -L or -U)"));
  }
  if (options.every && !options.summary) {
    return tl::unexpected(std::string("--every needs --summary"));
  }
  if (options.summary && options.message_rate) {
    return tl::unexpected(std::string("--summary and --message-rate exclude each other"));
  }
  if (options.retained.drop && options.retained_only) {
    return tl::unexpected(std::string("-R and --retained-only leave nothing to print"));
  }
  return {};
}

}  // namespace sub
