#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "routing/hash_index.h"
#include "routing/receiver.h"

namespace broker {

/// The sessions that subscribed to one filter, in the order in which they joined, each once.
///
/// A short list is searched. A long one has an index by session, and a removal leaves a hole until
/// there are as many holes as sessions. So the order is kept, and every change takes constant time
/// (on average), whatever the length.
class SubscriberList {
 public:
  enum class Change : std::uint8_t { none, replaced, added };

  /// Adds the session's subscription, or replaces it in place. Requires a valid session.
  Change put(const Receiver& receiver);
  /// True if the session was in the list.
  bool remove(const SessionId& session);

  bool contains(const SessionId& session) const { return find(session) != absent; }
  std::size_t size() const { return receivers_.size() - holes(); }
  bool empty() const { return size() == 0; }

  /// The session that follows `session` (which must be in the list), the first after the last;
  /// `session` itself if it is alone.
  SessionId after(const SessionId& session) const;

  template <typename Visit>
  void for_each(Visit&& visit) const {
    for (const Receiver& receiver : receivers_) {
      if (receiver.session.valid()) visit(receiver);
    }
  }

 private:
  struct Index {
    HashIndex<std::uint32_t> positions;
    std::size_t holes = 0;
  };
  static constexpr std::size_t absent = SIZE_MAX;
  static constexpr std::size_t longest_searched = 16;

  static std::uint64_t hash(const SessionId& session);
  std::size_t holes() const { return index_ ? index_->holes : 0; }
  std::size_t find(const SessionId& session) const;
  void build_index();
  void close_holes();

  std::vector<Receiver> receivers_;  ///< a hole is a receiver with an invalid session
  std::unique_ptr<Index> index_;     ///< if longer than `longest_searched`
};

}  // namespace broker
