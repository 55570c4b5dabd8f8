#include "session/mount_point.h"

namespace broker {

std::optional<mqtt::TopicName> mounted_topic(std::string_view mount_point, std::string_view topic,
                                             std::string& scratch) {
  if (mount_point.empty()) return mqtt::TopicName::from_valid(topic);
  scratch.assign(mount_point).append(topic);
  return mqtt::TopicName::parse(scratch);
}

std::string mounted_filter(std::string_view mount_point, std::string_view filter) {
  std::string mounted(filter);
  if (mount_point.empty()) return mounted;
  const auto parsed = mqtt::TopicFilter::parse(filter);
  const std::size_t share = parsed ? filter.size() - parsed->filter().size() : 0;
  return mounted.insert(share, mount_point);
}

std::optional<std::string_view> unmounted_topic(std::string_view mount_point,
                                                std::string_view topic) {
  if (mount_point.empty()) return topic;
  if (topic.size() <= mount_point.size() || !topic.starts_with(mount_point)) return std::nullopt;
  return topic.substr(mount_point.size());
}

}  // namespace broker
