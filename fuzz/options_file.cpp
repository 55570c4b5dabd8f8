// Files of options and profiles: whatever they hold, each line is an option with its words, and
// each option is taken or refused with a message. Options that open files are left out.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "cli/connection/connection_options.h"
#include "cli/options/command_line.h"
#include "cli/options/options_file.h"
#include "cli/options/topic_check.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

bool opens_a_file(const std::string& word) {
  return word.starts_with("--pw-file");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 2048) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  cli::ConnectionOptions options;
  const auto app = cli::make_app("mqtt-tool", "A tool", "");
  cli::bind_connection_options(*app, options, cli::check_topic_name, "Topic");
  std::size_t line_before = 0;
  for (const cli::OptionsLine& line : cli::parse_options_file(text)) {
    require(line.number > line_before && !line.words.empty() && !line.words.front().empty());
    line_before = line.number;
    if (opens_a_file(line.words.front())) continue;
    const auto parsed = cli::parse_command_line(*app, line.words);
    require(parsed || !parsed.error().text.empty());
  }
  const auto checked = cli::check(options);
  require(checked || !checked.error().empty());
  return 0;
}
