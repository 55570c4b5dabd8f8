#include "sub/sub_options.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <limits>
#include <utility>

#include "cli/options/choice.h"
#include "cli/options/command_line.h"
#include "cli/options/topic_check.h"
#include "mqtt/protocol/topic.h"

namespace sub {

namespace {

using cli::Verdict;

constexpr auto examples =
    "Examples:\n"
    "  mqtt-sub -t 'home/#' -v\n"
    "  mqtt-sub -h broker.example -t plant/state -C 1 -W 5\n"
    "  mqtt-sub -L mqtt://user:secret@broker.example/plant/+ -F '%I %t %p'\n"
    "  mqtt-sub -t 'home/+' --jq 'select(.temp > 25) | {topic: $topic, temp}'\n"
    "  mqtt-sub -t '#' --record all.mqttrec\n"
    "  mqtt-sub -t '#' --summary table --top 10 -W 60\n"
    "  mqtt-sub -t 'old/#' --retained-only --remove-retained --dry-run --idle 1\n"
    "\n"
    "Exit status: 0 success, 1 invalid options or no connection, 7 connection lost, 27 timeout,\n"
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
  using Form = TopicSummary::Form;
  static constexpr cli::Choices<Form, 2> choices{{{"table", Form::table}, {"json", Form::json}}};
  return cli::choose(value, choices).map([&options](Form form) { options.summary = form; });
}

void bind_subscription_options(CLI::App& app, SubOptions& options) {
  cli::add_value(app, "-T,--filter-out", "FILTER",
                 "Drop messages whose topic matches; may be repeated",
                 filter_adder(options.filters_out));
  cli::add_value(app, "-U,--unsubscribe", "FILTER",
                 "Unsubscribe from this filter in a kept session; may be repeated",
                 filter_adder(options.unsubscribe));
  cli::bind_retained_options(app, options.retained);
  cli::add_switch(app, "--retained-only", "Stop at the first message that is not retained",
                  options.retained_only);
  cli::add_switch(app, "--remove-retained", "Remove the retained messages that arrive",
                  options.remove_retained);
  cli::add_switch(app, "--dry-run", "Only report what --remove-retained would remove",
                  options.dry_run);
  cli::add_value(app, "--random-filter", "PERCENT",
                 "Print only this share of the messages, chosen at random: 0.1 to 100",
                 [&options](const std::string& value) { return set_share(options, value); });
}

Verdict set_idle(SubOptions& options, const std::string& value) {
  constexpr double least_s = 0.001;
  constexpr double most_s = 1e6;
  return cli::parse_decimal(value, least_s, most_s).map([&options](double seconds) {
    options.idle = std::chrono::milliseconds(std::llround(seconds * 1000));
  });
}

void bind_end_options(CLI::App& app, SubOptions& options) {
  constexpr std::uint32_t most = std::numeric_limits<std::uint32_t>::max();
  app.option_defaults()->group("End");
  cli::add_value(app, "-C", "COUNT", "Exit after this many messages",
                 cli::number_setter<std::uint32_t>(options.count, 1, most));
  cli::add_value(app, "-W", "SECONDS", "Exit after this time, with status 27",
                 cli::number_setter<std::uint32_t>(options.timeout_s, 1, most));
  cli::add_value(app, "--idle", "SECONDS",
                 "Exit after this time without a message, with status 0; fractions are allowed",
                 [&options](const std::string& value) { return set_idle(options, value); });
  cli::add_switch(app, "-E",
                  "Exit as soon as the subscription (with -U alone: the unsubscription) is acknowledged",
                  options.exit_when_subscribed);
}

/// The expression is compiled at once, so that its errors are those of the command line.
Verdict set_jq(SubOptions& options, const std::string& expression) {
  auto filter = JqFilter::compile(expression);
  if (!filter) return tl::unexpected(std::move(filter.error()));
  options.output.jq = std::make_shared<JqFilter>(std::move(*filter));
  return {};
}

void bind_payload_options(CLI::App& app, SubOptions& options) {
  cli::add_value(app, "--decode", "CODING",
                 "Decode payloads: cbor or msgpack (to JSON), hex or base64 (to bytes), auto; "
                 "may be repeated, applied in order",
                 [&options](const std::string& name) -> Verdict {
                   return payload_coding(name).map([&options](PayloadCoding coding) {
                     options.output.decode.push_back(coding);
                   });
                 });
  cli::add_value(app, "--jq", "EXPRESSION",
                 "Print the result of applying this jq expression to the JSON payload; $topic, "
                 "$qos, $retain, $time and $properties are those of the message",
                 [&options](const std::string& text) { return set_jq(options, text); });
  cli::add_switch(app, "--raw-output", "Print strings from --jq without quotes",
                  options.output.raw_strings);
  cli::add_value(
      app, "--output", "FORM", "Print messages as json, text (safe for terminals), raw, hex or csv",
      [&options](const std::string& name) -> Verdict {
        return output_form(name).map([&options](OutputForm form) { options.output.form = form; });
      });
}

void bind_output_options(CLI::App& app, SubOptions& options) {
  cli::bind_print_options(app, options.output.print, "mqtt-sub(1)");
  cli::add_switch(app, "-w,--watch", "Show each topic on its own line of the screen",
                  options.output.watch);
  bind_payload_options(app, options);
  cli::add_value(app, "--record", "FILE",
                 "Record messages for mqtt-pub --replay; - is standard output",
                 [&options](const std::string& path) -> Verdict {
                   if (path.empty()) return tl::unexpected(std::string("no file is named"));
                   options.record = path;
                   return {};
                 });
  cli::add_switch(app, "--stats", "Show topics, rates and latest values in a live table",
                  options.stats);
  cli::add_value(
      app, "--summary", "FORM",
      "Count messages by topic and print the counts at the end and on SIGUSR1: table or json",
      [&options](const std::string& value) { return set_summary(options, value); });
  cli::add_value(
      app, "--every", "SECONDS", "Also print the summary at this interval",
      [&options](const std::string& value) -> Verdict {
        constexpr std::int64_t most_s = 1'000'000;
        return cli::parse_integer(value, 1, most_s).map([&options](std::int64_t seconds) {
          options.every = std::chrono::seconds(seconds);
        });
      });
  cli::add_value(app, "--top", "COUNT",
                 "Limit the summary to this many topics with the highest rates",
                 cli::number_setter<std::size_t>(options.top, 1, TopicSummary::most_topics));
  cli::add_value(app, "--depth", "LEVELS",
                 "Group topics by this many leading levels in --summary and --stats",
                 cli::number_setter<std::size_t>(options.depth, 1, mqtt::max_topic_separators + 1));
  cli::add_switch(app, "--message-rate", "Print the number of messages once per second",
                  options.message_rate);
}

void bind_probe_option(CLI::App& app, SubOptions& options) {
  app.option_defaults()->group("Diagnostics");
  cli::add_value(
      app, "--probe", "FORM", "Test what the broker supports and how fast it answers: table or json",
      [&options](const std::string& name) -> Verdict {
        return probe::form(name).map([&options](probe::Form form) { options.probe = form; });
      });
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
  bind_probe_option(*app, options);
  cli::bind_options_files(*app);
  return app;
}

bool SubOptions::asks_for_printing() const {
  return output.print.verbose || output.print.format || output.print.no_newline || output.form ||
         output.jq || !output.decode.empty() || output.watch;
}

bool SubOptions::prints_messages() const {
  if (summary || stats || message_rate) return false;
  return !record || asks_for_printing();
}

bool SubOptions::uses_output() const {
  return prints_messages() || summary || stats || message_rate || records_to_output() ||
         connection.debug;
}

namespace {

/// Options that say how messages are printed, and contradict each other.
Verdict check_output(const OutputOptions& output) {
  const cli::PrintOptions& print = output.print;
  if (output.raw_strings && !output.jq) {
    return tl::unexpected(std::string("--raw-output needs --jq"));
  }
  if (!output.form) return {};
  if (print.format) return tl::unexpected(std::string("--output and -F exclude each other"));
  const bool has_topic = output.form == OutputForm::json || output.form == OutputForm::csv;
  if (has_topic && (print.verbose || print.no_newline)) {
    return tl::unexpected(
        std::string("--output json and csv have the topic and a line end anyway: without -v, -N"));
  }
  if (output.form == OutputForm::raw && print.verbose) {
    return tl::unexpected(std::string("--output raw prints nothing but payloads: without -v"));
  }
  if (output.form == OutputForm::csv && output.watch) {
    return tl::unexpected(std::string("--output csv and -w exclude each other"));
  }
  return {};
}

/// What takes the place of messages one by one: at most one of them.
Verdict check_tables(const SubOptions& options) {
  const int count =
      int{options.summary.has_value()} + int{options.message_rate} + int{options.stats};
  if (count > 1) {
    return tl::unexpected(std::string("--summary, --message-rate and --stats exclude each other"));
  }
  if (count == 1 && (options.output.jq || !options.output.decode.empty() || options.output.form)) {
    return tl::unexpected(std::string(
        "--jq, --decode and --output say how messages are printed, but --summary, --message-rate "
        "and --stats print none"));
  }
  if (options.stats && options.connection.debug) {
    return tl::unexpected(std::string("--stats and -d would both write on the screen"));
  }
  if (options.stats && ::isatty(STDOUT_FILENO) == 0) {
    return tl::unexpected(
        std::string("--stats needs a terminal; --summary table --every 1 is for files and pipes"));
  }
  return {};
}

/// Options that are part of another one.
Verdict check_companions(const SubOptions& options) {
  if (options.every && !options.summary) {
    return tl::unexpected(std::string("--every needs --summary"));
  }
  if (options.top && !options.summary) return tl::unexpected(std::string("--top needs --summary"));
  if (options.depth != 0 && !options.summary && !options.stats) {
    return tl::unexpected(std::string("--depth needs --summary or --stats"));
  }
  if (options.dry_run && !options.remove_retained) {
    return tl::unexpected(std::string("--dry-run needs --remove-retained"));
  }
  return {};
}

/// Only what leads to the broker is of use, and the topic below which things are tried. What all
/// tools have besides is passed over, as in mqtt-pub.
Verdict check_probe(const CLI::App& app, const SubOptions& options) {
  for (const CLI::Option* option : app.get_options()) {
    const std::string& group = option->get_group();
    const bool is_shared = option->check_name("--topic") || option->check_name("--qos") ||
                           option->check_name("-M") || group == "Connection" || group == "TLS" ||
                           group == "Will" || group == "Diagnostics" || group == "Options";
    if (option->count() > 0 && !is_shared) {
      return tl::unexpected("--probe makes its own messages: without " + option->get_name());
    }
  }
  if (options.filters.size() > 1)
    return tl::unexpected(std::string("--probe needs one topic only"));
  if (!options.filters.empty()) {
    if (const Verdict topic = cli::check_topic_name(options.filters.front()); !topic) return topic;
  }
  // It would begin that session anew, with each version.
  if (!options.connection.clean_start || options.connection.session_expiry_s) {
    return tl::unexpected(std::string("--probe keeps no session: without -c and -x"));
  }
  return {};
}

Verdict check_recording(const CLI::App& app, SubOptions& options) {
  if (!options.record) return {};
  if (options.records_to_output() &&
      (options.asks_for_printing() || options.summary || options.message_rate || options.stats ||
       options.connection.debug)) {
    return tl::unexpected(
        std::string("--record - takes all of standard output, nothing else can be printed there"));
  }
  if (options.records_to_output() && ::isatty(STDOUT_FILENO) != 0) {
    return tl::unexpected(std::string("--record -: a recording is nothing for a terminal"));
  }
  if (app.get_option("--protocol-version")->count() == 0) {
    options.connection.version = mqtt::ProtocolVersion::v5;
  }
  if (app.get_option("--qos")->count() == 0) options.connection.qos = mqtt::QoS::exactly_once;
  options.retained.as_published = true;
  return {};
}

}  // namespace

Verdict check(const CLI::App& app, SubOptions& options) {
  if (const Verdict recording = check_recording(app, options); !recording) return recording;
  if (const Verdict connection = cli::check(options.connection); !connection) return connection;
  if (options.probe) return check_probe(app, options);
  if (options.filters.empty() && options.unsubscribe.empty()) {
    return tl::unexpected(std::string("no topic is given (-t, -L or -U)"));
  }
  if (const Verdict companions = check_companions(options); !companions) return companions;
  if (const Verdict output = check_output(options.output); !output) return output;
  if (const Verdict tables = check_tables(options); !tables) return tables;
  if (options.retained.drop && options.retained_only) {
    return tl::unexpected(std::string("-R and --retained-only leave nothing to print"));
  }
  return {};
}

}  // namespace sub
