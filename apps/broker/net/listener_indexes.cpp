#include "net/listener_indexes.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "config/listener_pairs.h"

namespace broker {

ListenerIndexes::ListenerIndexes(std::vector<ListenerConfig> listeners)
    : listeners_(std::move(listeners)), indexes_(listeners_.size()) {
  std::iota(indexes_.begin(), indexes_.end(), std::uint16_t{0});
}

/// The listeners that are there, as the file had them.
std::vector<ListenerConfig> ListenerIndexes::asked() const {
  std::vector<ListenerConfig> result;
  for (const std::uint16_t index : indexes_) result.push_back(listeners_[index]);
  return result;
}

std::optional<std::uint16_t> ListenerIndexes::free_index(const std::vector<bool>& in_use,
                                                         std::vector<bool>& given) const {
  for (std::size_t index = 0; index < listeners_.size(); ++index) {
    if (!listeners_[index].gone || in_use[index] || given[index]) continue;
    given[index] = true;
    return static_cast<std::uint16_t>(index);
  }
  return std::nullopt;
}

std::optional<ListenerIndexes::Change> ListenerIndexes::change_to(
    const std::vector<ListenerConfig>& fresh, const std::vector<bool>& in_use) const {
  Change change{*this, {}, {}, {}};
  std::vector<ListenerConfig>& listeners = change.next.listeners_;
  std::vector<std::uint16_t>& indexes = change.next.indexes_;
  indexes.clear();
  const auto continued = continued_listeners(asked(), fresh);
  std::vector<bool> given(listeners_.size());
  std::vector<bool> kept(listeners_.size());
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    const auto old = continued[i] ? std::optional(indexes_[*continued[i]]) : std::nullopt;
    if (old && !needs_reopening(listeners_[*old], fresh[i])) {
      kept[*old] = true;
      indexes.push_back(*old);
      listeners[*old] = fresh[i];
      continue;
    }
    auto index = free_index(in_use, given);
    if (!index) {
      if (listeners.size() == most) return std::nullopt;
      index = static_cast<std::uint16_t>(listeners.size());
      listeners.emplace_back();
    }
    listeners[*index] = fresh[i];
    indexes.push_back(*index);
    change.opening.push_back(*index);
  }
  for (const std::uint16_t index : indexes_) {
    if (kept[index]) continue;
    listeners[index].gone = true;
    change.closing.push_back(index);
  }
  for (std::size_t i = 0; i < listeners.size(); ++i) {
    std::uint16_t& heir = change.heirs.emplace_back(static_cast<std::uint16_t>(i));
    if (!listeners[i].gone) continue;
    const auto found = std::ranges::find_if(
        indexes, [&](std::uint16_t index) { return same_address(listeners[index], listeners[i]); });
    if (found != indexes.end()) heir = *found;
  }
  return change;
}

}  // namespace broker
