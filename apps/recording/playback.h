#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "mqtt/protocol/property.h"
#include "recording/record.h"

namespace recording {

/// When the messages of a recording are due when it is played: the first at once, the others after
/// the gaps that they were recorded with, divided by the speed.
class Playback {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  /// `speed` 1 is as recorded, 2 twice as fast; 0: every message is due at once.
  explicit Playback(double speed) : speed_(speed) {}

  /// When `record` is due; it is the next one, and asked for at `now`. Each part of several
  /// recordings follows the one before at once. A message that is late makes none behind it later.
  Moment due(const Record& record, Moment now);
  /// The recording begins anew.
  void rewind() { begin_.reset(); }

 private:
  struct Begin {
    Moment moment;
    std::chrono::nanoseconds time;
    std::uint32_t part;
  };

  double speed_;
  std::optional<Begin> begin_;  ///< of the part that is played
};

/// Whether a message of this topic is played: topics that begin with `$` are the broker's own,
/// which takes no message for them; behind a prefix they are topics like others.
bool is_playable(std::string_view topic, std::string_view prefix);

/// What a client may send of the properties of a message that was received: not the subscription
/// identifiers.
mqtt::PropertyList playable_properties(const mqtt::Properties& properties);

}  // namespace recording
