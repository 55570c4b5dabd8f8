#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "mqtt/client/endpoint.h"
#include "mqtt/io/loop.h"
#include "mqtt/io/stream.h"
#include "mqtt/io/timer.h"
#include "probe/report.h"

namespace probe {

/// Opens a connection to a broker, layer by layer, and closes it without sending any MQTT. Reports
/// the times and the TLS parameters. The certificate is examined, not verified; nothing secret is
/// sent.
class Dial final : mqtt::io::StreamHandler {
 public:
  /// `on_done` may destroy the dial; `error` is empty if the connection was opened. Adds to
  /// `report`, which must outlive it.
  Dial(mqtt::io::Loop& loop, mqtt::client::Endpoint endpoint, ProbeReport& report,
       std::function<void(const std::string& error)> on_done);

 private:
  void on_open() override;
  void on_data(mqtt::ByteView bytes) override;
  void on_writable() override {}
  void on_end(const mqtt::io::StreamEnd& end) override;
  void done(const std::string& error);

  using Clock = std::chrono::steady_clock;

  ProbeReport& report_;
  std::function<void(const std::string&)> on_done_;
  Clock::time_point begin_;
  std::chrono::nanoseconds handshake_{0};
  mqtt::io::Timer patience_;
  mqtt::io::StreamPtr stream_;
};

}  // namespace probe
