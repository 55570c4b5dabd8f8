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

/// The recent matches of one worker. Belongs to that worker, no lock.
///
/// An entry is valid while its generation is the tree's current one for that topic
/// (`SubscriptionTree::generation(topic)`); an outdated one is overwritten. Bounded in entries and
/// bytes; when full, entries that were not found since the last round are evicted (second chance).
/// Finding allocates nothing. Uses no memory until the first insertion.
class MatchCache {
 public:
  explicit MatchCache(std::size_t max_entries = 32'768, std::size_t max_bytes = 8 * 1024 * 1024);

  /// The cached match; nullptr if there is none of this generation. The pointer is valid until
  /// the next `insert`.
  const MatchPtr* find(std::string_view topic, std::uint64_t generation) const {
    const std::uint32_t* at = position(hash_(topic), topic);
    if (at == nullptr) return nullptr;
    const Entry& entry = entries_[*at];
    if (entry.generation != generation) return nullptr;
    entry.found = true;
    return &entry.match;
  }

  /// Stores `match` (of `generation`), replacing the entry of `topic`. The newest entry always
  /// fits, however large.
  const MatchPtr* insert(std::string_view topic, std::uint64_t generation, MatchPtr match);

  std::size_t entry_count() const { return entries_.size(); }
  /// The approximate memory of the entries, counting a Match in full for each entry that holds it.
  std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    std::string topic;
    std::uint64_t generation;
    MatchPtr match;
    std::uint32_t bytes;
    std::uint32_t hash;  ///< its lower half, which HashIndex uses
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
