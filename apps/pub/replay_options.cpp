#include "pub/replay_options.h"

#include <CLI/CLI.hpp>

#include "cli/options/topic_check.h"
#include "pub/pub_options.h"

namespace pub {

namespace {

using cli::Verdict;

Verdict refuse(const char* reason) {
  return tl::unexpected(std::string(reason));
}

Verdict set_speed(ReplayOptions& options, const std::string& value) {
  constexpr double slowest = 0.001;
  constexpr double fastest = 1'000'000;
  if (value == "max" || value == "0") {
    options.speed = 0;
    return {};
  }
  const auto speed = cli::parse_decimal(value, slowest, fastest);
  if (!speed) return tl::unexpected(speed.error() + ", nor max");
  options.speed = *speed;
  return {};
}

}  // namespace

void bind_replay_options(CLI::App& app, ReplayOptions& options) {
  app.option_defaults()->group("Replay");
  cli::add_value(app, "--replay", "FILE",
                 "Publish what mqtt-sub --record has recorded; - is standard input",
                 [&options](const std::string& path) -> Verdict {
                   if (path.empty()) return refuse("no file is named");
                   options.file = path;
                   return {};
                 });
  cli::add_value(app, "--speed", "FACTOR",
                 "Replay this many times faster than recorded, or with max as fast as the broker "
                 "accepts (default: 1)",
                 [&options](const std::string& value) { return set_speed(options, value); });
  cli::add_value(app, "--topic-prefix", "PREFIX", "Put this before each replayed topic",
                 [&options](const std::string& prefix) {
                   options.topic_prefix = prefix;
                   return cli::check_topic_name(prefix);
                 });
}

Verdict check_replay(const CLI::App& app, PubOptions& options) {
  const auto is_given = [&app](const char* name) { return app.get_option(name)->count() > 0; };
  if (!options.replay.file) {
    if (is_given("--speed")) return refuse("--speed needs --replay");
    if (is_given("--topic-prefix")) return refuse("--topic-prefix needs --replay");
    return {};
  }
  if (options.topic || options.payload.kind != cli::PayloadSource::Kind::none ||
      options.has_templates()) {
    return refuse(
        "with --replay topics and messages come from the recording: without -t, -m, -f, -l, -n, "
        "-s, --each, --each-file");
  }
  if (options.rate || options.summary || options.probe) {
    return refuse("--replay has its own speed and figures: without --rate, --summary, --probe");
  }
  if (is_given("--retain") || is_given("--qos") ||
      !options.connection.properties.publish_words.empty()) {
    return refuse(
        "with --replay QoS, retain flag and properties come from the recording: without -q, -r, "
        "-D publish");
  }
  if (options.repeat > 1 && options.replay.reads_stdin()) {
    return refuse("--repeat needs a recording in a file: standard input is there once");
  }
  if (!is_given("--protocol-version")) options.connection.version = mqtt::ProtocolVersion::v5;
  return {};
}

}  // namespace pub
