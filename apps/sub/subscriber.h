#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "cli/connection/outage.h"
#include "cli/connection/tool_run.h"
#include "cli/input/loop_handle.h"
#include "mqtt/client/client.h"
#include "mqtt/io/timer.h"
#include "mqtt/protocol/topic.h"
#include "sub/live_stats.h"
#include "sub/message_output.h"
#include "sub/recorder.h"
#include "sub/sub_options.h"
#include "sub/topic_summary.h"

namespace sub {

/// One run of mqtt-sub: connects, subscribes, prints messages, and ends as its options require.
///
/// A message of QoS 1 or 2 is acknowledged only after it was written to standard output, or to the
/// recording: unwritten messages stay on the broker. While the output is not read, nothing is read
/// from the broker.
class Subscriber final : mqtt::client::ClientHandler {
 public:
  /// `options` must outlive the subscriber. `recording` is the file that they name, if
  /// any.
  Subscriber(const SubOptions& options, std::optional<RecordingFile> recording);

  /// Runs to the end; returns the exit status.
  int run();

 private:
  void on_connected(const mqtt::Connack& connack) override;
  void on_message(const mqtt::Publish& message, mqtt::ArrivalNumber number) override;
  void on_disconnected(const mqtt::client::ConnectionEnd& end) override;

  void subscribe();
  void unsubscribe();
  void on_subscribed(const mqtt::client::SubscribeResult& result);
  void on_unsubscribed(const std::string& filter, const mqtt::client::SubscribeResult& result);
  /// One of the initial requests of a connection was answered.
  void on_answered();
  /// -E: all requests were answered.
  void end_if_answered();

  /// Whether -T drops this topic.
  bool is_filtered_out(std::string_view topic) const;
  /// A message that passed the filters.
  void show(const mqtt::Publish& message);
  bool is_drawn();
  void print(const mqtt::Publish& message);
  void print_rate();
  void begin_stats();
  void begin_summary();
  void count(const mqtt::Publish& message);
  void print_summary();
  void remove_retained(const mqtt::Publish& message);
  void on_removed(const std::string& topic, const mqtt::client::PublishResult& result);
  void record(const mqtt::Publish& message);
  void watch_outputs();
  /// Accepts no more messages, and ends when those received are written.
  void finish_soon();
  void on_congested();
  void on_written();
  bool is_all_written() const;
  void on_output_closed();
  void on_recording_closed();

  void end_with(cli::FinalWord word, mqtt::ReasonCode reason);
  void on_timeout();
  void on_idle();
  void watch_window();
  /// The final report on recordings and removals.
  void tell_what_was_done();
  void on_signal(int signal);

  const SubOptions& options_;
  cli::ToolRun run_;
  mqtt::client::Client client_;
  MessageOutput printer_;
  std::optional<RecordingFile> recording_file_;
  std::optional<cli::StandardOutput> recording_output_;  ///< if it is not standard output
  std::optional<Recorder> recorder_;
  std::unique_ptr<LiveStats> stats_;  ///< while its table is on the screen
  std::vector<mqtt::TopicFilter> filters_out_;
  std::minstd_rand random_{std::random_device()()};
  mqtt::io::Timer timeout_;
  mqtt::io::Timer idle_;    ///< runs while subscribed
  mqtt::io::Timer second_;  ///< for --message-rate
  std::uint64_t messages_this_second_ = 0;
  TopicSummary summary_;
  mqtt::io::Timer every_;  ///< for --summary --every
  cli::LoopHandle<uv_signal_t> summary_signal_;
  cli::LoopHandle<uv_signal_t> window_signal_;  ///< for -w
  using Clock = std::chrono::steady_clock;
  Clock::time_point began_ = Clock::now();
  Clock::time_point last_message_ = began_;  ///< for --idle: the last one that passed the filters

  cli::Outage outage_;
  bool connected_once_ = false;
  /// Further messages are neither printed nor acknowledged: the run ends when what was printed is
  /// written and every removal acknowledged.
  bool finished_ = false;
  bool held_back_ = false;   ///< nothing is read from the broker while the output is congested
  std::uint32_t shown_ = 0;  ///< printed, or skipped by --random-filter
  std::uint32_t open_requests_ = 0;  ///< SUBSCRIBE and UNSUBSCRIBE without an answer
  bool any_denied_ = false;
  std::uint32_t open_removals_ = 0;
  std::uint64_t removals_ = 0;  ///< done, or skipped with --dry-run
  /// Printed, to be acknowledged when written; numbers stay valid when the connection is lost.
  std::vector<mqtt::ArrivalNumber> unwritten_;
  std::string complaints_;
};

}  // namespace sub
