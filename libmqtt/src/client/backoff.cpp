#include <algorithm>
#include <cmath>

#include "mqtt/client/backoff.h"

namespace mqtt::client {

std::uint64_t Backoff::any_seed() {
  thread_local std::mt19937_64 seeds(std::random_device{}());
  return seeds();
}

std::optional<std::chrono::milliseconds> Backoff::next_delay() {
  if (policy_.max_attempts != 0 && attempts_ >= policy_.max_attempts) return std::nullopt;
  const auto longest = static_cast<double>(policy_.max_delay.count());
  const double grown =
      static_cast<double>(policy_.first_delay.count()) * std::pow(policy_.factor, attempts_);
  ++attempts_;
  const double full = std::min(grown, longest);
  const double taken_off = std::uniform_real_distribution<double>(0.0, policy_.jitter)(random_);
  return std::chrono::milliseconds(static_cast<std::int64_t>(full * (1.0 - taken_off)));
}

bool is_temporary(ReasonCode reason) {
  switch (reason) {
    case ReasonCode::unspecified_error:
    case ReasonCode::implementation_specific_error:
    case ReasonCode::server_unavailable:
    case ReasonCode::server_busy:
    case ReasonCode::server_shutting_down:
    case ReasonCode::keep_alive_timeout:
    case ReasonCode::receive_maximum_exceeded:
    case ReasonCode::message_rate_too_high:
    case ReasonCode::quota_exceeded:
    case ReasonCode::connection_rate_exceeded:
    case ReasonCode::maximum_connect_time:
    case ReasonCode::normal_disconnection:
      return true;
    default:
      return false;
  }
}

}  // namespace mqtt::client
