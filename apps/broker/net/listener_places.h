#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "config/config.h"

namespace broker {

/// Which place each listener has among those that the workers know. A connection and a session know
/// their listener by its place, so a place means the same listener for as long as anyone names it,
/// whatever reloads add and take away, and wherever a listener stands in the file. A listener that
/// is closed leaves its place marked as gone; the place is given away once nobody refers to it.
///
/// A plain value. The thread that reloads keeps it.
class ListenerPlaces {
 public:
  static constexpr std::size_t most = 65536;

  /// Of a start: places are positions. At most `most` listeners.
  explicit ListenerPlaces(std::vector<ListenerConfig> listeners);

  /// By place.
  const std::vector<ListenerConfig>& listeners() const { return listeners_; }
  /// The place of each listener of the file, in its order there.
  std::uint16_t place(std::size_t position) const { return places_.at(position); }

  struct Change;
  /// What becomes of the places when the file holds `fresh`. `in_use` says by place whether a
  /// connection or a session refers to it; only places that are gone are looked up. nullopt if
  /// there are not places enough.
  std::optional<Change> change_to(const std::vector<ListenerConfig>& fresh,
                                  const std::vector<bool>& in_use) const;

 private:
  std::optional<std::uint16_t> free_place(const std::vector<bool>& in_use,
                                          std::vector<bool>& given) const;
  std::vector<ListenerConfig> asked() const;

  std::vector<ListenerConfig> listeners_;
  std::vector<std::uint16_t> places_;
};

struct ListenerPlaces::Change {
  ListenerPlaces next;
  std::vector<std::uint16_t>
      opening;  ///< places whose listener is to be opened, in the file's order
  std::vector<std::uint16_t> closing;  ///< places whose listener goes
  /// By place: the one whose rules hold for absent sessions. Another one than their own where a
  /// listener was opened anew, or a gone one is there again.
  std::vector<std::uint16_t> heirs;
};

}  // namespace broker
