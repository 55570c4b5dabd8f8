#include "spelling/nearest_word.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace spelling {
namespace {

constexpr std::size_t longest_word = 64;  // a longer one was not meant to be a key
constexpr std::size_t shortest_beginning = 3;

/// One mistake in a short word, up to one in three characters of a longer one.
std::size_t farthest(std::string_view word) {
  return std::max<std::size_t>(1, word.size() / 3);
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    before.swap(above);
    above.swap(row);
  }
  return above[b.size()];
}

namespace {

std::string lower(std::string_view word) {
  std::string text(word);
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

/// The candidate that `word`, in lower case, is the beginning of, if it is the only one.
std::string_view completed(std::string_view word, std::span<const std::string_view> candidates) {
  if (word.size() < shortest_beginning) return {};
  std::string_view found;
  for (const std::string_view candidate : candidates) {
    if (!lower(candidate).starts_with(word)) continue;
    if (!found.empty()) return {};
    found = candidate;
  }
  return found;
}

}  // namespace

std::string_view nearest_word(std::string_view word, std::span<const std::string_view> candidates) {
  if (word.empty() || word.size() > longest_word) return {};
  const std::string written = lower(word);
  std::string_view nearest;
  std::size_t least = farthest(written) + 1;
  for (const std::string_view candidate : candidates) {
    const std::size_t shorter = std::min(written.size(), candidate.size());
    const std::size_t longer = std::max(written.size(), candidate.size());
    if (longer - shorter >= least) continue;  // the distance is at least that
    const std::size_t distance = edit_distance(written, lower(candidate));
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest.empty() ? completed(written, candidates) : nearest;
}

}  // namespace spelling
