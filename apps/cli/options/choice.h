#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace cli {

/// The words that an option takes, and what each stands for.
template <typename Value, std::size_t count>
using Choices = std::array<std::pair<std::string_view, Value>, count>;

/// `"tabel" is neither table nor json, did you mean "table"?`
std::string no_such_choice(const std::string& word, std::span<const std::string> words);

/// What `word` stands for; the error names the words that there are.
template <typename Value, std::size_t count>
tl::expected<Value, std::string> choose(const std::string& word,
                                        const Choices<Value, count>& choices) {
  std::vector<std::string> words;
  for (const auto& [name, value] : choices) {
    if (name == word) return value;
    words.emplace_back(name);
  }
  return tl::unexpected(no_such_choice(word, words));
}

}  // namespace cli
