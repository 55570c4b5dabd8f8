#include "config/reload.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>

#include "config/directive_table.h"

namespace broker {
namespace {

bool same_socket(const ListenerConfig& a, const ListenerConfig& b) {
  return a.port == b.port && a.host == b.host && a.unix_path == b.unix_path;
}

using ListenerSpan = std::vector<ListenerConfig>;

/// Which of several listeners on the same socket one is: 0 for the first.
std::ptrdiff_t rank(const ListenerSpan& listeners, const ListenerConfig& listener) {
  const auto end = listeners.begin() + (&listener - listeners.data());
  return std::count_if(listeners.begin(), end,
                       [&](const ListenerConfig& other) { return same_socket(other, listener); });
}

/// The listener of `others` that `listener` of `own` is to be compared with.
const ListenerConfig* counterpart(const ListenerSpan& own, const ListenerConfig& listener,
                                  const ListenerSpan& others) {
  std::ptrdiff_t before = rank(own, listener);
  for (const ListenerConfig& other : others) {
    if (same_socket(other, listener) && before-- == 0) return &other;
  }
  return nullptr;
}

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
      if (is_compared(row) && !is_of_listener(row)) compare(row, unused, unused, unused);
    }
    compare_listeners();
    return std::move(plan_);
  }

 private:
  void compare_listeners() {
    for (std::size_t i = 0; i < running_.listeners.size(); ++i) {
      const ListenerConfig& old = running_.listeners[i];
      const auto* fresh = counterpart(running_.listeners, old, fresh_.listeners);
      if (fresh == nullptr) {
        note("listener", {}, name(old), {}, ReloadEffect::restart);
      } else {
        compare_listener(old, *fresh, plan_.config.listeners[i]);
      }
    }
    for (const ListenerConfig& fresh : fresh_.listeners) {
      if (counterpart(fresh_.listeners, fresh, running_.listeners) == nullptr) {
        note("listener", {}, {}, name(fresh), ReloadEffect::restart);
      }
    }
  }

  void compare_listener(const ListenerConfig& old, const ListenerConfig& fresh,
                        ListenerConfig& result) {
    for (const Directive& row : directive_table()) {
      if (is_compared(row) && is_of_listener(row)) compare(row, old, fresh, result);
    }
  }

  /// Whether the row's value is each listener's own, as the configuration in force has it.
  bool is_of_listener(const Directive& row) const {
    return is_listener_scope(row.scope) || has_listener_values(row);
  }
  bool has_listener_values(const Directive& row) const {
    return running_.per_listener_settings && row.of_listener.copy != nullptr;
  }

  /// Where the new file keeps its rules in other places than the old one (per_listener_settings,
  /// which waits for a restart), they wait as well: half of them would let in whom neither does.
  ReloadEffect effect_of(const Directive& row) const {
    const bool has_moved = row.of_listener.copy != nullptr &&
                           running_.per_listener_settings != fresh_.per_listener_settings;
    return has_moved ? ReloadEffect::restart : row.reload;
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
    if (effect != ReloadEffect::restart) copy_of(row)(plan_.config, result, fresh_, fresh);
    const auto text = text_of(row);
    note(row.name, is_of_listener(row) ? name(old) : std::string(), text(row, running_, old),
         text(row, fresh_, fresh), effect);
  }

  /// Two texts may be alike where the values are not ("unset" is a value too), so the value is
  /// written over the old one to see whether that changes it.
  bool is_same(const Directive& row, const ListenerConfig& old, const ListenerConfig& fresh) {
    ListenerConfig listener = old;
    copy_of(row)(probe_, listener, fresh_, fresh);
    const bool same = listener == old && probe_ == broker_;
    copy_of(row)(probe_, listener, running_, old);
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

}  // namespace broker
