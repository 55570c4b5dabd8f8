#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "config/directive.h"

namespace broker {

/// One setting that a newly read configuration gives another value.
struct SettingChange {
  std::string_view key;
  std::string listener;  ///< `PORT` or `PORT HOST` of the listener it belongs to; empty: the broker
  std::string from;
  std::string to;
  ReloadEffect effect = ReloadEffect::restart;

  friend bool operator==(const SettingChange&, const SettingChange&) = default;
};

/// What a reload would do.
struct ReloadPlan {
  /// The newly read configuration, but with what the running one has where a change needs a
  /// restart.
  Config config;
  std::vector<SettingChange> changes;
};

/// Compares the configuration in force with a newly read one. Which listeners are the same is what
/// `continued_listeners` says. Listeners appear and disappear at once, unless per_listener_settings
/// changes as well.
ReloadPlan plan_reload(const Config& running, const Config& fresh);

/// `max_qos of listener 1883: 2 -> 1 (new connections)`
std::string to_text(const SettingChange& change);

/// What came of it, for the end of a line: `2 settings have changed, 1 of which waits for a
/// restart`.
std::string summary(const std::vector<SettingChange>& changes);

}  // namespace broker
