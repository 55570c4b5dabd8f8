#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "message/message.h"
#include "routing/hash_index.h"
#include "routing/text_hash.h"
#include "session/client_id.h"

namespace broker {

/// What the directory knows of a session. Belongs to the session and never changes.
struct SessionName {
  ClientId client_id;
  SessionId session;
};

/// Which worker a client identifier lives on. Shared by all workers, guarded by sharded locks;
/// touched when a client connects and when a session ends, never by messages.
///
/// Always true: an identifier names one session, on one worker. [MQTT-3.1.3-2] A `claim` under way
/// holds it there, so that two connections with the same identifier always meet on the same worker.
///
/// A session costs the directory a pointer and a piece of a hash: the name is the session's own.
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
  /// The claim has led to this session, which is known from here on. The name stays where it is
  /// until `release`.
  void settle(const SessionName& name);
  /// The claim has led to nothing.
  void abandon(std::string_view client_id);
  /// The session is over. By its worker.
  void release(const SessionName& name);

  /// Sessions known: connected and stored.
  std::size_t session_count() const { return sessions_.load(std::memory_order_relaxed); }

 private:
  /// Connections on their way.
  struct UnderWay {
    std::uint32_t claims = 0;
    std::uint16_t worker = 0;
  };
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  struct alignas(64) Shard {
    mutable std::mutex mutex;
    HashIndex<const SessionName*> sessions;  ///< guarded by mutex
    std::unordered_map<std::string, UnderWay, Hash, std::equal_to<>>
        under_way;  ///< guarded by mutex
  };
  static const SessionName* const* find_in(const Shard& shard, std::uint64_t hash,
                                           std::string_view client_id);
  static void end_claim(Shard& shard, std::string_view client_id);

  /// By the upper bits: HashIndex uses the lower ones.
  Shard& shard(std::uint64_t hash) { return shards_[hash >> 58]; }
  const Shard& shard(std::uint64_t hash) const { return shards_[hash >> 58]; }

  TextHash hash_;
  std::array<Shard, 64> shards_;
  std::atomic<std::size_t> sessions_{0};
};

}  // namespace broker
