#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/model/reference_broker.h"
#include "broker/model/script.h"
#include "support/broker_fixture.h"
#include "support/socket_client.h"

namespace model {

/// Plays a script against a broker, over sockets, and against the reference broker, and compares.
class World {
 public:
  explicit World(const Setting& setting);

  /// What went wrong, and in which step; nothing if all was right until everything was delivered.
  static std::optional<std::string> play(const Setting& setting, const Script& script);

 private:
  /// A QoS 2 message on the client's side.
  struct Unreleased {
    std::uint16_t packet_id = 0;
    Message message;
    bool repeated = false;  ///< in this connection
  };
  struct Client {
    std::string id;
    std::optional<test::SocketClient> socket;
    bool v5 = false;
    bool spoke = false;               ///< since the last time that everything rested
    std::deque<std::string> answers;  ///< what the broker owes as answers, in order
    std::vector<Unreleased> unreleased;
    std::uint16_t released_last = 0;
    std::uint16_t last_packet_id = 0;
  };

  void perform(const Step& step);
  void connect(Client& client, const Step& step);
  void disconnect(Client& client, const Step& step);
  void drop(Client& client);
  void subscribe(Client& client, const Step& step);
  void unsubscribe(Client& client, const Step& step);
  void publish(Client& client, const Step& step);
  void publish_held(Client& client, const Message& message);
  void send_publish(Client& client, const Message& message, std::uint16_t packet_id, bool dup);
  void release(Client& client, const Step& step);
  void repeat(Client& client, const Step& step);
  void move(const Client& client, unsigned worker);
  void acknowledge(Client& client, const ReferenceBroker::Open& open, bool refuse);

  void settle();
  void settle_input();
  void hear(Client& client);
  void take(Client& client, const test::SocketClient::Arrived& arrived);
  void expect_end(test::SocketClient& socket, bool v5);
  void check_counts();
  void deliver_the_rest();
  void deliver_to(Client& client);
  void look_at_retained();

  Client& client(const std::string& id);
  std::uint16_t free_packet_id(Client& client);
  std::size_t sockets() const;

  Setting setting_;
  test::BrokerFixture broker_;
  ReferenceBroker reference_;
  std::map<std::string, Client> clients_;
  std::int64_t now_s_ = 0;
  int messages_ = 0;
  bool hurried_ = false;  ///< publishes are under way
};

}  // namespace model
