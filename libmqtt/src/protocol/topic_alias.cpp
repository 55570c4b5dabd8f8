#include "mqtt/protocol/topic_alias.h"

#include <cassert>

namespace mqtt {

void ReceivedTopicAliases::set(std::uint16_t alias, std::string_view topic) {
  assert(in_range(alias) && !topic.empty());
  if (topics_.size() < alias) topics_.resize(alias);
  topics_[alias - 1U] = topic;
}

std::optional<std::string_view> ReceivedTopicAliases::find(std::uint16_t alias) const {
  if (alias == 0 || alias > topics_.size() || topics_[alias - 1U].empty()) return std::nullopt;
  return topics_[alias - 1U];
}

SentTopicAliases::Use SentTopicAliases::use(std::string_view topic) {
  if (maximum_ == 0) return {};
  if (!aliases_) aliases_ = std::make_unique<Aliases>();
  if (const auto known = aliases_->find(topic); known != aliases_->end()) {
    return {known->second, false};
  }
  if (aliases_->size() == maximum_) return {};
  const auto alias = static_cast<std::uint16_t>(aliases_->size() + 1);
  aliases_->emplace(topic, alias);
  return {alias, true};
}

}  // namespace mqtt
