#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/model/script.h"
#include "mqtt/protocol/packet.h"

namespace model {

/// A message, as its publisher gave it.
struct Message {
  int number = 0;  ///< in the order in which publishers were told to send
  int place = 0;   ///< in the order in which it was published: QoS 2 is when it is released
  std::string topic;
  std::string payload;
  int qos = 0;
  bool retain = false;
  std::string publisher;           ///< client identifier
  std::int64_t expires_at_s = -1;  ///< -1: never
};

/// One message that the standard wants one of several members of a share group to receive.
struct Choice {
  bool taken = false;
  bool may_be_lost = false;  ///< the chosen one ended, and perhaps nobody could take it then
};

/// What a client is to receive.
struct Expected {
  Message message;
  int qos = 0;
  bool retain = false;
  std::uint32_t identifier = 0;
  std::string group;               ///< the shared subscription that it is for; empty: none
  std::shared_ptr<Choice> choice;  ///< it, or another member; nullptr: it
  bool stored = false;             ///< retained, sent because of a subscription to `filter`
  std::string filter;
  bool may_wait = false;  ///< QoS 0, but in line behind others
  bool optional = false;  ///< the standard can be read both ways
};

/// A naive broker for one thread, written from the standard: it says what each client is to
/// receive, takes what each client did receive, and knows whether that was right. Where the
/// standard leaves a choice (which member of a share group, which of two publishers comes first) it
/// follows what it is shown.
class ReferenceBroker {
 public:
  explicit ReferenceBroker(const Setting& setting) : setting_(setting) {}

  struct Terms {
    bool v5 = false;
    bool clean = false;
    std::uint32_t expiry_s = 0;
    std::uint16_t window = 0;
  };
  /// Session Present.
  bool connect(const std::string& client, const Terms& terms);
  void connection_lost(const std::string& client, std::optional<std::uint32_t> expiry_s = {});

  void subscribe(const std::string& client, const Step& step);
  /// Whether there was such a subscription.
  bool unsubscribe(const std::string& client, std::string_view filter);

  /// Whether any subscription matches.
  bool publish(Message message);
  /// A QoS 2 PUBLISH: kept until `release`. It may come again.
  void hold(const std::string& client, std::uint16_t packet_id, const Message& message);
  void release(const std::string& client, std::uint16_t packet_id);
  std::size_t held(const std::string& client) const;
  std::size_t receive_window(const std::string& client) const;

  void pass(std::uint32_t seconds);

  /// What a client received: why that was wrong, if it was.
  using Objection = std::optional<std::string>;
  Objection received(const std::string& client, const mqtt::Publish& packet);
  Objection received_pubrel(const std::string& client, std::uint16_t packet_id);

  /// A message that the client has on its side of the wire, unfinished.
  struct Open {
    std::uint16_t packet_id = 0;
    mqtt::PacketType next = mqtt::PacketType::puback;  ///< what it has to answer
  };
  std::vector<Open> open(const std::string& client) const;
  void acknowledge(const std::string& client, const Open& open, bool refuse);

  /// Everything that was to be sent has been: what is missing?
  Objection at_rest() const;
  /// Nothing is left to be delivered to anyone?
  Objection at_end() const;

  /// Whether the session outlives its connection.
  bool durable(const std::string& client) const { return sessions_.at(client).terms.expiry_s != 0; }
  bool session_exists(const std::string& client) const { return sessions_.contains(client); }
  std::size_t session_count() const { return sessions_.size(); }
  std::size_t connected_count() const;
  /// Messages sent to a client that it has not taken responsibility for.
  std::size_t in_flight() const;

 private:
  enum class State : std::uint8_t { awaiting_puback, awaiting_pubrec, awaiting_pubcomp };
  struct Flow {
    std::uint16_t packet_id = 0;
    State state = State::awaiting_puback;
    bool on_wire = true;  ///< sent in this connection
    bool pubrel_owed = false;
    Expected what;
  };
  struct Subscription {
    std::string group;  ///< empty: not shared
    std::string filter;
    Step options;
  };
  struct Session {
    std::string client;
    Terms terms;
    bool connected = false;
    std::int64_t expires_at_s = -1;
    std::map<std::string, Subscription, std::less<>> subscriptions;
    std::vector<Expected> pending;
    std::vector<Flow> flows;
    std::map<std::uint16_t, Message> held;
  };

  bool expired(const Message& message) const;
  /// Certainly to be sent, as soon as may be.
  bool due(const Expected& expected) const;
  bool may_take(const Session& session, int qos) const;
  void offer(Session& session, Expected expected);
  bool offer_to_groups(const Message& message);
  static std::vector<const Subscription*> matching(const Session& session, std::string_view topic);
  bool queue_full(const Session& session) const;
  /// Deliveries in its queue: beyond those that start at once.
  std::size_t queued(const Session& session) const;
  static Expected granted(const Message& message, const Subscription& subscription);
  void retain(const Message& message);
  void replay(Session& session, const std::string& text, const Subscription& subscription);
  void end(const std::string& client);
  void hand_over(const Expected& left);

  Objection received_again(Session& session, const mqtt::Publish& packet);
  Objection overtaken(const Session& session, const Expected& received) const;
  bool is(const Session& session, const Expected& expected, const mqtt::Publish& packet) const;
  std::uint32_t seconds_left(const Message& message) const;
  static std::size_t on_wire(const Session& session);
  Objection at_rest(const Session& session) const;

  Setting setting_;
  std::int64_t now_s_ = 0;
  int published_ = 0;
  std::map<std::string, Session, std::less<>> sessions_;
  std::map<std::string, Message> retained_;
  std::vector<std::shared_ptr<Choice>> choices_;
};

}  // namespace model
