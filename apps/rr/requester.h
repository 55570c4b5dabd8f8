#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "cli/connection/tool_run.h"
#include "cli/output/message_printer.h"
#include "mqtt/client/client.h"
#include "mqtt/io/timer.h"
#include "rr/rr_options.h"

namespace rr {

/// One run of mqtt-rr: connects, subscribes to the response topic, publishes the request, and
/// prints the next message.
class Requester final : mqtt::client::ClientHandler {
 public:
  /// `options` must outlive the requester.
  Requester(const RrOptions& options, std::string payload);

  /// Runs to the end; returns the exit status.
  int run();

 private:
  void on_connected(const mqtt::Connack& connack) override;
  void on_message(const mqtt::Publish& message, mqtt::ArrivalNumber number) override;
  void on_disconnected(const mqtt::client::ConnectionEnd& end) override;

  void on_subscribed(const mqtt::client::SubscribeResult& result);
  void send_request();
  void on_published(const mqtt::client::PublishResult& result);
  void on_output_closed();
  void on_timeout();

  /// Sends DISCONNECT, so that the broker discards the Will.
  void end_with(cli::FinalWord word,
                mqtt::ReasonCode reason = mqtt::ReasonCode::normal_disconnection);

  const RrOptions& options_;
  std::string payload_;
  cli::ToolRun run_;
  mqtt::client::Client client_;
  cli::MessagePrinter printer_;
  mqtt::io::Timer timeout_;

  bool connected_once_ = false;
  /// Not set: the request was not sent, so arriving messages are not its response.
  std::optional<std::chrono::steady_clock::time_point> sent_at_;
};

}  // namespace rr
