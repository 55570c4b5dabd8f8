#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "broker.h"
#include "support/manual_clock.h"
#include "support/mqtt_script.h"

namespace test {

/// A whole broker inside the test: workers with threads of their own, a listener on a free port of
/// 127.0.0.1 that takes everyone, and a clock that the test moves. With several workers connections
/// are spread over them, so that messages cross threads.
///
///     const unsigned workers = GENERATE(1U, 4U);
///     BrokerFixture broker(workers, "max_queued_messages 5");
///     Peer peer = broker.peer();
class BrokerFixture {
 public:
  /// `config`: lines of a configuration file that follow those of the listener (listener keys
  /// belong to it); `before` stands before the listener.
  explicit BrokerFixture(unsigned workers = 1, std::string_view config = {},
                         broker::Broker::Parts parts = {}, std::string_view before = {});
  ~BrokerFixture();

  /// Of the listener at this position of the configuration.
  std::uint16_t port(std::size_t listener = 0) const { return broker_->port(listener); }
  Peer peer(std::size_t listener = 0) const { return Peer(port(listener)); }

  /// Lets time pass; what falls due has happened when this returns. Timers are up to 64 ms late.
  void advance(std::chrono::milliseconds by);
  /// As SIGHUP with another configuration of the same form.
  void reconfigure(std::string_view config);
  /// The same where it may be refused; asserts nothing, so that any thread may call it.
  tl::expected<void, std::vector<std::string>> try_to_reconfigure(std::string_view config);
  void stop() { broker_->stop(); }

  broker::Log& log() { return log_; }
  broker::Broker& operator*() { return *broker_; }
  broker::Broker* operator->() { return broker_.get(); }

 private:
  ManualClock clock_;
  broker::Log log_;
  unsigned workers_;
  std::string before_;
  std::unique_ptr<broker::Broker> broker_;
};

}  // namespace test
