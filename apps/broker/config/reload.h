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
  Config config;  ///< the running configuration with every change that needs no restart
  std::vector<SettingChange> changes;
};

/// Compares the configuration in force with a newly read one. Listeners are the same if port and
/// host are; one that appears or disappears waits for a restart, and a listener that disappears
/// keeps running with what it has.
ReloadPlan plan_reload(const Config& running, const Config& fresh);

/// `max_qos of listener 1883: 2 -> 1 (new connections)`
std::string to_text(const SettingChange& change);

}  // namespace broker
