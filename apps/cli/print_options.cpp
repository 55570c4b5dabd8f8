#include "cli/print_options.h"

#include <CLI/CLI.hpp>
#include <utility>

namespace cli {

void bind_print_options(CLI::App& app, PrintOptions& options, const std::string& page) {
  app.option_defaults()->group("Output");
  add_switch(app, "-v,--verbose", "Print the topic before the payload", options.verbose);
  add_value(app, "-F", "FORMAT",
            "Print each message like this: %t topic, %p payload, %j JSON, %q QoS, "
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
}

}  // namespace cli
