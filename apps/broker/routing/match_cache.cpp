#include "routing/match_cache.h"

#include <algorithm>
#include <utility>

namespace broker {

namespace {

/// The memory of an entry except its topic and its Match: itself, its index entry, the control
/// block.
constexpr std::size_t entry_overhead = 128;

std::uint32_t footprint(std::string_view topic, const Match& match) {
  const std::size_t bytes =
      entry_overhead + topic.size() + sizeof(Match) + match.receivers.size() * sizeof(Receiver) +
      match.begins.size() * sizeof(std::uint32_t) + match.groups.size() * sizeof(ShareGroupPtr);
  return static_cast<std::uint32_t>(std::min<std::size_t>(bytes, UINT32_MAX));
}

}  // namespace

MatchCache::MatchCache(std::size_t max_entries, std::size_t max_bytes)
    : max_entries_(std::clamp<std::size_t>(max_entries, 1, UINT32_MAX)), max_bytes_(max_bytes) {}

const MatchPtr* MatchCache::insert(std::string_view topic, std::uint64_t generation,
                                   MatchPtr match) {
  const std::uint64_t hash = hash_(topic);
  const std::uint32_t bytes = footprint(topic, *match);
  if (const std::uint32_t* stale = position(hash, topic)) {
    const std::uint32_t at = *stale;
    if (bytes_ - entries_[at].bytes + bytes <= max_bytes_) {
      Entry& entry = entries_[at];
      bytes_ = bytes_ - entry.bytes + bytes;
      entry.bytes = bytes;
      entry.generation = generation;
      entry.match = std::move(match);
      return &entry.match;
    }
    remove(at);
  }
  while (!entries_.empty() && (entries_.size() >= max_entries_ || bytes_ + bytes > max_bytes_)) {
    evict_one();
  }
  index_.insert(hash, static_cast<std::uint32_t>(entries_.size()));
  bytes_ += bytes;
  return &entries_
              .emplace_back(Entry{std::string(topic), generation, std::move(match), bytes,
                                  static_cast<std::uint32_t>(hash), false})
              .match;
}

/// The hand goes round; what was found since it last passed is spared once.
void MatchCache::evict_one() {
  for (;;) {
    if (hand_ >= entries_.size()) hand_ = 0;
    if (!std::exchange(entries_[hand_].found, false)) break;
    ++hand_;
  }
  remove(static_cast<std::uint32_t>(hand_));
}

/// The last entry takes the place of the removed one.
void MatchCache::remove(std::uint32_t at) {
  bytes_ -= entries_[at].bytes;
  index_.erase(entries_[at].hash, [at](std::uint32_t other) { return other == at; });
  const auto last = static_cast<std::uint32_t>(entries_.size() - 1);
  if (at != last) {
    *index_.find(entries_[last].hash, [last](std::uint32_t other) { return other == last; }) = at;
    entries_[at] = std::move(entries_[last]);
  }
  entries_.pop_back();
}

}  // namespace broker
