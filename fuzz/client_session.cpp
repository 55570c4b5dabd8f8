// What a server may send to a client: any bytes at all, in pieces, between the client's own
// requests and over several connections.
//
// First byte: protocol version and parameters. Then, again and again: a byte whose upper two bits
// are a request and whose lower six are the length of the piece of server bytes that follows.
//
// Whatever comes: all that the session writes are whole packets that a server accepts; it keeps to
// the window; after the end of a connection it writes nothing; nothing is reported twice.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <variant>

#include "mqtt/protocol/client_session.h"
#include "mqtt/protocol/decode.h"

namespace {

using namespace mqtt;

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "violated: %s\n", what);
  std::abort();
}

ConnectParameters parameters(std::uint8_t choice) {
  constexpr ProtocolVersion versions[] = {ProtocolVersion::v31, ProtocolVersion::v311,
                                          ProtocolVersion::v5, ProtocolVersion::v5};
  ConnectParameters result;
  result.version = versions[choice & 3U];
  result.client_id = "c";
  result.clean_start = (choice & 4U) != 0;
  result.send_window = 3;
  result.packet_size_limit = 4096;
  if ((choice & 8U) != 0) {
    result.properties.add(PropertyId::receive_maximum, 2);
    result.properties.add(PropertyId::topic_alias_maximum, 3);
    result.properties.add(PropertyId::session_expiry_interval, 100);
    result.automatic_topic_aliases = 2;
  }
  if ((choice & 16U) != 0) result.properties.add(PropertyId::authentication_method, "M");
  if ((choice & 32U) != 0) result.acknowledge_by = AcknowledgeBy::owner;
  if ((choice & 64U) != 0) result.on_session_lost = OnSessionLost::send_again;
  return result;
}

class Client {
 public:
  explicit Client(std::uint8_t choice) : session_(parameters(choice)) { connect(); }

  void request(unsigned which) {
    Publish message;
    message.topic = "t/1";
    message.payload = as_bytes("payload");
    switch (which) {
      case 0:
        break;
      case 1:
        message.qos = (++requests_ % 2) == 0 ? QoS::at_least_once : QoS::exactly_once;
        if (const auto id = session_.publish(message, now_, out_)) {
          require(open_.insert(*id).second, "an identifier in use is not given again");
        }
        break;
      case 2: {
        const SubscriptionRequest filter{"t/#", {}};
        const std::string_view same = "t/#";
        static_cast<void>((++requests_ % 2) == 0
                              ? session_.subscribe({&filter, 1}, {}, now_, out_)
                              : session_.unsubscribe({&same, 1}, {}, now_, out_));
        static_cast<void>(session_.authenticate(as_bytes("data"), {}, now_, out_));
        break;
      }
      default:
        now_ += std::chrono::seconds(31);
        session_.tick(now_, out_);
        take_events();
        if (++requests_ % 3 == 0) connect();
    }
    check_output();
  }

  void receive(ByteView bytes) {
    session_.feed(bytes, now_);
    take_events();
    check_output();
  }

 private:
  void connect() {
    session_.on_connection_lost();
    session_.connect(now_, out_);
    over_ = false;
  }

  void take_events() {
    while (auto event = session_.next_event(out_)) {
      std::visit([this](const auto& one) { on_event(one); }, *event);
    }
  }

  void on_event(const client_event::Connected&) { require(session_.connected(), "connected"); }
  void on_event(const client_event::Refused&) { end(); }
  void on_event(const client_event::DisconnectedByServer&) { end(); }
  void on_event(const client_event::Failed&) { end(); }
  void on_event(const client_event::Published& event) { complete(event.packet_id); }
  void on_event(const client_event::PublishLost& event) { complete(event.packet_id); }
  void on_event(const client_event::Subscribed& event) {
    require(event.suback.reasons.size() == 1, "one reason for one filter");
  }
  void on_event(const client_event::Unsubscribed& event) {
    require(event.unsuback.reasons.size() == 1, "one reason for one filter");
  }
  void on_event(const client_event::AuthReceived&) {}
  void on_event(const client_event::MessageReceived& event) {
    require(!event.message.topic.empty(), "a message has a topic");
    if (event.number == 0 || session_.parameters().acknowledge_by == AcknowledgeBy::session) return;
    require(event.number > newest_, "a number is not given again");
    newest_ = event.number;
    // Every other message waits for the next one's verdict.
    if (event.number % 2 == 0) return;
    session_.acknowledge(event.number - 1, ReasonCode::quota_exceeded, now_, out_);
    session_.acknowledge(event.number, ReasonCode::success, now_, out_);
  }

  void complete(std::uint16_t packet_id) {
    require(open_.erase(packet_id) == 1, "a message is completed once");
  }

  void end() {
    require(!over_ && !session_.connected() && !session_.connecting(), "a connection ends once");
    over_ = true;
    check_output();
    static_cast<void>(session_.publish(Publish{}, now_, out_));
    session_.disconnect(ReasonCode::success, {}, out_);
    require(out_.empty() && !session_.next_deadline(), "nothing is written after the end");
  }

  void check_output() {
    require(session_.in_flight() == open_.size(), "every message in flight is known");
    require(open_.size() <= 3, "the window is kept");
    ByteView rest = out_;
    while (!rest.empty()) {
      const auto result = read_frame(rest, max_encodable_size);
      require(result.status == FrameStatus::frame, "whole packets are written");
      require(decode(result.frame, session_.parameters().version).has_value(),
              "valid packets are written");
      rest = rest.subspan(result.frame.size);
    }
    out_.clear();
  }

  ClientSession session_;
  ClientSession::Bytes out_;
  ClientSession::Time now_{1000};
  std::set<std::uint16_t> open_;
  ArrivalNumber newest_ = 0;
  unsigned requests_ = 0;
  bool over_ = false;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  Client client(data[0]);
  ByteView rest(data + 1, size - 1);
  while (!rest.empty()) {
    const std::uint8_t control = rest[0];
    const std::size_t length = std::min<std::size_t>(control & 0x3FU, rest.size() - 1);
    client.request(control >> 6);
    client.receive(rest.subspan(1, length));
    rest = rest.subspan(1 + length);
  }
  return 0;
}
