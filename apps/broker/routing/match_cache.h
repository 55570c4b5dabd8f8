#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "routing/match.h"

namespace broker {

/// What one worker remembers of the matches it asked for. Belongs to that worker, no lock.
///
/// An entry is good while the generation it was asked under is the tree's present one. Bounded in
/// entries; when full, old entries make room.
class MatchCache {
 public:
  explicit MatchCache(std::size_t capacity = 8192);
  ~MatchCache();

  /// The remembered match; nullptr if there is none of this generation. The pointer is valid until
  /// the next `insert`.
  const MatchPtr* find(std::string_view topic, std::uint64_t generation) const;
  const MatchPtr* insert(std::string_view topic, std::uint64_t generation, MatchPtr match);
};

}  // namespace broker
