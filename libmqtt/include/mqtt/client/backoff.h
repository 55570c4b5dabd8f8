#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <random>

#include "mqtt/protocol/reason_code.h"

namespace mqtt::client {

/// When a client tries again: first_delay, then `factor` times longer after each failure, at most
/// max_delay; a random part of up to `jitter` of each delay is taken off, so that many clients do
/// not return at the same moment. A success starts over.
struct ReconnectPolicy {
  std::chrono::milliseconds first_delay{1000};
  std::chrono::milliseconds max_delay{60'000};
  double factor = 2.0;
  double jitter = 0.5;  ///< 0..1
  /// Attempts in a row before the client gives up; 0: never.
  std::uint32_t max_attempts = 0;
  /// Whether a first attempt that fails counts as well, or ends the client.
  bool retry_first = false;
  /// Whether to try again also after a CONNACK or DISCONNECT whose reason is not `is_temporary`.
  bool retry_refused = false;
};

/// Whether what the server gave as its reason may be over soon (busy, shutting down, ...), in
/// contrast to what another attempt will not change (not authorized, session taken over, ...).
bool is_temporary(ReasonCode reason);

/// The arithmetic of a policy: pure, the caller brings randomness.
class Backoff {
 public:
  explicit Backoff(ReconnectPolicy policy, std::uint64_t seed = any_seed())
      : policy_(policy), random_(static_cast<std::minstd_rand::result_type>(seed)) {}

  /// How long to wait before the next attempt; nullopt: give up.
  std::optional<std::chrono::milliseconds> next_delay();
  void on_success() { attempts_ = 0; }

 private:
  /// The system is asked once per thread: that is dear, and there may be many clients.
  static std::uint64_t any_seed();

  ReconnectPolicy policy_;
  std::minstd_rand random_;  ///< some bytes instead of kilobytes
  std::uint32_t attempts_ = 0;
};

}  // namespace mqtt::client
