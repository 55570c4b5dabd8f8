#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include "cli/connection/outage.h"
#include "cli/connection/tool_run.h"
#include "cli/output/terminal_line.h"
#include "mqtt/client/client.h"
#include "mqtt/io/timer.h"
#include "pub/pub_options.h"
#include "pub/publish_summary.h"
#include "pub/send_rate.h"
#include "pub/source/message_source.h"

namespace pub {

/// One run of mqtt-pub: connects, publishes the messages of its source, and disconnects when all
/// are complete.
///
/// The source is read only as fast as the client accepts messages: while the client is congested,
/// the input is not read, and its writer waits.
class Publisher final : mqtt::client::ClientHandler {
 public:
  /// `options` must outlive the publisher.
  explicit Publisher(const PubOptions& options);

  /// Opens and reads the input; the error says what cannot be read.
  cli::Verdict open();
  /// Runs to the end; returns the exit status.
  int run();

 private:
  using Clock = std::chrono::steady_clock;

  void on_connected(const mqtt::Connack& connack) override;
  void on_message(const mqtt::Publish& message, mqtt::ArrivalNumber number) override;
  void on_disconnected(const mqtt::client::ConnectionEnd& end) override;
  void on_room() override;

  /// Publishes what is due, as far as the client accepts it.
  void go_on();
  /// Whether the next message has to wait.
  bool must_wait();
  /// Puts the next message into `waiting_`; false: there is none for now.
  bool take_next();
  void start_pause(std::chrono::milliseconds time);

  enum class Taken { yes, later, never };
  Taken publish(const OutgoingMessage& message);
  void on_published(const mqtt::client::PublishResult& result);

  bool is_one_by_one() const { return options_.repeat_delay.count() > 0; }
  /// Everything is published: disconnects as soon as all messages are complete.
  void finish_if_done();
  void end_with(cli::FinalWord word);
  void on_signal(int signal);
  void stop();

  bool wants_progress() const;
  void show_progress();
  void print_summary();
  void complain(const std::string& lines);

  const PubOptions& options_;
  cli::ToolRun run_;
  mqtt::client::Client client_;
  cli::Outage outage_;
  bool connected_once_ = false;

  std::unique_ptr<MessageSource> source_;
  std::optional<OutgoingMessage>
      waiting_;  ///< taken from the source, not yet accepted by the client
  bool source_ended_ = false;
  bool source_failed_ = false;

  std::optional<SendPace> pace_;
  mqtt::io::Timer pause_;  ///< until the next message is due
  bool pausing_ = false;

  PublishCounts counts_;
  /// QoS 0 messages are counted when sent.
  bool counts_all_;
  std::uint64_t open_messages_ = 0;  ///< accepted by the client and not complete yet
  Clock::time_point first_sent_{};
  cli::TerminalLine terminal_;
  mqtt::io::Timer progress_;
};

}  // namespace pub
