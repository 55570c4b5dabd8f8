#include "cli/options/options_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>

#include "cli/options/packet_properties.h"
#include "cli/options/suggestion.h"

namespace cli {

namespace {

constexpr std::string_view blanks = " \t";

/// Without the blanks at its ends.
std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(blanks) - first + 1));
}

/// The text up to the first blank, and leaves in `text` what comes behind that.
std::string take_word(std::string_view& text) {
  const std::size_t blank = std::min(text.find_first_of(blanks), text.size());
  const std::string word(text.substr(0, blank));
  text.remove_prefix(std::min(blank + 1, text.size()));
  return word;
}

/// The words behind -D, of which the last one may hold blanks.
std::vector<std::string> property_words(std::string_view text) {
  std::vector<std::string> words{take_word(text), take_word(text)};
  if (property_word_count(words) == 4) words.push_back(take_word(text));
  words.push_back(trimmed(text));
  return words;
}

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words{take_word(line)};
  if (words.front() == "-D" || words.front() == "--property") {
    std::ranges::copy(property_words(line), std::back_inserter(words));
  } else if (!trimmed(line).empty()) {
    words.emplace_back(line);
  }
  return words;
}

/// The profiles of the user, in alphabetical order.
std::vector<std::string> profiles_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace

std::vector<OptionsLine> parse_options_file(std::string_view text) {
  std::vector<OptionsLine> lines;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with('#')) continue;
    line = line.substr(0, line.find_last_not_of("\r\n") + 1);
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    if (line.empty()) continue;
    OptionsLine option{number, words_of(line)};
    if (option.words.front() != "-o") lines.push_back(std::move(option));
  }
  return lines;
}

std::string file_value(std::string_view value, FileValue kind) {
  if (kind == FileValue::content) return std::string(value);
  const std::string text = trimmed(value);
  if (kind == FileValue::text) return text;
  std::string_view rest = text;
  const std::string number = take_word(rest);
  return trimmed(rest).starts_with('#') ? number : text;
}

std::optional<std::string> configuration_folder() {
  if (const char* const folder = std::getenv("XDG_CONFIG_HOME")) return folder;
  if (const char* const home = std::getenv("HOME")) return std::string(home) + "/.config";
  return std::nullopt;
}

std::optional<std::string> default_options_file(const std::string& program) {
  const std::optional<std::string> folder = configuration_folder();
  if (!folder) return std::nullopt;
  std::string other_name = program;
  if (constexpr std::string_view ours = "mqtt-"; program.starts_with(ours)) {
    other_name.replace(0, ours.size(), "mosquitto_");
  }
  for (const std::string& name : {program, other_name}) {
    std::error_code error;
    const std::string path = *folder + "/" + name;
    if (std::filesystem::is_regular_file(path, error)) return path;
  }
  return std::nullopt;
}

tl::expected<std::string, std::string> profile_file(const std::string& name) {
  if (name.empty() || name.front() == '.' || name.find('/') != std::string::npos) {
    return tl::unexpected(fmt::format("\"{}\" is not the name of a profile", name));
  }
  const std::optional<std::string> configuration = configuration_folder();
  if (!configuration) {
    return tl::unexpected(std::string("there is no home, where profiles would be"));
  }
  const std::string folder = *configuration + "/mqtt/profiles";
  std::error_code error;
  std::string path = folder + "/" + name;
  if (std::filesystem::is_regular_file(path, error)) return path;
  const std::vector<std::string> known = profiles_in(folder);
  return tl::unexpected(known.empty()
                            ? fmt::format("there is no profile in {}", folder)
                            : fmt::format("there is no profile \"{}\" in {}{} ({})", name, folder,
                                          suggestion(name, known), fmt::join(known, ", ")));
}

}  // namespace cli
