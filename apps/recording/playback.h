#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "mqtt/protocol/property.h"
#include "recording/record.h"

namespace recording {

/// When the messages of a recording are due: the first immediately, the others at their recorded
/// distances, divided by the speed.
class Playback {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  /// `speed` 1 is as recorded, 2 twice as fast; 0: every message is due immediately.
  explicit Playback(double speed) : speed_(speed) {}

  /// When `record`, the next one, is due; `now` is the time of the call. Several recordings follow
  /// each other without a pause. A late message does not delay those after it.
  Moment due(const Record& record, Moment now);
  /// The recording starts again.
  void rewind() { begin_.reset(); }

 private:
  struct Begin {
    Moment moment;
    std::chrono::nanoseconds time;
    std::uint32_t part;
  };

  double speed_;
  std::optional<Begin> begin_;  ///< of the current part
};

/// Whether a message of this topic is replayed: topics that begin with `$` are the broker's own,
/// which accepts no messages for them; after a prefix they are ordinary topics.
bool is_playable(std::string_view topic, std::string_view prefix);

/// The properties of a received message that a client may send: all except the subscription
/// identifiers.
mqtt::PropertyList playable_properties(const mqtt::Properties& properties);

}  // namespace recording
