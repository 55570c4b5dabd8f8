#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "admin/load_average.h"
#include "metrics/metrics.h"
#include "runtime/timer_wheel.h"
#include "session/session_context.h"

namespace broker {

/// The broker's statistics below `$SYS/broker`, published as retained messages at every multiple of
/// `sys_interval` (wall-clock time), if they have changed. Lives on the first worker.
class SysTopics final : private TimerEntry {
 public:
  SysTopics(SessionContext& context, const Metrics& metrics);

  /// Publishes a first round, then regularly. On the worker's thread.
  void start();
  /// `sys_interval` has changed, perhaps from 0: continues with the new one.
  void change_interval();

 private:
  void on_timer() override;
  void arm();
  void publish_round();
  void publish_figures();
  void publish_drops();
  void publish_loads(double elapsed_s);
  void publish_figure(std::string_view topic, std::int64_t value);
  /// A maximum: published only when it increases.
  void publish_peak(std::string_view topic, std::int64_t value);
  void publish(std::string_view topic, const std::string& payload);

  /// One counter whose averages are published.
  struct Load {
    std::string_view name;
    LoadAverage average;
    std::array<std::string, 3> published;
  };
  static constexpr std::size_t number_of_loads = 9;
  std::array<std::int64_t, number_of_loads> load_counts() const;

  SessionContext& context_;
  const Metrics& metrics_;
  std::int64_t started_at_ms_ = 0;
  std::int64_t last_round_ms_ = 0;
  std::map<std::string, std::int64_t, std::less<>> published_;
  std::array<Load, number_of_loads> loads_;
};

}  // namespace broker
