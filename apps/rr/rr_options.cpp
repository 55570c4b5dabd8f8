#include "rr/rr_options.h"

#include <CLI/CLI.hpp>
#include <limits>

#include "cli/options/command_line.h"
#include "cli/options/topic_check.h"

namespace rr {

namespace {

using cli::Verdict;

constexpr auto examples =
    "Examples:\n"
    "  mqtt-rr -t plant/clock/get -e plant/clock/answer -n -W 5\n"
    "  mqtt-rr -h broker.example -t lamp/set -e lamp/me -m on -F '%t %p' --latency\n"
    "  mqtt-rr -t db/query -e db/me -s -D publish correlation-data 17 < query.sql\n"
    "\n"
    "Exit status: 0 success, 1 invalid options or no connection, 7 connection lost, 27 timeout,\n"
    "64 subscription denied, 65 request rejected; a refused connection ends with the broker's\n"
    "code. See mqtt-rr(1).";

/// A setter for a topic without wildcards.
cli::ValueSetter topic_setter(std::optional<std::string>& target) {
  return [&target](const std::string& topic) {
    target = topic;
    return cli::check_topic_name(topic);
  };
}

}  // namespace

RrOptions::RrOptions() {
  connection.version = mqtt::ProtocolVersion::v5;
}

std::unique_ptr<CLI::App> make_app(RrOptions& options) {
  auto app =
      cli::make_app("mqtt-rr", "Send a request to an MQTT broker and print the response", examples);
  cli::bind_payload_options(*app, options.payload, false);
  cli::bind_connection_options(*app, options.connection, topic_setter(options.topic),
                               "Topic of the request");
  app->option_defaults()->group("Messages");
  cli::add_value(*app, "-e", "TOPIC", "Topic of the response",
                 topic_setter(options.response_topic));
  cli::bind_retained_options(*app, options.retained);
  app->option_defaults()->group("End");
  cli::add_value(*app, "-W", "SECONDS", "Exit after this time without a response, with status 27",
                 cli::number_setter<std::uint32_t>(options.timeout_s, 1,
                                                   std::numeric_limits<std::uint32_t>::max()));
  cli::bind_print_options(*app, options.print, "mqtt-rr(1)");
  cli::add_switch(*app, "--latency", "Print the time from the request to the response", [&options] {
    options.latency = true;
    options.connection.no_delay = true;
    return Verdict();
  });
  cli::bind_options_files(*app);
  return app;
}

Verdict check(const RrOptions& options) {
  if (const Verdict connection = cli::check(options.connection); !connection) return connection;
  if (!options.topic) return tl::unexpected(std::string("no topic is given (-t or -L)"));
  if (!options.response_topic) {
    return tl::unexpected(std::string("no topic for the response is given (-e)"));
  }
  if (options.payload.kind == cli::PayloadSource::Kind::none) {
    return tl::unexpected(std::string("no message is given (-m, -f, -n or -s)"));
  }
  if (options.connection.properties.publish.view().contains(mqtt::PropertyId::response_topic)) {
    return tl::unexpected(std::string("-e and -D publish response-topic say the same thing twice"));
  }
  return {};
}

}  // namespace rr
