#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mqtt/client/client.h"
#include "probe/report.h"

namespace probe {

/// The tests on a connection, one after the other: subscriptions, messages of each QoS, a retained
/// message, a shared subscription, and round trips. Subscriptions and the retained message are
/// removed at the end.
class Trials {
 public:
  /// Below `topic`. Adds to `report`, and calls `on_done`, which may destroy it, at the end. Both
  /// must outlive it.
  Trials(mqtt::client::Client& client, std::string topic, ProbeReport& report,
         std::function<void()> on_done);

  void begin();
  /// A PINGRESP was received, this long after its PINGREQ.
  void on_ping_answered();
  void on_message(const mqtt::Publish& message);

 private:
  using Clock = std::chrono::steady_clock;
  using Step = void (Trials::*)();

  void next();
  void add(std::string name, std::string label, std::string value);

  void subscribe(const std::string& filter,
                 std::function<void(const mqtt::client::SubscribeResult&)> done);
  void publish(const std::string& topic, mqtt::QoS qos, bool retain, std::string_view payload,
               std::function<void(const std::string& problem)> done);
  void ping(std::function<void()> done);

  void try_subscription();
  void try_wildcard();
  void try_qos_1();
  void try_qos_2();
  void try_shared();
  void try_retain();
  void remove_retained();
  void measure_ping();
  void measure_publish();
  void unsubscribe();

  mqtt::client::Client& client_;
  std::string topic_;
  ProbeReport& report_;
  std::function<void()> on_done_;

  std::size_t next_ = 0;
  std::size_t rounds_left_ = 0;
  std::vector<std::string> filters_;  ///< subscribed
  std::function<void()> on_ping_;
  std::optional<std::string> awaited_;  ///< the payload of the expected message
  bool has_come_ = false;
  bool came_retained_ = false;
};

}  // namespace probe
