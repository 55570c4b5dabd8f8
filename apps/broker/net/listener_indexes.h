#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "config/config.h"

namespace broker {

/// Which index each listener has in the Config that the workers use. Connections and sessions name
/// their listener by this index, so it means the same listener for as long as one of them does,
/// whatever reloads add and remove, and wherever a listener is in the file. The entry of a listener
/// that is closed is marked as gone; its index is used again once nothing refers to it.
///
/// A plain value. Belongs to the thread that reloads.
class ListenerIndexes {
 public:
  static constexpr std::size_t most = 65536;

  /// At a start: the order in the file. At most `most` listeners.
  explicit ListenerIndexes(std::vector<ListenerConfig> listeners);

  /// By index.
  const std::vector<ListenerConfig>& listeners() const { return listeners_; }
  /// The index of each listener of the file, in its order there.
  std::uint16_t index(std::size_t position) const { return indexes_.at(position); }

  struct Change;
  /// What becomes of the indexes when the file contains `fresh`. `in_use`: by index, whether a
  /// connection or a session refers to it; only those of gone listeners are looked up. nullopt if
  /// there are too many listeners.
  std::optional<Change> change_to(const std::vector<ListenerConfig>& fresh,
                                  const std::vector<bool>& in_use) const;

 private:
  std::optional<std::uint16_t> free_index(const std::vector<bool>& in_use,
                                          std::vector<bool>& given) const;
  std::vector<ListenerConfig> asked() const;

  std::vector<ListenerConfig> listeners_;
  std::vector<std::uint16_t> indexes_;
};

struct ListenerIndexes::Change {
  ListenerIndexes next;
  std::vector<std::uint16_t> opening;  ///< to be opened, in the order of the file
  std::vector<std::uint16_t> closing;  ///< to be closed
  /// By index: the one whose rules hold for absent sessions. Another one than their own where a
  /// listener was opened anew, or a gone one is there again.
  std::vector<std::uint16_t> heirs;
};

}  // namespace broker
