#include "session/topic_map.h"

namespace broker {

std::optional<mqtt::TopicName> TopicMap::to_local(std::string_view topic,
                                                  std::string& scratch) const {
  if (is_identity()) return mqtt::TopicName::from_valid(topic);
  scratch.assign(mount_point_).append(topic);
  return mqtt::TopicName::parse(scratch);
}

std::string TopicMap::filter_to_local(std::string_view filter) const {
  std::string local(filter);
  if (is_identity()) return local;
  const auto parsed = mqtt::TopicFilter::parse(filter);
  const std::size_t share = parsed ? filter.size() - parsed->filter().size() : 0;
  return local.insert(share, mount_point_);
}

std::optional<std::string_view> TopicMap::to_remote(std::string_view topic) const {
  if (is_identity()) return topic;
  if (topic.size() <= mount_point_.size() || !topic.starts_with(mount_point_)) return std::nullopt;
  return topic.substr(mount_point_.size());
}

}  // namespace broker
