#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <tl/expected.hpp>
#include <variant>
#include <vector>

#include "mqtt/protocol/client_event.h"
#include "mqtt/protocol/connect_parameters.h"
#include "mqtt/protocol/decode.h"
#include "mqtt/protocol/frame_reader.h"
#include "mqtt/protocol/keepalive.h"
#include "mqtt/protocol/packet.h"
#include "mqtt/protocol/publish_receiver.h"
#include "mqtt/protocol/publish_sender.h"
#include "mqtt/protocol/send_error.h"
#include "mqtt/protocol/topic_alias.h"

namespace mqtt {

/// The client half of MQTT 3.1, 3.1.1 and 5.0, without I/O: bytes in, events out, bytes out. Time
/// is an argument (monotonic, any fixed point).
///
/// Outlives connections. For each connection:
///
///     session.connect(now, out);                       // the transport is open: send `out`
///     session.feed(bytes, now);                        // bytes were received
///     while (auto event = session.next_event(out)) ... // handle events, then send `out`
///     session.tick(now, out);                          // at `next_deadline()`; then as after feed
///     session.on_connection_lost();                    // the transport has ended, for any reason
///
/// `out` is the caller's buffer; everything is appended to it. While events are handled, all
/// functions that send may be called, and the session may be destroyed.
///
/// After Refused, DisconnectedByServer, Failed and `disconnect` the connection is over: the session
/// sends nothing more, ignores what arrives, and waits for `on_connection_lost`.
///
/// Costs: messages in either direction allocate nothing (apart from growth of `out`) while no more
/// are in flight than before. A sent message of QoS 1 or 2 is copied and kept until the server has
/// taken responsibility for it. Large messages, and those beyond a few in flight, are allocated
/// separately.
///
/// Owner: one client. Has no thread.
class ClientSession {
 public:
  using Time = KeepAlive::Time;
  using Bytes = std::vector<std::uint8_t>;

  explicit ClientSession(ConnectParameters parameters);

  /// Changes (a new password, for example) apply from the next `connect` on. The version must stay
  /// the same while messages are in flight. Contains the client identifier that the server
  /// assigned.
  ConnectParameters& parameters() { return parameters_; }
  const ConnectParameters& parameters() const { return parameters_; }

  enum class Direction : std::uint8_t { sent, received };
  using Trace = std::function<void(Direction, const Frame&)>;
  /// Calls `trace` with every packet sent or received; empty: no trace.
  void set_trace(Trace trace) { trace_ = std::move(trace); }

  // --- one connection -----------------------------------------------------------------------

  /// Begins a connection: writes CONNECT. Clean Start is requested only until the first success if
  /// the session outlives the connection (v5 with a Session Expiry Interval).
  void connect(Time now, Bytes& out);
  /// Lends bytes from the server until `next_event` returns nullopt.
  void feed(ByteView bytes, Time now);
  /// The next event; nullopt: no more for now.
  std::optional<ClientEvent> next_event(Bytes& out);
  /// Copies bytes that were fed but not yet processed, for an owner that stops calling `next_event`
  /// for a while; `next_event` continues with them.
  void keep_unread() { reader_.keep_unread(); }
  /// The transport has ended. Open SUBSCRIBE and UNSUBSCRIBE requests are discarded, messages in
  /// flight wait for the next connection. Safe to call at any time.
  void on_connection_lost();

  /// When to call `tick`; nullopt: not needed (keep alive is off, or not connected).
  std::optional<Time> next_deadline() const;
  /// Writes PINGREQ if it is due; without an answer in time, `next_event` reports Failed.
  void tick(Time now, Bytes& out);
  /// Writes PINGREQ now, in addition to those of the keep alive. Writes nothing unless connected.
  void ping(Time now, Bytes& out);

  /// CONNACK has arrived and the connection is not over.
  bool connected() const { return state_ == State::connected; }
  /// Between `connect` and CONNACK.
  bool connecting() const { return state_ == State::connecting; }

  // --- requests ----------------------------------------------------------------------------

  /// Sends a message; `dup` and `packet_id` are ignored. The packet identifier (0 at QoS 0)
  /// identifies it in Published or PublishLost later. A Topic Alias in the properties is used as
  /// given.
  tl::expected<std::uint16_t, SendError> publish(const Publish& message, Time now, Bytes& out);
  /// Whether a QoS 1 or 2 message can be sent now.
  bool has_room() const { return connected() && sender_.has_room(); }
  /// Messages of QoS 1 and 2 that are not completed.
  std::size_t in_flight() const { return sender_.in_flight(); }

  /// Sends SUBSCRIBE. The packet identifier identifies it in Subscribed. At least one filter.
  tl::expected<std::uint16_t, SendError> subscribe(
      std::span<const SubscriptionRequest> subscriptions, Properties properties, Time now,
      Bytes& out);
  /// Sends UNSUBSCRIBE. The packet identifier identifies it in Unsubscribed. At least one filter.
  tl::expected<std::uint16_t, SendError> unsubscribe(std::span<const std::string_view> filters,
                                                     Properties properties, Time now, Bytes& out);

  /// The verdict on a message, with AcknowledgeBy::owner. In any order: acknowledgements are sent
  /// in the order of arrival. Also after a reconnect; a number that is no longer open is ignored.
  void acknowledge(ArrivalNumber number, ReasonCode reason, Time now, Bytes& out);

  /// Answers a challenge: AUTH with continue_authentication, the method of CONNECT and `data`.
  /// `more`: further properties.
  tl::expected<void, SendError> authenticate(ByteView data, Properties more, Time now, Bytes& out);
  /// Begins a re-authentication with the method of CONNECT. Only while connected.
  tl::expected<void, SendError> reauthenticate(ByteView data, Properties more, Time now,
                                               Bytes& out);

  /// Writes DISCONNECT; the connection is over. 3.x has neither reason nor properties. Writes
  /// nothing unless connected.
  void disconnect(ReasonCode reason, Properties properties, Bytes& out);

  // --- what the server allows ----------------------------------------------------------------

  /// From CONNACK, with the defaults of the standard. Meaningful while connected.
  struct ServerLimits {
    std::uint32_t session_expiry_interval_s = 0;
    std::uint16_t receive_maximum = 65535;
    QoS maximum_qos = QoS::exactly_once;
    bool retain_available = true;
    std::size_t maximum_packet_size = max_encodable_size;
    std::uint16_t topic_alias_maximum = 0;
    bool wildcard_subscription_available = true;
    bool subscription_identifier_available = true;
    bool shared_subscription_available = true;
    std::uint16_t keep_alive_s = 0;
  };
  const ServerLimits& server_limits() const { return limits_; }

 private:
  enum class State : std::uint8_t {
    idle,        ///< no connection
    connecting,  ///< CONNECT written, waiting for CONNACK
    connected,
    over,  ///< nothing more is sent or read until `on_connection_lost`
  };

  /// A PUBLISH as encoded without a topic alias and without DUP.
  using StoredPublish = Bytes;

  /// A SUBSCRIBE or UNSUBSCRIBE that has not been answered.
  struct Request {
    std::uint16_t packet_id = 0;
    PacketType answer = PacketType::suback;
    std::size_t filters = 0;
  };

  using MaybeEvent = std::optional<ClientEvent>;

  // client_session.cpp: the life of a connection
  void start_connection(Time now);
  MaybeEvent fail(ReasonCode reason, std::string_view detail, bool tell_server, Bytes& out);
  MaybeEvent fail(const Malformed& malformed, Bytes& out);
  MaybeEvent take_lost();
  void heard_of(Time now);
  Time ping_due() const;
  Time answer_due() const;

  // client_session_input.cpp: packets from the server
  template <class Packet>
  MaybeEvent take(const Decoded<Packet>& packet, Bytes& out);
  MaybeEvent on_frame(const Frame& frame, Bytes& out);
  MaybeEvent on_frame_connected(const Frame& frame, Bytes& out);
  MaybeEvent on_packet(const Connack& packet, Bytes& out);
  MaybeEvent on_packet(const Publish& packet, Bytes& out);
  MaybeEvent on_packet(const Puback& packet, Bytes& out);
  MaybeEvent on_packet(const Pubrec& packet, Bytes& out);
  MaybeEvent on_packet(const Pubrel& packet, Bytes& out);
  MaybeEvent on_packet(const Pubcomp& packet, Bytes& out);
  MaybeEvent on_packet(const Suback& packet, Bytes& out);
  MaybeEvent on_packet(const Unsuback& packet, Bytes& out);
  MaybeEvent on_packet(const Pingresp& packet, Bytes& out);
  MaybeEvent on_packet(const Disconnect& packet, Bytes& out);
  MaybeEvent on_packet(const Auth& packet, Bytes& out);
  MaybeEvent resolve_alias(Publish& packet, Bytes& out);
  template <class Ack>
  MaybeEvent settle(const Ack& packet, AckOutcome outcome, Bytes& out);
  void reuse(std::optional<StoredPublish> stored);
  std::optional<Request> take_request(std::uint16_t packet_id, PacketType answer);
  bool has_our_method(Properties properties) const;
  void read_limits(const Connack& packet);
  void restore_session(bool present, Bytes& out);
  void forget_session();
  std::optional<SendError> refusal(const StoredPublish& publish) const;
  void give_up(const std::function<std::optional<SendError>(const StoredPublish*)>& loss);

  // client_session_output.cpp: packets to the server
  template <class Packet>
  void write(const Packet& packet, Bytes& out);
  template <class Packet>
  tl::expected<std::uint16_t, SendError> write_request(Packet& packet, PacketType answer,
                                                       std::size_t filters, Bytes& out);
  void write_decided(ArrivalNumber number, ReasonCode reason, Bytes& out);
  bool write_publish(const Publish& packet, Bytes& out);
  void write_resends(Bytes& out);
  tl::expected<void, SendError> write_auth(ReasonCode reason, ByteView data, Properties more,
                                           Bytes& out);
  void on_written(std::size_t begin, const Bytes& out);
  std::optional<SendError> refusal(const Publish& message) const;
  std::optional<SendError> refusal(const SubscriptionRequest& request) const;
  std::optional<std::string_view> topic_of_own_alias(std::string_view topic,
                                                     std::uint32_t alias) const;
  void write_without_alias(const Publish& packet, StoredPublish& kept) const;
  StoredPublish spare();

  ConnectParameters parameters_;
  Trace trace_;
  State state_ = State::idle;
  /// The server keeps the session beyond the connection: CONNECT must not ask for a new one.
  bool session_outlives_connection_ = false;
  bool asked_for_clean_start_ = true;
  bool resend_with_dup_ = true;
  ServerLimits limits_;
  FrameReader reader_;

  KeepAlive keep_alive_;
  Time now_{};  ///< the latest time passed in
  Time last_sent_{};
  Time last_received_{};
  std::optional<Time> ping_sent_;  ///< the first PINGREQ that has not been answered

  PublishSender<StoredPublish> sender_;
  std::vector<StoredPublish> spares_;  ///< a few small empty ones, for reuse
  PublishReceiver<std::monostate> receiver_;
  ReceivedTopicAliases received_aliases_;
  SentTopicAliases sent_aliases_;
  ReceivedTopicAliases own_aliases_;  ///< set by the caller, in the properties of messages sent
  std::vector<Request> requests_;

  std::optional<client_event::Failed> failure_;  ///< found by `tick`
  std::vector<client_event::PublishLost> lost_;  ///< still to be reported, last first
};

}  // namespace mqtt
