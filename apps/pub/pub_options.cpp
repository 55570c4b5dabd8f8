#include "pub/pub_options.h"

#include <CLI/CLI.hpp>
#include <cmath>
#include <limits>

#include "cli/command_line.h"

namespace pub {

namespace {

using cli::Verdict;

constexpr auto examples =
    "Examples:\n"
    "  mqtt-pub -t home/lamp -m on\n"
    "  mqtt-pub -h broker.example -t plant/config -r -q 1 -f config.json\n"
    "  mqtt-pub -L mqtt://user:secret@broker.example/plant/log -l < lines.txt\n"
    "  mqtt-pub --replay all.mqttrec --speed 10 --topic-prefix test/\n"
    "  mqtt-pub -V 5 -t a/request -m hi -D publish response-topic a/response\n"
    "\n"
    "Exit status: 0 done, 1 wrong options or no connection, 7 connection lost, 65 message\n"
    "rejected; a refused connection ends with the broker's code. See mqtt-pub(1).";

void bind_repeat_options(CLI::App& app, PubOptions& options) {
  cli::add_value(app, "--repeat", "COUNT", "Publish this many times (default: 1)",
                 cli::number_setter<std::uint32_t>(options.repeat, 1,
                                                   std::numeric_limits<std::uint32_t>::max()));
  cli::add_value(app, "--repeat-delay", "SECONDS",
                 "Pause before each repetition, fraction allowed (default: 0)",
                 [&options](const std::string& value) -> Verdict {
                   constexpr double most_s = 1e9;
                   const auto seconds = cli::parse_seconds(value);
                   if (!seconds) return tl::unexpected(seconds.error());
                   if (*seconds > most_s) return tl::unexpected(value + " seconds are too many");
                   options.repeat_delay = std::chrono::milliseconds(std::llround(*seconds * 1000));
                   return {};
                 });
}

}  // namespace

std::unique_ptr<CLI::App> make_app(PubOptions& options) {
  auto app = cli::make_app("mqtt-pub", "Publish messages to an MQTT broker", examples);
  const auto set_topic = [&options](const std::string& topic) {
    options.topic = topic;
    return cli::check_topic_name(topic);
  };
  cli::bind_payload_options(*app, options.payload, true);
  cli::bind_connection_options(*app, options.connection, set_topic, "Topic to publish to");
  app->option_defaults()->group("Messages");
  cli::add_switch(*app, "-r,--retain", "Let the broker retain the message", options.retain);
  bind_repeat_options(*app, options);
  bind_replay_options(*app, options.replay);
  cli::bind_options_files(*app);
  return app;
}

Verdict check(const CLI::App& app, PubOptions& options) {
  if (const Verdict replay = check_replay(app, options); !replay) return replay;
  if (const Verdict connection = cli::check(options.connection); !connection) return connection;
  if (options.replay.file) return {};
  if (!options.topic) return tl::unexpected(std::string("no topic is given (-t or -L)"));
  if (options.payload.kind == cli::PayloadSource::Kind::none) {
    return tl::unexpected(std::string("no message is given (-m, -f, -l, -n or -s)"));
  }
  return {};
}

}  // namespace pub
