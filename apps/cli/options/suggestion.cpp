#include "cli/options/suggestion.h"

#include <vector>

#include "spelling/nearest_word.h"

namespace cli {

std::string suggestion(std::string_view name, std::span<const std::string> candidates) {
  const std::vector<std::string_view> words(candidates.begin(), candidates.end());
  const std::string_view nearest = spelling::nearest_word(name, words);
  if (nearest.empty()) return {};
  return ", did you mean \"" + std::string(nearest) + "\"?";
}

}  // namespace cli
