#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mqtt/protocol/client_session.h"
#include "support/mqtt_script.h"
#include "support/packet_builders.h"

namespace test {

/// A ClientSession in conversation with a server that the test plays, in bytes and with a clock of
/// the test's own:
///
///     Conversation talk(parameters);
///     talk.open();                                    // CONNECT and CONNACK
///     talk.session.publish(...);                      // see also `publish`
///     talk.expect(publish("t", "x").qos(1).id(1));    // what the session has written
///     talk.reply(puback(1));                          // what the server answers
///     talk.see("published 1");                        // what the session makes of it
///
/// Every packet written must be expected, and every event seen: what is left over fails at the next
/// step.
class Conversation {
 public:
  using Bytes = mqtt::ClientSession::Bytes;

  explicit Conversation(mqtt::ConnectParameters parameters) : session(std::move(parameters)) {}

  /// The transport is there, and CONNECT written.
  void connect();
  /// Connects and accepts, without looking at CONNECT itself.
  void open(const mqtt::Packet& connack, Line line = Line::here());
  void open(Line line = Line::here()) { open(test::connack(), line); }
  /// The transport is gone.
  void lose() { session.on_connection_lost(); }

  /// The next packet that the session wrote is this one, to the byte.
  void expect(const mqtt::Packet& packet, Line line = Line::here());
  /// It wrote nothing more.
  void expect_nothing(Line line = Line::here());

  /// The server sends.
  void reply(const mqtt::Packet& packet, Line line = Line::here());
  void reply(mqtt::ByteView bytes, Line line = Line::here());

  /// The next event, in words: see `text_of`.
  void see(const std::string& event, Line line = Line::here());
  void see_nothing(Line line = Line::here());

  void advance(std::chrono::milliseconds time) { now += time; }
  void tick();
  void ping() { session.ping(now, written_); }

  /// "id N", or the error in words.
  std::string publish(const std::string& topic, const std::string& payload, int qos,
                      mqtt::Properties properties = {}, bool retain = false);
  /// At QoS 1 each.
  std::string subscribe(const std::vector<std::string>& filters, mqtt::Properties properties = {});
  std::string unsubscribe(const std::vector<std::string>& filters);
  void acknowledge(mqtt::ArrivalNumber number, mqtt::ReasonCode reason = mqtt::ReasonCode::success);
  /// Empty, or the error in words.
  std::string authenticate(const std::string& data);
  std::string reauthenticate(const std::string& data);
  void disconnect(mqtt::ReasonCode reason, mqtt::Properties properties = {});

  mqtt::ClientSession session;
  mqtt::ClientSession::Time now{1'000'000};

 private:
  void collect_events();

  Bytes written_;
  std::vector<std::string> events_;
};

/// Bytes as `hex` reads them.
inline Bytes operator""_hex(const char* text, std::size_t size) {
  return hex(std::string_view(text, size));
}

/// Such as: "connected", "refused 0x87", "message 't' 'payload' QoS 1 id 7", "published 1 0x97".
std::string text_of(const mqtt::ClientEvent& event);

}  // namespace test
