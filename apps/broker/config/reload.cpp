#include "config/reload.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "config/directive_table.h"
#include "config/listener_pairs.h"

namespace broker {
namespace {

bool is_compared(const Directive& row) {
  return row.text != nullptr && row.copy != nullptr && row.spelling_of.empty();
}

class Comparison {
 public:
  Comparison(const Config& running, const Config& fresh) : running_(running), fresh_(fresh) {
    plan_.config = running;
    broker_ = running;
    broker_.listeners.clear();
    probe_ = broker_;
  }

  ReloadPlan run() && {
    ListenerConfig unused;
    for (const Directive& row : directive_table()) {
      if (is_compared(row) && section(row) == Section::global) compare(row, unused, unused, unused);
    }
    plan_.config.written = fresh_.written;
    compare_listeners();
    return std::move(plan_);
  }

 private:
  void compare_listeners() {
    const auto pairs = continued_listeners(running_.listeners, fresh_.listeners);
    std::vector<ListenerConfig> planned = fresh_.listeners;
    for (std::size_t i = 0; i < running_.listeners.size(); ++i) {
      const ListenerConfig& old = running_.listeners[i];
      const auto pair = std::ranges::find(pairs, std::optional(i));
      if (pair == pairs.end()) {
        note("listener", {}, name(old), {}, effect_of_listeners());
        continue;
      }
      const auto position = static_cast<std::size_t>(pair - pairs.begin());
      planned[position] = old;
      compare_listener(old, fresh_.listeners[position], planned[position]);
      planned[position].written = fresh_.listeners[position].written;
      if (!listeners_may_change()) plan_.config.listeners[i] = planned[position];
    }
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      if (!pairs[i]) note("listener", {}, {}, name(fresh_.listeners[i]), effect_of_listeners());
    }
    if (!listeners_may_change()) return;
    plan_.config.listeners = std::move(planned);
    plan_.config.local_only = fresh_.local_only;
  }

  /// If per_listener_settings changes, which takes a restart, the rules for clients wait for it as
  /// well: otherwise a new listener would not have the rules that were written for it.
  bool listeners_may_change() const {
    return running_.per_listener_settings == fresh_.per_listener_settings;
  }
  ReloadEffect effect_of_listeners() const {
    return listeners_may_change() ? ReloadEffect::applied : ReloadEffect::restart;
  }

  void compare_listener(const ListenerConfig& old, const ListenerConfig& fresh,
                        ListenerConfig& result) {
    for (const Directive& row : directive_table()) {
      // Reported under the other key for the same value.
      const bool is_reported_twice = has_listener_values(row) && row.scope != Scope::security;
      if (is_compared(row) && section(row) == Section::listener && !is_reported_twice) {
        compare(row, old, fresh, result);
      }
    }
  }

  /// The section of the row's value, as the configuration in force has it.
  Section section(const Directive& row) const {
    return section_of(row, running_.per_listener_settings);
  }
  bool has_listener_values(const Directive& row) const {
    return running_.per_listener_settings && row.of_listener.copy != nullptr;
  }

  /// If the new file has its rules in other sections than the old one (per_listener_settings, which
  /// takes a restart), they wait as well: half of them could admit clients that neither file does.
  ReloadEffect effect_of(const Directive& row) const {
    const bool waits = !listeners_may_change() &&
                       (row.of_listener.copy != nullptr || row.reload == ReloadEffect::reopens);
    return waits ? ReloadEffect::restart : row.reload;
  }

  Directive::Copy copy_of(const Directive& row) const {
    return has_listener_values(row) ? row.of_listener.copy : row.copy;
  }
  Directive::Text text_of(const Directive& row) const {
    return has_listener_values(row) ? row.of_listener.text : row.text;
  }

  void compare(const Directive& row, const ListenerConfig& old, const ListenerConfig& fresh,
               ListenerConfig& result) {
    if (is_same(row, old, fresh)) return;
    const ReloadEffect effect = effect_of(row);
    if (effect != ReloadEffect::restart) copy_of(row)({plan_.config, result}, {fresh_, fresh});
    const auto text = text_of(row);
    note(row.name, section(row) == Section::listener ? name(old) : std::string(),
         text(row, {running_, old}), text(row, {fresh_, fresh}), effect);
  }

  /// Two texts may be alike where the values are not ("unset" is a value too), so the value is
  /// written over the old one to see whether that changes it.
  bool is_same(const Directive& row, const ListenerConfig& old, const ListenerConfig& fresh) {
    ListenerConfig listener = old;
    copy_of(row)({probe_, listener}, {fresh_, fresh});
    const bool same = listener == old && probe_ == broker_;
    copy_of(row)({probe_, listener}, {running_, old});
    return same;
  }

  void note(std::string_view key, std::string listener, std::string from, std::string to,
            ReloadEffect effect) {
    plan_.changes.push_back({key, std::move(listener), std::move(from), std::move(to), effect});
  }

  const Config& running_;
  const Config& fresh_;
  Config broker_;  ///< the running configuration without its listeners
  Config probe_;   ///< equal to it between two comparisons
  ReloadPlan plan_;
};

}  // namespace

ReloadPlan plan_reload(const Config& running, const Config& fresh) {
  return Comparison(running, fresh).run();
}

std::string to_text(const SettingChange& change) {
  const std::string where =
      change.listener.empty() ? std::string() : fmt::format(" of listener {}", change.listener);
  const std::string_view from = change.from.empty() ? "none" : std::string_view(change.from);
  const std::string_view to = change.to.empty() ? "none" : std::string_view(change.to);
  return fmt::format("{}{}: {} -> {} ({})", change.key, where, from, to, to_text(change.effect));
}

std::string summary(const std::vector<SettingChange>& changes) {
  if (changes.empty()) return "no setting has changed";
  const auto waiting = std::ranges::count(changes, ReloadEffect::restart, &SettingChange::effect);
  const std::string number = changes.size() == 1
                                 ? std::string("1 setting has changed")
                                 : fmt::format("{} settings have changed", changes.size());
  if (waiting == 0) return number;
  if (changes.size() == 1) return number + " and waits for a restart";
  return fmt::format("{}, {} of which {} for a restart", number, waiting,
                     waiting == 1 ? "waits" : "wait");
}

}  // namespace broker
