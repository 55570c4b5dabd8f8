#include "pub/pub_options.h"

#include <CLI/CLI.hpp>
#include <cmath>
#include <limits>

#include "cli/options/choice.h"
#include "cli/options/command_line.h"
#include "cli/options/rate.h"
#include "cli/options/topic_check.h"

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
    "  mqtt-pub -h broker.example --probe table\n"
    "  mqtt-pub -q 1 -t 'plant/{site}/{sensor}' --each readings.csv --rate 100 --summary text\n"
    "\n"
    "Exit status: 0 success, 1 invalid options or no connection, 7 connection lost, 65 message\n"
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

Verdict set_delimiter(PubOptions& options, const std::string& text) {
  const bool is_tab = text == "tab" || text == "\\t";
  const std::string_view delimiter = is_tab ? "\t" : std::string_view(text);
  if (delimiter.size() != 1 ||
      std::string_view("\"\r\n").find(delimiter) != std::string_view::npos) {
    return tl::unexpected("\"" + text + "\" is not a delimiter: one character of ASCII, or tab");
  }
  options.delimiter = delimiter.front();
  return {};
}

void bind_source_options(CLI::App& app, PubOptions& options) {
  app.option_defaults()->group("Many messages");
  cli::add_value(app, "--each", "FILE",
                 "One message for each row of this CSV or JSON file (- is standard input); {field} "
                 "in -t, -m, -f and -D is the row's value; without -m, the payload is the row as JSON",
                 [&options](const std::string& path) {
                   options.each = path;
                   return Verdict();
                 });
  cli::add_value(app, "--delimiter", "CHARACTER",
                 "Field separator of a CSV file: ';', tab, ... (default: ',')",
                 [&options](const std::string& text) { return set_delimiter(options, text); });
  cli::add_value(app, "--each-file", "PATTERN",
                 "One message for each matching file, such as 'data/*.json'; {path}, {name} and "
                 "{stem} in -t and -D; may be repeated",
                 [&options](const std::string& pattern) {
                   options.each_file.push_back(pattern);
                   return Verdict();
                 });
  cli::add_value(
      app, "--rate", "RATE", "Limit the rate: 10/s, 2.5k, 600/min",
      [&options](const std::string& text) -> Verdict {
        return cli::parse_rate(text).map([&options](double rate) { options.rate = rate; });
      });
  cli::add_value(app, "--summary", "FORM", "At the end, print what was sent: text or json",
                 [&options](const std::string& form) -> Verdict {
                   static constexpr cli::Choices<SummaryForm, 2> choices{
                       {{"text", SummaryForm::text}, {"json", SummaryForm::json}}};
                   return cli::choose(form, choices).map([&options](SummaryForm chosen) {
                     options.summary = chosen;
                   });
                 });
}

void bind_probe_option(CLI::App& app, PubOptions& options) {
  app.option_defaults()->group("Diagnostics");
  cli::add_value(
      app, "--probe", "FORM", "Test what the broker supports and how fast it answers: table or json",
      [&options](const std::string& name) -> Verdict {
        return probe::form(name).map([&options](probe::Form form) { options.probe = form; });
      });
}

Verdict check_probe(const PubOptions& options) {
  if (options.has_templates() || options.payload.kind != cli::PayloadSource::Kind::none ||
      options.retain || options.rate || options.summary || options.repeat != 1 ||
      options.repeat_delay.count() != 0) {
    return tl::unexpected(
        std::string("--probe makes its own messages: only the connection and -t can be given"));
  }
  // It would begin that session anew, with each version.
  if (!options.connection.clean_start || options.connection.session_expiry_s) {
    return tl::unexpected(std::string("--probe keeps no session: -c and -x cannot be given"));
  }
  return {};
}

Verdict check_rows(const PubOptions& options) {
  using Kind = cli::PayloadSource::Kind;
  if (options.each && !options.each_file.empty()) {
    return tl::unexpected(std::string("--each and --each-file exclude each other"));
  }
  if (options.repeat != 1 || options.repeat_delay.count() != 0) {
    return tl::unexpected(
        std::string("--repeat and --repeat-delay are for one message (--rate slows many down)"));
  }
  const Kind kind = options.payload.kind;
  if (!options.each_file.empty() && kind != Kind::none) {
    return tl::unexpected(
        std::string("with --each-file the files are the messages: -m, -f, -l, -n "
                    "and -s cannot be given"));
  }
  if (kind == Kind::whole_stdin || kind == Kind::stdin_lines) {
    return tl::unexpected(std::string("with --each a payload comes from -m, -f or -n"));
  }
  return {};
}

/// Without rows, a brace is a brace.
Verdict take_properties_literally(PubOptions& options) {
  cli::PacketProperties literal;
  for (const std::vector<std::string>& words : options.connection.properties.publish_words) {
    if (Verdict added = cli::add_property(literal, words); !added) {
      return tl::unexpected("-D: " + added.error());
    }
  }
  options.connection.properties.publish = literal.publish;
  return {};
}

}  // namespace

PubOptions::PubOptions() {
  connection.properties.has_fields = true;
}

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
  bind_source_options(*app, options);
  bind_probe_option(*app, options);
  bind_replay_options(*app, options.replay);
  cli::bind_options_files(*app);
  return app;
}

Verdict check(const CLI::App& app, PubOptions& options) {
  if (options.delimiter && !options.each) {
    return tl::unexpected(std::string("--delimiter needs --each"));
  }
  if (const Verdict replay = check_replay(app, options); !replay) return replay;
  if (const Verdict connection = cli::check(options.connection); !connection) return connection;
  if (options.probe) return check_probe(options);
  if (options.replay.file) return {};
  if (!options.topic) return tl::unexpected(std::string("no topic is given (-t or -L)"));
  if (options.has_templates()) return check_rows(options);
  if (options.payload.kind == cli::PayloadSource::Kind::none) {
    return tl::unexpected(
        std::string("no message is given (-m, -f, -l, -n, -s, --each or --each-file)"));
  }
  return take_properties_literally(options);
}

}  // namespace pub
