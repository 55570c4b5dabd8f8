#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <vector>

#include "config/config.h"
#include "config/config_error.h"
#include "config/origins.h"
#include "config/section.h"

namespace broker {

/// A configuration while its lines are being read: what the setters write to. Together with
/// Settings, this is what knows where the values of each section are stored.
struct ConfigDraft {
  Config config;
  OpenSections open;
  std::array<std::size_t, number_of_sections> begun{};  ///< how many sections of each kind
  std::optional<std::size_t> default_listener;          ///< the one without a `listener` line
  bool listener_chosen = false;                         ///< by listener, port or bind_address
  bool security_key_seen = false;  ///< per_listener_settings would come too late
  bool log_dest_seen = false;      ///< the first log_dest and log_type lines
  bool log_type_seen = false;      ///< replace the defaults, later ones add
  std::vector<ConfigNote> notes;

  /// Begins another section of this kind, with the defaults, and opens it.
  void begin(Section section);

  /// Opens the default listener, creating it if it does not exist. True if it was created.
  bool select_default_listener();

  /// The open listener; there must be one.
  ListenerConfig& listener() { return config.listeners[open.number(Section::listener)]; }

  /// Where the keys of the open section of this kind are written.
  Origins& written(Section section) {
    return section == Section::listener ? listener().written : config.written;
  }

  /// The values of the open section that are an `Object`.
  template <typename Object>
  Object& of() {
    if constexpr (std::is_same_v<Object, ListenerConfig>) {
      return listener();
    } else {
      return config;
    }
  }
};

}  // namespace broker
