#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "message/delivery.h"
#include "message/message.h"
#include "message/will.h"
#include "metrics/counters.h"
#include "mqtt/protocol/filter_reader.h"
#include "mqtt/protocol/packet.h"
#include "mqtt/protocol/publish_receiver.h"
#include "mqtt/protocol/publish_sender.h"
#include "mqtt/protocol/ring_queue.h"
#include "routing/receiver.h"
#include "runtime/sliced_work.h"
#include "runtime/timer_wheel.h"
#include "session/client_directory.h"
#include "session/fan_out.h"
#include "session/filter_request.h"
#include "session/packet_sink.h"
#include "session/retained_replays.h"
#include "session/session_context.h"
#include "session/subscription_set.h"

namespace broker {

/// The client broke a rule that one packet alone does not show: the reason for its DISCONNECT.
struct Violation {
  mqtt::ReasonCode reason = mqtt::ReasonCode::protocol_error;
  std::string_view detail;  ///< static text for the log
};
template <class T = void>
using Checked = tl::expected<T, Violation>;

/// Whether the connection may go on with the next packet.
enum class InputOutcome : std::uint8_t {
  done,
  /// An authoriser thinks, there is more to do than one turn allows, or the message is still on its
  /// way to its receivers: input waits until PacketSink::continue_input, which keeps the order.
  wait,
};

/// Everything the broker keeps for a client identifier, from its first CONNECT until its session
/// expires: subscriptions, both halves of the QoS 1 and 2 flows, queued messages, the Will.
/// [MQTT-4.1.0-1]
///
/// Belongs to one worker for all its life and is touched by no other thread. Connections come and
/// go
/// (`attach`, `connection_lost`); at any time at most one is there, seen as a PacketSink.
///
/// An idle session is small: flows, queues, subscriptions and Will exist once they are needed.
class Session final {
 public:
  Session(SessionContext& context, SessionId id, std::string_view client_id);
  ~Session();

  const SessionId& id() const { return name_.session; }
  std::string_view client_id() const { return name_.client_id.text(); }
  /// Its entry in the client directory.
  const SessionName& name() const { return name_; }
  /// Empty: none.
  std::string_view user_name() const {
    return user_name_ ? std::string_view(*user_name_) : std::string_view();
  }
  bool connected() const { return sink_ != nullptr; }
  /// Whether it lives on when its connection ends.
  bool durable() const { return expiry_interval_s_ != 0; }
  mqtt::ProtocolVersion version() const { return version_; }

  // --- The connection comes and goes: session_lifetime.cpp

  /// What a CONNECT settles for the connection that it opens.
  struct Terms {
    PacketSink* sink = nullptr;
    mqtt::ProtocolVersion version = mqtt::ProtocolVersion::v5;
    bool bridge = false;
    std::uint16_t listener = 0;                   ///< place in Config::listeners
    mqtt::QoS max_qos = mqtt::QoS::exactly_once;  ///< of what it publishes, and is granted
    bool retain_available = true;
    std::uint32_t expiry_interval_s = 0;   ///< UINT32_MAX: never
    std::uint16_t send_window = 65535;     ///< QoS 1 and 2 that the client takes at a time
    std::uint16_t receive_window = 65535;  ///< that it may send at a time
    std::string user_name;
    std::unique_ptr<Will> will;
  };
  /// The connection is there, its CONNACK is sent. Cancels a delayed Will and the expiry.
  void attach(Terms terms);
  /// Sends again what is unacknowledged, then what is queued. [MQTT-4.4.0-1]
  void resume();

  enum class Departure : std::uint8_t {
    disconnected,          ///< DISCONNECT with Normal disconnection: no Will [MQTT-3.14.4-3]
    lost,                  ///< anything else: the Will is due
    taken_over_by_resume,  ///< a new connection continues this session: the Will is withdrawn
  };
  /// Another connection comes for this client identifier: lets go of the one that is there. May end
  /// and destroy the session, if it does not outlive its connection or `clean_start` asks for it.
  void make_way(bool clean_start);
  /// The connection is gone. May end and destroy the session.
  void connection_lost(Departure departure);
  /// A DISCONNECT may set another Session Expiry Interval.
  Checked<> change_expiry_interval(std::uint32_t seconds);
  /// The session is over: its Will is due, its subscriptions go. Called by SessionTable::end.
  void wind_up();
  /// The client is sent away, as it may no longer be here: its Will is not published.
  void withdraw_will();
  /// The broker stops: the Will, delayed or not, is published now.
  void publish_will_now();

  // --- Messages from the client: session_inbound.cpp

  /// `packet.topic` is never empty here: the connection has resolved aliases.
  Checked<InputOutcome> on_publish(const mqtt::Publish& packet);
  Checked<InputOutcome> on_pubrel(std::uint16_t packet_id);

  // --- Messages to the client: session_outbound.cpp

  /// What became of a message that was offered.
  struct Offered {
    enum class Outcome : std::uint8_t {
      taken,       ///< sent, queued or in flight, and counted as such
      not_for_it,  ///< its own message, and No Local: there is no delivery
      refused,
    };
    Outcome outcome = Outcome::taken;
    DropReason reason{};  ///< if refused

    static Offered refuse(DropReason reason) { return {Outcome::refused, reason}; }
  };
  /// A message for one subscription; `share`: of which group, if it came through one. The caller
  /// counts the delivery as granted, and as dropped if it is refused here and nobody else takes it.
  Offered deliver(Publication& publication, const Receiver& receiver,
                  const ShareKeyPtr& share = {});
  /// For allow_duplicate_messages false: whether this is the first subscription of the session that
  /// the fan-out with this number meets. Always true for v5, where each subscription counts.
  bool first_of(std::uint64_t fan_out);
  /// A message outside any subscription: a reply of the broker to this client alone.
  void deliver_reply(Publication& publication);

  Checked<> on_puback(std::uint16_t packet_id, mqtt::ReasonCode reason);
  Checked<> on_pubrec(std::uint16_t packet_id, mqtt::ReasonCode reason);
  Checked<> on_pubcomp(std::uint16_t packet_id);
  /// Rules about who may receive what have changed: forgets what is queued and not allowed any
  /// more. What is in flight has been sent; for a client that is away all of it is looked at when
  /// it comes.
  void access_changed();
  /// The connection has room again, or limits have changed.
  void on_room() { send_waiting(); }

  /// The place of the listener that its client last came by.
  std::uint16_t listener_place() const { return listener_; }
  /// That listener was opened anew at another place, where its rules are to be found from now on.
  void follow_listener(std::uint16_t place) { listener_ = place; }

  // --- Subscriptions: session_subscriptions.cpp

  Checked<InputOutcome> on_subscribe(const mqtt::UnreadFilters& packet);
  Checked<InputOutcome> on_unsubscribe(const mqtt::UnreadFilters& packet);
  /// Calls `visit(filter, qos)` for each, filters as they stand in the tree (mounted, with
  /// `$share`).
  template <class Visitor>
  void for_each_subscription(Visitor visit) const {
    if (!subscriptions_) return;
    for (const auto& [filter, subscription] : *subscriptions_)
      visit(filter, subscription.options.qos);
  }

 private:
  /// A QoS 2 message between PUBLISH and PUBREL.
  struct HeldPublish {
    MessagePtr message;
    std::uint32_t repeated_in = 0;  ///< the attachment in which it came a second time
  };
  struct Inbound : mqtt::PublishReceiver<HeldPublish> {
    using PublishReceiver::PublishReceiver;
    std::size_t held_payload_bytes = 0;
  };

  struct Outbound {
    mqtt::PublishSender<Delivery> sender;
    mqtt::RingQueue<Delivery> queue;
    std::size_t queued_payload_bytes = 0;
    std::size_t queued_at_qos0 = 0;  ///< deliveries
    std::size_t in_flight_payload_bytes = 0;
    std::unique_ptr<RetainedReplays> replays;  ///< nullptr: none
    std::uint32_t last_ticket = 0;             ///< of deliveries that await a verdict
    bool overflow_reported = false;
    bool sends_later = false;  ///< `send_waiting` goes on in a slice

    /// Nothing waits, and no packet identifier or ticket was ever given: as good as new.
    bool unused() const {
      return sender.next_packet_id() == 1 && last_ticket == 0 && queue.empty() && !replays;
    }
  };

  /// The deadlines of a session without a connection, or whose Will waits. Not there while a client
  /// is, so a connected session has no timer.
  struct Absence final : TimerEntry {
    explicit Absence(Session& away) : session(away) {}
    void on_timer() override { session.on_deadline(); }

    Session& session;
    Millis expires_at = never;
    Millis will_due_at = never;
  };

  /// What some filters of a request change in the tree, done under one lock.
  struct TreeChanges {
    struct Begun {
      mqtt::TopicFilter filter;  ///< views into `subscriptions_`
      Receiver receiver;
      bool replay;  ///< what is retained is to be sent
    };
    std::vector<Begun> begun;
    std::vector<SubscriptionSet::node_type> ended;

    bool empty() const { return begun.empty() && ended.empty(); }
  };
  /// How far a FilterRequest has come.
  enum class Progress : std::uint8_t { done, stopped /** by the end of its steps */, asking };

  const Config& config() const { return *context_.config; }
  const ListenerConfig& listener() const { return config().listeners[listener_]; }

  // inbound
  Checked<> check_publish(const mqtt::Publish& packet) const;
  MessageView to_message(const mqtt::Publish& packet, mqtt::TopicName topic) const;
  mqtt::ByteView origin_of(bool retain) const;
  mqtt::ReasonCode refusal(const MessageView& message) const;
  bool lacks_memory_for(const MessageView& message) const;
  Checked<mqtt::Arrived> arrive(const mqtt::Publish& packet, const MessageView& message);
  Checked<bool> settle_repeat(std::optional<HeldPublish>& held, const mqtt::Publish& packet,
                              const MessageView& message);
  InputOutcome decide(const MessageView& message, std::uint16_t packet_id,
                      mqtt::ArrivalNumber arrival);
  void publish_decided(const MessagePtr& message, std::uint16_t packet_id,
                       mqtt::ArrivalNumber arrival, std::uint32_t attachment, bool allowed);
  InputOutcome finish_publish(const MessageView& message, std::uint16_t packet_id,
                              mqtt::ArrivalNumber arrival, mqtt::ReasonCode refusal);
  Verdict release(const MessagePtr& held, std::uint16_t packet_id);
  void release_decided(const MessagePtr& held, std::uint16_t packet_id, std::uint32_t attachment,
                       bool allowed);
  Routed publish_released(MessagePtr held, std::uint16_t packet_id);
  void log_publish(const MessageView& message, std::uint16_t packet_id, mqtt::ReasonCode refusal);
  Routed route(Publication& publication, std::uint16_t packet_id, mqtt::ArrivalNumber arrival);
  void answer_routed(mqtt::QoS qos, std::uint16_t packet_id, mqtt::ArrivalNumber arrival,
                     Routed routed);
  void acknowledge(std::uint16_t packet_id, mqtt::ArrivalNumber arrival, mqtt::ReasonCode reason);
  bool may_hold(std::size_t payload_bytes);
  void answer_control(const MessageView& message);
  Inbound& inbound();

  // outbound
  Offered deliver_at_most_once(Publication& publication, const OutgoingPublish& out,
                               const ShareKeyPtr& share);
  Offered deliver_with_flow(Publication& publication, const OutgoingPublish& out,
                            const ShareKeyPtr& share);
  Offered enqueue(Delivery delivery);
  bool waits_at_most_once(const MessageView& message) const;
  bool queue_full(const Outbound& out, std::size_t payload_bytes) const;
  bool may_start(const Outbound& out) const;
  SendResult start_flow(Publication& publication, const OutgoingPublish& out, ShareKeyPtr share);
  void send_waiting() { send_waiting(context_.work.left()); }
  void send_waiting(Steps& left);
  void send_more_later(Outbound& out);
  bool send_resends(Outbound& out);
  bool send_queued(Outbound& out);
  bool send_retained(Outbound& out, Steps& left);
  std::size_t replay_batch(mqtt::QoS qos) const;
  void grant_retained(const RetainedReplays::Replay& replay, const MessagePtr& message);
  Verdict may_be_sent_retained(const MessageView& message, std::uint32_t* ticket);
  Verdict source_may_publish(const MessageView& message, std::uint32_t* ticket);
  std::optional<std::uint16_t> listener_with_rules_of(std::string_view name) const;
  void source_decided(std::uint32_t ticket, bool allowed);
  std::uint32_t new_ticket();
  std::size_t position_of(std::uint32_t ticket) const;
  static constexpr std::size_t not_queued = SIZE_MAX;
  void drop_from_queue(std::size_t position, DropReason reason);
  Verdict may_receive(const MessageView& message, std::uint32_t* ticket);
  void receive_decided(std::uint32_t ticket, bool allowed);
  void drop_unauthorised();
  bool denied(const Delivery& delivery);
  void account_queued(const Delivery& delivery, int sign);
  void account_in_flight(std::size_t payload_bytes, int sign);
  void flow_ended(const Delivery& delivery, mqtt::ReasonCode reason);
  Outbound& outbound();
  void report_overflow(Outbound& out, const Delivery& cause);

  // subscriptions
  Checked<InputOutcome> begin_request(const mqtt::UnreadFilters& packet, Access access);
  Checked<Progress> work_through(FilterRequest& request, Steps& left);
  void go_on_later();
  bool go_on_with_filters(Steps& left);
  static Checked<> check_filters(FilterRequest& request, Steps& left);
  Progress apply_filters(FilterRequest& request, Steps& left);
  Verdict may_use_filter(std::string_view filter, Access access);
  void filter_decided(bool allowed);
  mqtt::ReasonCode apply_filter(const FilterRequest& request, std::string filter,
                                TreeChanges& changes);
  mqtt::ReasonCode subscribe(const FilterRequest& request, std::string filter,
                             TreeChanges& changes);
  mqtt::ReasonCode unsubscribe(std::string_view filter, TreeChanges& changes);
  mqtt::ReasonCode refused_filter(const FilterRequest& request) const;
  void put_into_effect(TreeChanges& changes);
  void begin_replay(const TreeChanges::Begun& begun, std::uint64_t newest);
  void cancel_replay(std::string_view filter);
  void answer(FilterRequest& request, Steps& left);
  void abandon_request();

  // lifetime
  void on_deadline();
  Absence& absence();
  void arm_timer(Absence& away);

  SessionContext& context_;
  PacketSink* sink_ = nullptr;
  const SessionName name_;
  std::unique_ptr<const std::string> user_name_;  ///< nullptr: none
  std::unique_ptr<Will> will_;
  std::unique_ptr<SubscriptionSet> subscriptions_;
  std::unique_ptr<Inbound> inbound_;
  std::unique_ptr<Outbound> outbound_;
  std::unique_ptr<FilterRequest> pending_filters_;
  std::unique_ptr<Absence> absence_;
  std::uint64_t last_fan_out_ = 0;  ///< see first_of
  std::uint32_t expiry_interval_s_ = 0;
  std::uint32_t attachment_ = 0;  ///< counts connections: late verdicts name theirs
  std::uint16_t send_window_ = 65535;
  std::uint16_t receive_window_ = 65535;
  std::uint16_t listener_ = 0;
  mqtt::ProtocolVersion version_ = mqtt::ProtocolVersion::v5;
  // What CONNACK promised: it holds for the length of the connection, whatever a reload changes.
  mqtt::QoS max_qos_ : 2 = mqtt::QoS::exactly_once;
  bool retain_available_ : 1 = true;
  bool bridge_ : 1 = false;
  bool last_publish_dup_ : 1 = false;  ///< DUP of the last PUBLISH that came, for its line
};

}  // namespace broker
