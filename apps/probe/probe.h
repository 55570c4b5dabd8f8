#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "cli/connection/tool_run.h"
#include "mqtt/client/client.h"
#include "mqtt/io/timer.h"
#include "probe/dial.h"
#include "probe/report.h"
#include "probe/trials.h"

namespace probe {

/// The format of the report.
enum class Form { table, json };

/// The form called `name` on the command line.
tl::expected<Form, std::string> form(const std::string& name);

/// One run of `--probe`: tests what a broker supports, and prints the report.
///
/// First it opens the connection a few times, then connects with each version of MQTT, then runs
/// the tests with the highest accepted version. Nothing is left on the broker.
class Probe final : mqtt::client::ClientHandler {
 public:
  /// Test messages are published below `topic`; empty: a random one. `options` must outlive the
  /// probe.
  Probe(const cli::ConnectionOptions& options, const std::string& topic, Form form);

  /// Runs to the end; returns the exit status.
  int run();

 private:
  using Clock = std::chrono::steady_clock;

  void dial();
  void on_dialled(const std::string& error);
  void connect_next_version();
  void connect(mqtt::ProtocolVersion version, bool asks_for_session);
  void watch_packets();
  void on_packet(mqtt::ClientSession::Direction direction, const mqtt::Frame& frame);

  void on_connected(const mqtt::Connack& connack) override;
  void on_message(const mqtt::Publish& message, mqtt::ArrivalNumber number) override;
  void on_disconnected(const mqtt::client::ConnectionEnd& end) override;

  void note_answer(bool is_accepted, const mqtt::client::ConnectionEnd* end);
  void on_silence();
  void leave();
  void on_signal(int signal);
  void finish(cli::FinalWord word);

  const cli::ConnectionOptions& options_;
  Form form_;
  std::string topic_;
  cli::ToolRun run_;
  ProbeReport report_;

  std::size_t dials_left_;
  std::optional<Dial> dial_;

  std::size_t next_version_ = 0;
  std::optional<mqtt::ProtocolVersion> best_version_;
  std::optional<cli::FinalWord> first_refusal_;  ///< the most informative one, if any
  bool refusal_says_much_ = false;
  std::optional<cli::FinalWord> interrupted_;
  cli::ConnectionOptions asked_;  ///< as `options_`, with the version of the connection
  std::unique_ptr<mqtt::client::Client> client_;
  bool was_connected_ = false;
  std::optional<Clock::time_point> connect_sent_;
  std::unique_ptr<Trials> trials_;  ///< on the last connection
  /// The time limit of a test: a broker may not answer one of them and still be running.
  mqtt::io::Timer patience_;
};

}  // namespace probe
