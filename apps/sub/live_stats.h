#pragma once

#include <uv.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "cli/input/descriptor_watch.h"
#include "cli/input/loop_handle.h"
#include "cli/output/standard_output.h"
#include "mqtt/io/loop.h"
#include "mqtt/io/timer.h"
#include "mqtt/protocol/packet.h"
#include "sub/terminal_mode.h"
#include "sub/topic_stats.h"

namespace sub {

/// The table of --stats. Updated every second, when the window is resized, and when a key selects
/// another order. Restores the terminal when destroyed. Used on the loop's thread.
class LiveStats {
 public:
  /// `output` is a terminal. `depth` as for TopicStats. `on_quit` is called when q is pressed;
  /// it must not destroy this object.
  LiveStats(mqtt::io::Loop& loop, cli::StandardOutput& output, std::string broker,
            std::size_t depth, std::function<void()> on_quit);
  ~LiveStats();
  LiveStats(const LiveStats&) = delete;
  LiveStats& operator=(const LiveStats&) = delete;

  void add(const mqtt::Publish& message);

 private:
  void on_second();
  void read_keys();
  void press(char key);
  void stop_program();
  void draw();
  void watch_signal(mqtt::io::Loop& loop, int number);

  cli::StandardOutput& output_;
  std::string broker_;
  std::function<void()> on_quit_;
  TerminalMode terminal_;
  TopicStats stats_;
  TopicStats::Order order_ = TopicStats::Order::rate;
  mqtt::io::Timer second_;
  std::chrono::steady_clock::time_point interval_began_ = std::chrono::steady_clock::now();
  cli::DescriptorWatch keys_;
  std::vector<cli::LoopHandle<uv_signal_t>> signals_;
};

}  // namespace sub
