#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "message/delivery.h"
#include "message/publication.h"
#include "metrics/drop_reason.h"
#include "mqtt/protocol/packet.h"
#include "mqtt/protocol/publish_sender.h"
#include "mqtt/protocol/ring_queue.h"
#include "routing/receiver.h"
#include "session/retained_replays.h"
#include "session/session_core.h"

namespace broker {

/// What a session keeps of the messages for its client: the flows that are open, the queue behind
/// them, and the retained messages that its subscriptions have yet to receive. Exists while
/// anything of that is there, or was.
struct SendingFlow {
  mqtt::PublishSender<Delivery> sender;
  mqtt::RingQueue<Delivery> queue;
  std::size_t queued_payload_bytes = 0;
  std::size_t queued_at_qos0 = 0;  ///< deliveries
  std::size_t in_flight_payload_bytes = 0;
  std::unique_ptr<RetainedReplays> replays;  ///< nullptr: none
  std::uint64_t last_fan_out = 0;            ///< see Outgoing::first_of
  std::uint32_t last_ticket = 0;             ///< of deliveries that await a verdict
  /// A flow to be sent again whose verdict is awaited; 0: none.
  std::uint16_t resend_asked = 0;
  bool overflow_reported = false;
  bool sends_later = false;  ///< `send_waiting` goes on in a slice

  /// Nothing waits, and no packet identifier or ticket was ever given: as good as new.
  bool unused() const {
    return sender.next_packet_id() == 1 && last_ticket == 0 && queue.empty() && !replays;
  }
};

/// Messages to the client: what it is granted, what waits in its queue, what is in flight, and what
/// a new subscription has yet to receive of retained messages.
///
/// A QoS 1 or 2 message goes straight out when nothing waits before it and window and connection
/// have room; otherwise it joins the queue. `send_waiting` empties what waits, in order, whenever
/// an acknowledgement or the connection makes room.
///
/// A view of the session's state, made where it is used.
class Outgoing {
 public:
  Outgoing(SessionCore& core, std::unique_ptr<SendingFlow>& flow) : core_(core), flow_(flow) {}

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

  Checked<InputOutcome> on_puback(std::uint16_t packet_id, mqtt::ReasonCode reason);
  Checked<InputOutcome> on_pubrec(std::uint16_t packet_id, mqtt::ReasonCode reason);
  Checked<InputOutcome> on_pubcomp(std::uint16_t packet_id);
  /// The connection has room again, or limits have changed.
  void on_room();
  /// Rules about who may receive what have changed: what is queued is asked about again before it
  /// is sent. What is in flight has been sent.
  void on_access_changed();

  void on_attached();
  /// Sends again what is unacknowledged, then what is queued. [MQTT-4.4.0-1] A client that comes
  /// back, perhaps as another user, receives nothing that it may not receive now.
  void resume();
  void on_connection_lost();

  // Retained messages for a new subscription: held until the SUBSCRIBE is answered.
  void begin_replay(RetainedReplays::Replay replay);
  void cancel_replay(std::string_view filter);
  /// The SUBSCRIBE is answered. Sends what it can, for `left` steps.
  void release_replays(Steps& left);
  /// It never will be.
  void abandon_held_replays();

  /// A delivery that is sent and not acknowledged.
  struct InFlight {
    std::uint16_t packet_id = 0;
    mqtt::QoS qos = mqtt::QoS::at_least_once;
    bool sent = false;                 ///< in the connection that is there; otherwise before it
    std::optional<Delivery> delivery;  ///< none: PUBREL is due
  };
  /// All of it, as a value.
  struct State {
    std::vector<InFlight> in_flight;  ///< in the order of their first sending
    std::uint16_t next_packet_id = 1;
    std::vector<Delivery> queue;
    std::vector<RetainedReplays::Waiting> replays;
  };
  /// Takes it out, and off the counts of what is queued and in flight.
  State take();
  /// Into a session that has none. Counts what is queued and in flight.
  void restore(State state);
  /// No verdict is awaited.
  bool is_quiet() const;

 private:
  Offered deliver_at_most_once(Publication& publication, const OutgoingPublish& out,
                               const ShareKeyPtr& share);
  Offered deliver_with_flow(Publication& publication, const OutgoingPublish& out,
                            const ShareKeyPtr& share);
  bool waits_at_most_once(const MessageView& message) const;
  bool may_start() const;
  SendResult start_flow(Publication& publication, const OutgoingPublish& out, ShareKeyPtr share);

  Offered enqueue(Delivery delivery);
  bool queue_full(std::size_t payload_bytes) const;
  void report_overflow(const Delivery& cause);
  void account_queued(const Delivery& delivery, int sign);
  void account_in_flight(std::size_t payload_bytes, int sign);
  void drop_from_queue(std::size_t index, DropReason reason);

  void send_waiting(Steps& left);
  void send_more_later();
  void go_on_sending(Steps& left);
  bool send_resends();
  void send_resend(std::uint16_t packet_id, const Delivery& delivery);
  void abandon(std::uint16_t packet_id, const Delivery& delivery, DropReason reason);
  bool send_queued();
  bool send_retained(Steps& left);
  std::size_t replay_batch(mqtt::QoS qos) const;
  void grant_retained(const RetainedReplays::Replay& replay, const MessagePtr& message);

  // Authority over what the client receives.
  Verdict may_receive(const MessageView& message, std::uint32_t* ticket);
  Verdict may_be_sent_retained(const MessageView& message, std::uint32_t* ticket);
  Verdict source_may_publish(const MessageView& message, std::uint32_t* ticket);
  std::optional<std::uint16_t> listener_with_rules_of(std::string_view name) const;
  void on_source_decided(std::uint32_t ticket, Answered answered);
  void on_receive_decided(std::uint32_t ticket, Answered answered);
  std::uint32_t new_ticket();
  std::size_t index_of(std::uint32_t ticket) const;
  void ask_about_queue();
  Verdict ask_about_resend(std::uint16_t packet_id, const Delivery& delivery);
  void on_resend_decided(std::uint16_t packet_id, Answered answered);

  void flow_ended(const Delivery& delivery, mqtt::ReasonCode reason);
  SendingFlow& flow();

  SessionCore& core_;
  std::unique_ptr<SendingFlow>& flow_;
};

}  // namespace broker
