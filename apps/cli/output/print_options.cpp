#include "cli/output/print_options.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <utility>

namespace cli {

namespace {

ValueSetter when_setter(When& target) {
  return [&target](const std::string& name) -> Verdict {
    return when(name).map([&target](When choice) { target = choice; });
  };
}

}  // namespace

bool PrintOptions::is_coloured() const {
  return is_coloured_output(colour, STDOUT_FILENO);
}

bool PrintOptions::is_safe() const {
  return is_safe_output(escape, STDOUT_FILENO);
}

void bind_print_options(CLI::App& app, PrintOptions& options, const std::string& page) {
  app.option_defaults()->group("Output");
  add_switch(app, "-v,--verbose", "Print the topic before the payload", options.verbose);
  add_value(app, "-F", "FORMAT",
            "Print each message in this format: %t topic, %p payload, %j JSON, %q QoS, "
            "%I time ...; see " +
                page,
            [&options](const std::string& text) {
              return MessageFormat::compile(text).map(
                  [&options](MessageFormat format) { options.format = std::move(format); });
            });
  add_switch(app, "-N", "No newline after each message", options.no_newline);
  add_switch(app, "--pretty", "Indent the JSON of %j and %J", [&options] {
    options.json_style = JsonWriter::Style::pretty;
    return Verdict();
  });
  add_value(app, "--color,--colour", "WHEN",
            "Colour topics and the keys of JSON: auto (on a terminal, unless NO_COLOR is set), "
            "always or never",
            when_setter(options.colour));
  add_value(app, "--escape", "WHEN",
            "Write control characters in messages as \\x1b: auto (on a terminal), always or never",
            when_setter(options.escape));
}

}  // namespace cli
