#pragma once

#include <chrono>
#include <cstdint>

namespace mqtt {

/// The two deadlines of Keep Alive (MQTT 5.0 section 3.1.2.10), computed from times that the caller
/// passes in. 0 seconds: off.
class KeepAlive {
 public:
  using Time = std::chrono::milliseconds;  ///< since any fixed point; monotonic

  constexpr explicit KeepAlive(std::uint16_t seconds = 0) : seconds_(seconds) {}

  constexpr bool enabled() const { return seconds_ != 0; }
  constexpr std::uint16_t seconds() const { return seconds_; }
  /// Server: the peer is lost if nothing was received by then: 1.5 times the interval.
  /// [MQTT-3.1.2-22]
  constexpr Time peer_deadline(Time last_received) const {
    return last_received + Time(std::int64_t{seconds_} * 1500);
  }
  /// Client: a PINGREQ is due if nothing was sent by then. [MQTT-3.1.2-20]
  constexpr Time ping_due(Time last_sent) const {
    return last_sent + Time(std::int64_t{seconds_} * 1000);
  }

 private:
  std::uint16_t seconds_;
};

}  // namespace mqtt
