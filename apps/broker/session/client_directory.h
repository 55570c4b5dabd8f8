#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "message.h"

namespace broker {

/// Which worker a client identifier lives on. Shared by all workers, guarded by sharded locks;
/// touched when a client connects and when a session ends, never by messages.
///
/// Always true: an identifier names one session, on one worker. [MQTT-3.1.3-2] A `claim` under way
/// holds it there, so that two connections with the same identifier always meet on the same worker.
class ClientDirectory {
 public:
  struct Claim {
    std::uint16_t worker = 0;  ///< where the connection must go
    SessionId session;         ///< the session that exists there; not valid() if there is none
  };
  /// Begins to connect `client_id`, preferably on `worker`. Followed by exactly one `settle` or
  /// `abandon` on the worker that the claim names.
  Claim claim(std::string_view client_id, std::uint16_t worker);
  /// Looks again at a claim of one's own (after waiting for authentication).
  SessionId find(std::string_view client_id) const;
  /// The claim has led to `session`.
  void settle(std::string_view client_id, SessionId session);
  /// The claim has led to nothing.
  void abandon(std::string_view client_id);
  /// The session is over. By its worker.
  void release(std::string_view client_id);

  /// Sessions known: connected and stored.
  std::size_t session_count() const { return sessions_.load(std::memory_order_relaxed); }

 private:
  struct Entry {
    SessionId session;
    std::uint32_t claims = 0;  ///< connections on their way
    std::uint16_t worker = 0;
  };
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  struct alignas(64) Shard {
    mutable std::mutex mutex;
    std::unordered_map<std::string, Entry, Hash, std::equal_to<>> entries;  ///< guarded by mutex
  };

  Shard& shard(std::string_view client_id) { return shards_[Hash{}(client_id) % shards_.size()]; }
  const Shard& shard(std::string_view client_id) const { return shards_[Hash{}(client_id) % shards_.size()]; }

  std::array<Shard, 64> shards_;
  std::atomic<std::size_t> sessions_{0};
};

}  // namespace broker
