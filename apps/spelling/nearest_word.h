#pragma once

#include <span>
#include <string_view>

namespace spelling {

/// How many single-character insertions, deletions, replacements and swaps of neighbours turn `a`
/// into `b`. Costs a.size() * b.size().
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate that a person most likely meant by `word`: a few typing errors away, in whatever
/// case, or the only one that `word` is the beginning of. Empty when there is none.
std::string_view nearest_word(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace spelling
