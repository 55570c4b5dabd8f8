#pragma once

#include <optional>
#include <string>

#include "cli/options/option_binding.h"
#include "cli/output/json_writer.h"
#include "cli/output/message_format.h"
#include "cli/output/terminal_style.h"

namespace cli {

/// How a message is printed.
struct PrintOptions {
  bool verbose = false;  ///< the topic before the payload
  bool no_newline = false;
  std::optional<MessageFormat> format;  ///< wins over `verbose`
  JsonWriter::Style json_style = JsonWriter::Style::compact;
  When colour = When::automatic;
  /// Whether what peers have sent is made harmless: see `escape_controls`.
  When escape = When::automatic;

  bool is_coloured() const;
  bool is_safe() const;
};

/// -v, -F, -N, --pretty, --color and --escape. `page` is the manual page that explains formats.
void bind_print_options(CLI::App& app, PrintOptions& options, const std::string& page);

}  // namespace cli
