#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace bench {

/// A command line whose options may have several values, and with words that belong to no option.
struct SortedWords {
  std::vector<std::string> options;  ///< each value after its option, for cli::parse_command_line
  std::vector<std::string> loose;    ///< the rest, in order
};

/// Sorts `words` by the options of `app`. All words after one of `lists`, up to the next option,
/// are its values, so that a shell may expand a pattern there.
SortedWords sort_words(const CLI::App& app, std::span<const std::string> words,
                       std::span<const std::string_view> lists);

/// The same, up to the first loose word; it and everything after it are loose.
SortedWords split_at_loose(const CLI::App& app, std::span<const std::string> words);

}  // namespace bench
