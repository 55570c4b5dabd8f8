#include "cli/options/choice.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/options/suggestion.h"

namespace cli {

std::string no_such_choice(const std::string& word, std::span<const std::string> words) {
  const std::string all_but_last =
      fmt::format("{}", fmt::join(words.first(words.size() - 1), ", "));
  return fmt::format("\"{}\" is {} {} {} {}{}", word, words.size() == 2 ? "neither" : "none of",
                     all_but_last, words.size() == 2 ? "nor" : "and", words.back(),
                     suggestion(word, words));
}

}  // namespace cli
