#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "libmqtt/client/turning.h"
#include "mqtt/client/client.h"

namespace test {

/// A Client and the list of what it told its owner, in words:
///
///     "connected", "connected, session present", "message 't' 'x' QoS 1", "auth 0x18 'data'",
///     "room", "published NAME" (with " 0x87" or ": error" behind it), "subscribed 0x01 0x87",
///     "ended: lost", "ended: refused 0x87, retry"
///
/// `on_anything` is called with each of them as it happens, from inside the client's call.
class WatchedClient final : private mqtt::client::ClientHandler {
 public:
  WatchedClient(mqtt::io::Loop& loop, mqtt::client::ClientOptions options)
      : client(new mqtt::client::Client(loop, std::move(options), *this)), loop_(loop) {}
  WatchedClient(mqtt::io::Loop& loop, mqtt::client::ClientOptions options,
                mqtt::client::Transport transport)
      : client(new mqtt::client::Client(loop, std::move(options), *this, std::move(transport))),
        loop_(loop) {}

  /// Empty, or why it was not taken. "published NAME" follows, NAME being the payload's first word.
  std::string publish(const std::string& topic, const std::string& payload, int qos,
                      bool retain = false);
  std::string subscribe(const std::vector<std::string>& filters, int qos = 0);
  std::string unsubscribe(const std::vector<std::string>& filters);

  /// Turns the loop until the next thing has been told: it is this.
  void see(const std::string& event, Line line = Line::here());
  /// The next things to be told are these, in whatever order.
  void see_in_any_order(std::vector<std::string> events, Line line = Line::here());
  /// What was told so far is of no interest.
  void forget() { told_.clear(); }
  /// Nothing else was told.
  void see_nothing(Line line = Line::here());

  std::unique_ptr<mqtt::client::Client> client;
  std::function<void(const std::string&)> on_anything;
  std::string end_text;  ///< of the connection, or attempt, that ended last

 private:
  void on_connected(const mqtt::Connack& connack) override;
  void on_message(const mqtt::Publish& message, mqtt::ArrivalNumber number) override;
  void on_disconnected(const mqtt::client::ConnectionEnd& end) override;
  void on_auth(const mqtt::Auth& auth) override;
  void on_room() override;
  void tell(const std::string& event);
  std::string next(const std::string& wanted, Line line);
  mqtt::client::Client::SubscribeDone told_as(const std::string& what);

  mqtt::io::Loop& loop_;
  std::vector<std::string> told_;
};

}  // namespace test
