#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "mqtt/protocol/topic.h"

namespace broker {

/// What the topics of one client are called inside the broker, and back. Today: the mount point of
/// its listener, text that is put before all topics and filters of the client and taken off what
/// it is sent, so that it lives in a part of the topics and sees nothing else. No slash comes in
/// between.
///
/// A value that the session receives when its client connects.
class TopicMap {
 public:
  /// Topics are the same on both sides.
  TopicMap() = default;
  explicit TopicMap(std::string mount_point) : mount_point_(std::move(mount_point)) {}

  bool is_identity() const { return mount_point_.empty(); }
  const std::string& mount_point() const { return mount_point_; }

  /// The local name of the client's `topic` (a valid name); in `scratch` if it is another. nullopt:
  /// too long for a topic name, or of too many levels.
  std::optional<mqtt::TopicName> to_local(std::string_view topic, std::string& scratch) const;

  /// The local form of the client's `filter`; a shared one keeps its `$share/NAME/` in front. May
  /// be no valid filter.
  std::string filter_to_local(std::string_view filter) const;

  /// What the local `topic` is called for the client. nullopt: it has no name there.
  std::optional<std::string_view> to_remote(std::string_view topic) const;

 private:
  std::string mount_point_;
};

}  // namespace broker
