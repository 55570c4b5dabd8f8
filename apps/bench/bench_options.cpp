#include "bench/bench_options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <limits>
#include <thread>
#include <utility>

#include "bench/load/source_addresses.h"
#include "bench/quantity_options.h"
#include "cli/options/command_line.h"
#include "cli/options/topic_check.h"

namespace bench {
namespace {

using cli::Verdict;

constexpr std::uint32_t most_clients = 10'000'000;

/// Half of the processors; the rest is the broker's.
unsigned default_threads() {
  return std::max(1U, std::thread::hardware_concurrency() / 2);
}

cli::ValueSetter template_setter(std::optional<TopicTemplate>& target,
                                 Verdict (*check)(const std::string&)) {
  return [&target, check](const std::string& text) -> Verdict {
    auto parsed = TopicTemplate::parse(text);
    if (!parsed) return tl::unexpected(parsed.error());
    // As a topic is valid or not whatever a placeholder stands for, any value will do.
    if (check != nullptr) {
      const Verdict valid = check(parsed->expand({}));
      if (!valid) return valid;
    }
    target = std::move(*parsed);
    return {};
  };
}

std::string default_text(std::uint32_t number) {
  return fmt::format(" (default: {})", number);
}

void bind_scenario_options(CLI::App& app, BenchOptions& options) {
  const Scenario& scenario = options.scenario;
  app.option_defaults()->group("Scenario");
  if (!scenario.publishers_option.empty()) {
    cli::add_value(app, std::string(scenario.publishers_option), "COUNT",
                   std::string(scenario.publishers_help) + default_text(scenario.publishers),
                   cli::number_setter<std::uint32_t>(options.settings.publishers, 1, most_clients));
  }
  if (!scenario.subscribers_option.empty()) {
    cli::add_value(
        app, std::string(scenario.subscribers_option), "COUNT",
        std::string(scenario.subscribers_help) + default_text(scenario.subscribers),
        cli::number_setter<std::uint32_t>(options.settings.subscribers, 1, most_clients));
  }
  if (scenario.stalled > 0) {
    cli::add_value(app, "--stalled", "COUNT",
                   "Additional subscribers that stop reading" + default_text(scenario.stalled),
                   cli::number_setter<std::uint32_t>(options.settings.stalled, 1, most_clients));
  }
  if (scenario.rounds > 0) {
    cli::add_value(app, "--rounds", "COUNT",
                   "How often the connections are lost" + default_text(scenario.rounds),
                   cli::number_setter<std::uint32_t>(options.settings.rounds, 1, 1000));
  }
  if (!scenario.topic.empty()) {
    cli::add_value(app, "--filter", "FILTER",
                   "What to subscribe to, placeholders as in -t (default: derived from the topic)",
                   template_setter(options.settings.filter, cli::check_topic_filter));
  }
  cli::add_value(app, "--threads", "COUNT",
                 "Threads that generate the load (default: half of the processors)",
                 cli::number_setter<unsigned>(options.threads, 1, 1024));
}

void bind_sending_options(CLI::App& app, BenchOptions& options) {
  app.option_defaults()->group("Load");
  cli::add_value(app, "--window", "COUNT",
                 "Closed loop: outstanding messages per publisher" + default_text(options.window),
                 cli::number_setter<std::uint32_t>(options.window, 1, 1'000'000));
  cli::add_value(app, "--rate", "RATE",
                 "Open loop: messages per second of each publisher, such as 10 or 1.5k",
                 rate_setter(options.rate));
  cli::add_value(app, "--total-rate", "RATE",
                 "Open loop: messages per second of all publishers together",
                 rate_setter(options.total_rate));
  cli::add_value(app, "--ramp", "TIME", "Open loop: time in which the rate rises (default: 0)",
                 time_setter(options.ramp));
  cli::add_value(
      app, "--count", "COUNT",
      "Messages per publisher, such as 1000 or 50k, instead of a duration" +
          (options.scenario.count ? fmt::format(" (default: {})", *options.scenario.count)
                                  : std::string()),
      count_setter(options.count));
}

void bind_load_options(CLI::App& app, BenchOptions& options) {
  app.option_defaults()->group("Load");
  cli::add_value(app, "--warm-up", "TIME",
                 "Load before anything is measured, such as 500ms or 2 (default: 1 s)",
                 time_setter(options.warm_up));
  cli::add_value(app, "--duration", "TIME",
                 "Length of the measured part, such as 30s or 5min (default: 10 s)",
                 time_setter(options.duration));
  cli::add_value(app, "--drain-time", "TIME",
                 "At the end, wait until no message has arrived for this time (default: 2 s)",
                 time_setter(options.drain_time));
  cli::add_value(app, "--interval", "TIME", "Length of the slices of the time line (default: 1 s)",
                 time_setter(options.interval));
  cli::add_value(app, "--connect-rate", "RATE",
                 "New connections per second (default: as fast as they succeed)",
                 rate_setter(options.connect_rate));
}

void bind_message_options(CLI::App& app, BenchOptions& options) {
  app.option_defaults()->group("Messages");
  cli::add_switch(app, "-r,--retain", "Let the broker retain the messages", options.retain);
  cli::add_value(app, "-s,--size", "BYTES",
                 "Payload size, including the 32-byte header; 16k is 16384 (default: 64)",
                 size_setter(options.payload_size));
  cli::add_value(app, "--payload", "TEXT",
                 "Payload after the header, placeholders as in -t; instead of --size",
                 template_setter(options.payload_text, nullptr));
  cli::add_text(app, "--payload-file", "FILE", "File to send after the header, instead of --size",
                options.payload_file);
}

void bind_client_options(CLI::App& app, BenchOptions& options) {
  app.option_defaults()->group("Connection");
  cli::add_value(app, "--source", "ADDRESSES",
                 "Local addresses to connect from, in turn: 127.0.0.1-127.0.0.20,127.0.1.1",
                 [&options](const std::string& text) -> Verdict {
                   return source_addresses(text).map([&](std::vector<std::string> addresses) {
                     options.sources = std::move(addresses);
                   });
                 });
  cli::add_text(app, "--credentials", "FILE",
                "User names and passwords of the clients, in turn: lines \"user,password\"",
                options.credentials_file);
}

void bind_broker_options(CLI::App& app, BenchOptions& options) {
  app.option_defaults()->group("Broker");
  cli::add_value(app, "--broker-pid", "PID", "Watch this process: CPU time, memory, threads",
                 [&options](const std::string& text) -> Verdict {
                   return cli::parse_integer(text, 1, std::numeric_limits<int>::max())
                       .map([&](std::int64_t pid) { options.broker_pid = static_cast<int>(pid); });
                 });
  cli::add_text(app, "--broker-cmd", "COMMAND",
                "Start this broker, watch it, and end it with SIGTERM after the run",
                options.broker_command);
}

void bind_output_options(CLI::App& app, BenchOptions& options) {
  app.option_defaults()->group("Output");
  cli::add_value(
      app, "--expect", "EXPECTATION",
      "A condition such as 'p99<5ms', 'loss=0' or 'rate>=50k/s'; the exit status is 3 if "
      "it is not met; more may follow",
      [&options](const std::string& text) {
        options.expectations.push_back(text);
        return Verdict();
      });
  cli::add_text(app, "--json", "FILE", "Write the result as JSON; - is standard output",
                options.json_file);
  cli::add_text(app, "--csv", "FILE", "Append the result as a line to a CSV file",
                options.csv_file);
  cli::add_text(app, "--csv-intervals", "FILE", "Write the time line as CSV, a row per interval",
                options.intervals_file);
  cli::add_text(app, "--report", "FILE", "Write the result as an HTML page", options.page_file);
}

constexpr auto footer =
    "Placeholders: %i index of the client, %c client identifier, %u user name, %r identifier of "
    "the\n"
    "run, %n sequence number, %% a percent sign.\n"
    "\n"
    "Exit status: 0 passed, 1 wrong options or no connection, 3 the run failed,\n"
    "130 interrupted. See mqtt-bench(1).";

std::string examples(const Scenario& scenario) {
  return fmt::format("Examples:\n  mqtt-bench {0}\n  mqtt-bench {0} -h broker.example {1}\n\n{2}",
                     scenario.name, scenario.example, footer);
}

}  // namespace

BenchOptions::BenchOptions(const Scenario& which)
    : scenario(which), threads(default_threads()), window(which.window) {
  settings.publishers = which.publishers;
  settings.subscribers = which.subscribers;
  settings.stalled = which.stalled;
  settings.rounds = which.rounds;
  connection.qos = static_cast<mqtt::QoS>(which.qos);
}

std::unique_ptr<CLI::App> make_app(BenchOptions& options) {
  const Scenario& scenario = options.scenario;
  auto app = cli::make_app("mqtt-bench " + std::string(scenario.name),
                           std::string(scenario.description), examples(scenario));
  bind_scenario_options(*app, options);
  if (scenario.publishers > 0) bind_sending_options(*app, options);
  bind_load_options(*app, options);
  if (scenario.publishers > 0) bind_message_options(*app, options);
  bind_broker_options(*app, options);
  bind_output_options(*app, options);
  bind_client_options(*app, options);
  cli::bind_connection_options(
      *app, options.connection, template_setter(options.settings.topic, cli::check_topic_name),
      "Topic, with placeholders" +
          (scenario.topic.empty() ? "" : fmt::format(" (default: {})", scenario.topic)));
  cli::bind_profiles(*app);
  return app;
}

Verdict check(const BenchOptions& options) {
  const auto both = [](bool a, bool b, const char* text) -> Verdict {
    if (a && b) return tl::unexpected(std::string(text));
    return {};
  };
  return both(options.rate.has_value(), options.total_rate.has_value(),
              "--rate and --total-rate exclude each other")
      .and_then([&] {
        return both(options.payload_text.has_value() || options.payload_size.has_value(),
                    !options.payload_file.empty(), "--payload-file excludes --size and --payload");
      })
      .and_then([&] {
        return both(options.payload_text.has_value(), options.payload_size.has_value(),
                    "--payload and --size exclude each other");
      })
      .and_then([&] {
        return both(options.broker_pid.has_value(), !options.broker_command.empty(),
                    "--broker-pid and --broker-cmd exclude each other");
      })
      .and_then([&] { return cli::check(options.connection); });
}

}  // namespace bench
