#include "cli/output/terminal_style.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "cli/options/choice.h"

namespace cli {

namespace {

bool is_set(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

/// Where the JSON string that begins at `begin` ends: behind its second quote.
std::size_t end_of_string(std::string_view text, std::size_t begin) {
  for (std::size_t at = begin + 1; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      return at + 1;
    }
  }
  return text.size();
}

}  // namespace

tl::expected<When, std::string> when(const std::string& name) {
  static constexpr Choices<When, 3> choices{{
      {"auto", When::automatic},
      {"always", When::always},
      {"never", When::never},
  }};
  return choose(name, choices);
}

bool is_safe_output(When choice, int descriptor) {
  return choice == When::always || (choice == When::automatic && ::isatty(descriptor) == 1);
}

bool is_coloured_output(When choice, int descriptor) {
  if (choice != When::automatic) return choice == When::always;
  const char* const terminal = std::getenv("TERM");
  const bool can_colour = terminal != nullptr && std::string_view(terminal) != "dumb";
  return can_colour && !is_set("NO_COLOR") && ::isatty(descriptor) == 1;
}

void colour_json_keys(std::string& text, std::size_t begin) {
  const std::string json = text.substr(begin);
  text.resize(begin);
  std::size_t done = 0;
  for (std::size_t at = 0; at < json.size();) {
    if (json[at] != '"') {
      ++at;
      continue;
    }
    const std::size_t end = end_of_string(json, at);
    if (end < json.size() && json[end] == ':') {
      text.append(json, done, at - done).append(colour::key);
      text.append(json, at, end - at).append(colour::end);
      done = end;
    }
    at = end;
  }
  text.append(json, done);
}

std::string coloured_complaint(std::string_view lines) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 3> words{{
      {"Error:", colour::error},
      {"Connection error:", colour::error},
      {"Warning:", colour::warning},
  }};
  std::string out;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size() - 1) + 1;
    std::string_view line = lines.substr(0, end);
    lines.remove_prefix(end);
    for (const auto& [word, colour] : words) {
      if (!line.starts_with(word)) continue;
      out.append(colour).append(word).append(colour::end);
      line.remove_prefix(word.size());
      break;
    }
    out += line;
  }
  return out;
}

}  // namespace cli
