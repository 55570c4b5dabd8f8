#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cli/input_reader.h"
#include "cli/line_splitter.h"
#include "cli/tool_run.h"
#include "mqtt/client/client.h"
#include "mqtt/io/timer.h"
#include "pub/pub_options.h"

namespace pub {

/// One run of mqtt-pub: connects, publishes one payload once or several times, or each line of
/// standard input, and disconnects when all of it has arrived.
///
/// Lines are read only as fast as the client takes them: while it is congested, standard input is
/// left alone, and whoever writes to it waits.
class Publisher final : mqtt::client::ClientHandler {
 public:
  /// `payload` unless lines are to be published. `options` must outlive the publisher.
  Publisher(const PubOptions& options, std::string payload);

  /// Does all of it; the exit status.
  int run();

 private:
  void on_connected(const mqtt::Connack& connack) override;
  void on_message(const mqtt::Publish& message, mqtt::ArrivalNumber number) override;
  void on_disconnected(const mqtt::client::ConnectionEnd& end) override;
  void on_room() override;

  bool reads_lines() const {
    return options_.payload.kind == cli::PayloadSource::Kind::stdin_lines;
  }

  /// Publishes what is due and there is room for.
  void go_on();
  void publish_repetitions();
  void start_pause();
  void on_pause_over();
  void publish_lines();
  void read_input();

  enum class Taken { yes, later, never };
  Taken publish(std::string_view payload);
  void on_published(const mqtt::client::PublishResult& result);

  /// Nothing is left to publish: disconnects as soon as all of it is completed.
  void finish_if_done();
  void end_with(cli::FinalWord word);
  void on_signal(int signal);

  const PubOptions& options_;
  std::string payload_;
  cli::ToolRun run_;
  mqtt::client::Client client_;

  bool connected_once_ = false;
  std::uint32_t repetitions_left_;
  mqtt::io::Timer pause_;  ///< between repetitions
  bool pausing_ = false;

  std::optional<cli::InputReader> input_;
  cli::LineSplitter lines_;
  std::optional<std::string_view> waiting_line_;  ///< cut, and not yet taken by the client
  bool input_ended_ = false;

  std::uint64_t open_messages_ = 0;  ///< taken by the client and not yet completed
  bool rejected_ = false;            ///< the broker said no to at least one
};

}  // namespace pub
