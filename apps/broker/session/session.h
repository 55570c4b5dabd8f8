#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "message/message.h"
#include "message/will.h"
#include "mqtt/protocol/packet.h"
#include "session/absence.h"
#include "session/incoming.h"
#include "session/outgoing.h"
#include "session/session_core.h"
#include "session/session_state.h"
#include "session/subscriptions.h"

namespace broker {

/// Everything the broker keeps for a client identifier, from its first CONNECT until its session
/// expires: subscriptions, both halves of the QoS 1 and 2 flows, queued messages, the Will.
/// [MQTT-4.1.0-1]
///
/// Belongs to one worker for all its life and is touched by no other thread. Connections come and
/// go (`attach`, `connection_lost`); at any time at most one is there, seen as a PacketSink.
///
/// What it does is done by its parts (`incoming`, `outgoing`, `subscriptions`, `absence`), which
/// share the SessionCore; the session itself is its beginning, its connections and its end.
///
/// An idle session is small: flows, queues, subscriptions and Will exist once they are needed.
class Session final {
 public:
  Session(SessionContext& context, SessionId id, std::string_view client_id);
  ~Session();

  SessionCore& core() { return core_; }
  const SessionCore& core() const { return core_; }
  const SessionId& id() const { return core_.id(); }
  std::string_view client_id() const { return core_.client_id(); }
  bool connected() const { return core_.connection != nullptr; }

  // --- Its parts.

  Incoming incoming() { return {core_, incoming_}; }
  Outgoing outgoing() { return {core_, outgoing_}; }
  Subscriptions subscriptions() { return {core_, subscriptions_, filter_request_, outgoing()}; }
  Absence absence() { return {core_, will_, deadlines_}; }
  /// nullptr: none. Filters as they stand in the tree (mounted, with `$share`).
  const SubscriptionSet* subscription_set() const { return subscriptions_.get(); }

  // --- The connection comes and goes.

  /// What a CONNECT settles for the connection that it opens.
  struct Terms {
    PacketSink* sink = nullptr;
    mqtt::ProtocolVersion version = mqtt::ProtocolVersion::v5;
    bool bridge = false;
    std::uint16_t listener = 0;                   ///< index in Config::listeners
    mqtt::QoS max_qos = mqtt::QoS::exactly_once;  ///< of what it publishes, and is granted
    bool retain_available = true;
    std::uint32_t expiry_interval_s = 0;   ///< UINT32_MAX: never
    std::uint16_t send_window = 65535;     ///< QoS 1 and 2 that the client takes at a time
    std::uint16_t receive_window = 65535;  ///< that it may send at a time
    std::string user_name;
    TopicMap topics;
    std::unique_ptr<Will> will;
  };
  /// The connection is there. Cancels a delayed Will and the expiry. Until `resume`, messages wait
  /// as for an absent client.
  void attach(Terms terms);
  /// Calls PacketSink::session_kept as soon as what CONNECT has changed is kept: at once without a
  /// journal.
  void await_connack() { core_.answer_in_order(SessionKept{}); }
  /// CONNACK has been sent. Sends again what is unacknowledged, then what is queued. [MQTT-4.4.0-1]
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
  /// A reload has changed listeners and rules: `listener` is the index of the one whose rules hold
  /// from now on.
  void on_reload(std::uint16_t listener);

  /// The session is over: its Will is due, its subscriptions go. Called by SessionTable::end.
  void wind_up();

  // --- As a value.

  /// Whether nothing is under way that is no part of a SessionState: a verdict that is awaited, a
  /// request half done, answers that wait for the journal.
  bool is_quiet();
  /// All that the session is, taken out of it: nothing is left here, and nothing of it ends.
  /// Requires that it is quiet. Its connection, if there is one, is the caller's to move.
  SessionState freeze();
  /// Becomes what was frozen. For a session that was just made.
  void thaw(SessionState state);

 private:
  bool durable() const { return core_.expiry_interval_s != 0; }
  void set_details(std::string user_name, TopicMap topics);

  SessionCore core_;
  std::unique_ptr<ReceivingFlow> incoming_;
  std::unique_ptr<SendingFlow> outgoing_;
  std::unique_ptr<SubscriptionSet> subscriptions_;
  std::unique_ptr<FilterRequest> filter_request_;
  std::unique_ptr<Will> will_;
  std::unique_ptr<Deadlines> deadlines_;
};

}  // namespace broker
