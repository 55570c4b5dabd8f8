#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "cli/connection/connection_options.h"
#include "mqtt/client/client.h"

namespace cli {

/// Tells of a connection that is lost and made again by itself: of the loss, of a further attempt
/// only if it fails for another reason than the one before, and of the return.
class Outage {
 public:
  using Clock = std::chrono::steady_clock;

  /// `options` must outlive it.
  explicit Outage(const ConnectionOptions& options) : options_(options) {}

  /// A connection, or an attempt to make it again, has ended, and another attempt follows: lines to
  /// show; empty if they would say nothing new.
  std::string on_lost(const mqtt::client::ConnectionEnd& end, Clock::time_point now);
  /// A connection is there: a line to show; empty if it is the first one.
  std::string on_connected(Clock::time_point now);

  /// Whether the connection is lost, so that what ends now is only an attempt.
  bool is_under_way() const { return since_.has_value(); }

 private:
  const ConnectionOptions& options_;
  std::optional<Clock::time_point> since_;
  std::string told_;  ///< the reason that was shown last
};

}  // namespace cli
