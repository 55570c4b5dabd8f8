#include "bench/loose_words.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>

namespace bench {
namespace {

bool is_option(const std::string& word) {
  return word.size() > 1 && word.front() == '-';
}

/// Whether the next word is the value of this option.
bool awaits_value(const CLI::App& app, const std::string& word) {
  if (word.find('=') != std::string::npos) return false;
  const CLI::Option* option = app.get_option_no_throw(word);
  return option != nullptr && option->get_items_expected_max() > 0;
}

/// Takes an option and, if it has one, its value. Returns how many words that were.
std::size_t take_option(const CLI::App& app, std::span<const std::string> words,
                        SortedWords& sorted) {
  sorted.options.push_back(words[0]);
  if (words.size() < 2 || !awaits_value(app, words[0])) return 1;
  sorted.options.push_back(words[1]);
  return 2;
}

}  // namespace

SortedWords sort_words(const CLI::App& app, std::span<const std::string> words,
                       std::span<const std::string_view> lists) {
  SortedWords sorted;
  std::string list;  // whose values may follow
  while (!words.empty()) {
    const std::string& word = words.front();
    if (is_option(word)) {
      list = std::find(lists.begin(), lists.end(), word) == lists.end() ? "" : word;
      words = words.subspan(take_option(app, words, sorted));
      continue;
    }
    if (list.empty()) {
      sorted.loose.push_back(word);
    } else {
      sorted.options.push_back(list);
      sorted.options.push_back(word);
    }
    words = words.subspan(1);
  }
  return sorted;
}

SortedWords split_at_loose(const CLI::App& app, std::span<const std::string> words) {
  SortedWords sorted;
  while (!words.empty() && is_option(words.front())) {
    words = words.subspan(take_option(app, words, sorted));
  }
  sorted.loose.assign(words.begin(), words.end());
  return sorted;
}

}  // namespace bench
