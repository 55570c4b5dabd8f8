#include "recording/playback.h"

#include <algorithm>

namespace recording {

namespace {

/// Further ahead than anyone waits, and far from what a moment can hold.
constexpr std::chrono::hours longest_wait{24 * 365 * 100};

}  // namespace

Playback::Moment Playback::due(const Record& record, Moment now) {
  if (speed_ <= 0) return now;
  if (!begin_ || begin_->part != record.part) begin_ = Begin{now, record.time, record.part};
  const std::chrono::duration<double, std::nano> wait = (record.time - begin_->time) / speed_;
  const std::chrono::duration<double, std::nano> most = longest_wait;
  return begin_->moment +
         std::chrono::duration_cast<std::chrono::steady_clock::duration>(std::min(wait, most));
}

bool is_playable(std::string_view topic, std::string_view prefix) {
  return !prefix.empty() || !topic.starts_with('$');
}

mqtt::PropertyList playable_properties(const mqtt::Properties& properties) {
  mqtt::PropertyList playable;
  for (const mqtt::Property& property : properties) {
    if (property.id != mqtt::PropertyId::subscription_identifier &&
        property.id != mqtt::PropertyId::topic_alias) {
      playable.add(property);
    }
  }
  return playable;
}

}  // namespace recording
