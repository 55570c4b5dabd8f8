#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace cli {

/// One option of an options file, as the command line would have it.
struct OptionsLine {
  std::size_t number;              ///< from 1
  std::vector<std::string> words;  ///< the option and its value, if it has one; for -D all words
};

/// Cuts the text of an options file: one option in each line, and behind its first blank (a space
/// or a TAB) the value, which goes on to the end of the line, blanks included; see `file_value`. A
/// '#' in the first column begins a comment, blank lines and blanks before an option are skipped,
/// `-o` is left out.
std::vector<OptionsLine> parse_options_file(std::string_view text);

/// How the value of an option is taken from a line.
enum class FileValue : unsigned char {
  text,     ///< without the blanks at its ends
  number,   ///< the same, and a `#` behind a blank begins a comment
  content,  ///< as it is: what is published, printed or compared byte for byte
};
std::string file_value(std::string_view value, FileValue kind);

/// Where the options of a user are: `$XDG_CONFIG_HOME`, or `$HOME/.config` if that is not set.
std::optional<std::string> configuration_folder();

/// The file of options that `program` ("mqtt-pub") reads unless -o names another one: in the
/// configuration folder, under its own name or that of the tool it stands in for.
std::optional<std::string> default_options_file(const std::string& program);

/// The file that --profile names, which all tools share: "mqtt/profiles/<name>" in the
/// configuration folder. The error says what is wrong with the name, or which profiles there are.
tl::expected<std::string, std::string> profile_file(const std::string& name);

}  // namespace cli
