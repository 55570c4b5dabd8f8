#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "routing/hash_index.h"
#include "routing/match.h"
#include "routing/text_hash.h"

namespace broker {

/// What one worker remembers of the matches it asked for. Belongs to that worker, no lock.
///
/// An entry is good while the generation it was asked under is the tree's present one for that
/// topic
/// (`SubscriptionTree::generation(topic)`); one that is not is replaced in its place. Bounded in
/// entries and in bytes; when full, entries that were not found since the last round make room
/// (second chance). Finding allocates nothing. Takes no memory until something is inserted.
class MatchCache {
 public:
  explicit MatchCache(std::size_t max_entries = 32'768, std::size_t max_bytes = 8 * 1024 * 1024);

  /// The remembered match; nullptr if there is none of this generation. The pointer is valid until
  /// the next `insert`.
  const MatchPtr* find(std::string_view topic, std::uint64_t generation) const {
    const std::uint32_t* at = position(hash_(topic), topic);
    if (at == nullptr) return nullptr;
    const Entry& entry = entries_[*at];
    if (entry.generation != generation) return nullptr;
    entry.found = true;
    return &entry.match;
  }

  /// Remembers `match` (of `generation`) in place of what there was for `topic`. The newest entry
  /// always finds room, however large.
  const MatchPtr* insert(std::string_view topic, std::uint64_t generation, MatchPtr match);

  std::size_t entry_count() const { return entries_.size(); }
  /// About the memory of the entries, counting a Match in full with each entry that holds it.
  std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    std::string topic;
    std::uint64_t generation;
    MatchPtr match;
    std::uint32_t bytes;
    std::uint32_t hash;  ///< its lower half: what HashIndex looks at
    mutable bool found;  ///< since the hand last passed
  };

  const std::uint32_t* position(std::uint64_t hash, std::string_view topic) const {
    return index_.find(hash, [&](std::uint32_t at) { return entries_[at].topic == topic; });
  }
  void evict_one();
  void remove(std::uint32_t at);

  std::size_t max_entries_;
  std::size_t max_bytes_;
  TextHash hash_;
  HashIndex<std::uint32_t> index_;
  std::vector<Entry> entries_;
  std::size_t bytes_ = 0;
  std::size_t hand_ = 0;
};

}  // namespace broker
