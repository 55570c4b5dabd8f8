#include "net/listener_places.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "config/listener_pairs.h"

namespace broker {

ListenerPlaces::ListenerPlaces(std::vector<ListenerConfig> listeners)
    : listeners_(std::move(listeners)), places_(listeners_.size()) {
  std::iota(places_.begin(), places_.end(), std::uint16_t{0});
}

/// The listeners that are there, as the file had them.
std::vector<ListenerConfig> ListenerPlaces::asked() const {
  std::vector<ListenerConfig> result;
  for (const std::uint16_t place : places_) result.push_back(listeners_[place]);
  return result;
}

std::optional<std::uint16_t> ListenerPlaces::free_place(const std::vector<bool>& in_use,
                                                        std::vector<bool>& given) const {
  for (std::size_t place = 0; place < listeners_.size(); ++place) {
    if (!listeners_[place].gone || in_use[place] || given[place]) continue;
    given[place] = true;
    return static_cast<std::uint16_t>(place);
  }
  return std::nullopt;
}

std::optional<ListenerPlaces::Change> ListenerPlaces::change_to(
    const std::vector<ListenerConfig>& fresh, const std::vector<bool>& in_use) const {
  Change change{*this, {}, {}, {}};
  std::vector<ListenerConfig>& listeners = change.next.listeners_;
  std::vector<std::uint16_t>& places = change.next.places_;
  places.clear();
  const auto continued = continued_listeners(asked(), fresh);
  std::vector<bool> given(listeners_.size());
  std::vector<bool> kept(listeners_.size());
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    const auto old = continued[i] ? std::optional(places_[*continued[i]]) : std::nullopt;
    if (old && !needs_reopening(listeners_[*old], fresh[i])) {
      kept[*old] = true;
      places.push_back(*old);
      listeners[*old] = fresh[i];
      continue;
    }
    auto place = free_place(in_use, given);
    if (!place) {
      if (listeners.size() == most) return std::nullopt;
      place = static_cast<std::uint16_t>(listeners.size());
      listeners.emplace_back();
    }
    listeners[*place] = fresh[i];
    places.push_back(*place);
    change.opening.push_back(*place);
  }
  for (const std::uint16_t place : places_) {
    if (kept[place]) continue;
    listeners[place].gone = true;
    change.closing.push_back(place);
  }
  for (std::size_t i = 0; i < listeners.size(); ++i) {
    std::uint16_t& heir = change.heirs.emplace_back(static_cast<std::uint16_t>(i));
    if (!listeners[i].gone) continue;
    const auto found = std::ranges::find_if(
        places, [&](std::uint16_t place) { return same_place(listeners[place], listeners[i]); });
    if (found != places.end()) heir = *found;
  }
  return change;
}

}  // namespace broker
