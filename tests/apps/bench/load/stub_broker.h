#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bench/result/histogram.h"
#include "mqtt/io/loop.h"
#include "mqtt/io/tcp_listener.h"
#include "mqtt/io/timer.h"
#include "mqtt/protocol/packet.h"

namespace test {

/// What a StubBroker does to the deliveries of each subscriber. `every` n: to the n-th, 2n-th...;
/// 0: to none.
struct Faults {
  std::uint64_t drop_every = 0;
  std::uint64_t duplicate_every = 0;
  std::uint64_t swap_every = 0;  ///< it comes after the one that follows it
  std::uint64_t corrupt_every = 0;
  std::chrono::milliseconds delay{0};
  bool refuse_publish = false;  ///< MQTT 5: PUBACK with an error
};

/// What it has done, so that a test can compare. Read when the run is over.
struct Injected {
  std::uint64_t forwarded = 0;  ///< different messages times subscribers, dropped ones included
  std::uint64_t dropped = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t swapped = 0;
  std::uint64_t corrupted = 0;
  bench::Histogram held;  ///< ns between the arrival of a message and its departure
};

/// A broker of the simplest kind on 127.0.0.1, with a loop and a thread of its own: no sessions, no
/// retained messages, and it does wrong what it is told to do wrong.
class StubBroker {
 public:
  explicit StubBroker(const Faults& faults,
                      mqtt::ProtocolVersion version = mqtt::ProtocolVersion::v311);
  ~StubBroker();
  StubBroker(const StubBroker&) = delete;
  StubBroker& operator=(const StubBroker&) = delete;

  std::uint16_t port() const { return port_; }
  /// Ends the thread; what it has done.
  const Injected& stop();

 private:
  class Connection;
  friend class Connection;

  void run();
  void route(const mqtt::Publish& message);

  Faults faults_;
  mqtt::ProtocolVersion version_;
  Injected injected_;
  mqtt::io::Loop loop_;
  std::unique_ptr<mqtt::io::TcpListener> listener_;
  std::uint16_t port_ = 0;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::unique_ptr<mqtt::io::Timer> stop_watch_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace test
