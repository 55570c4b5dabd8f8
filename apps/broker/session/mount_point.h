#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mqtt/protocol/topic.h"

namespace broker {

/// A listener's mount point: text that is put before all topics and filters of its clients, and
/// taken off what they are sent, so that they live in a part of the topics and see nothing else. No
/// slash comes in between. Empty: none.

/// What `topic` (a valid name) is for the others; in `scratch` if there is a mount point. nullopt:
/// too long for a topic name, or of too many levels.
std::optional<mqtt::TopicName> mounted_topic(std::string_view mount_point, std::string_view topic,
                                             std::string& scratch);

/// What `filter` is for the others; a shared one keeps its `$share/NAME/` in front. May be no valid
/// filter.
std::string mounted_filter(std::string_view mount_point, std::string_view filter);

/// What `topic` is for a client below the mount point. nullopt: it has no name there.
std::optional<std::string_view> unmounted_topic(std::string_view mount_point,
                                                std::string_view topic);

}  // namespace broker
