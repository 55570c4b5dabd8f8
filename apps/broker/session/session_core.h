#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "message/client_info.h"
#include "message/message.h"
#include "mqtt/protocol/packet.h"
#include "session/answers.h"
#include "session/client_directory.h"
#include "session/packet_sink.h"
#include "session/session_context.h"
#include "session/topic_map.h"

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
  /// An authoriser thinks, there is more to do than one turn allows, the message is still on its
  /// way to its receivers, or too many answers wait for the journal: input waits until
  /// PacketSink::continue_input, which keeps the order.
  wait,
};

/// A verdict that came later (see `ask`).
struct Answered {
  bool allowed = false;
  /// The connection that was there when the question was put is there still.
  bool same_connection = false;
};

/// What the parts of one session have in common: who it is, the connection that is there, what the
/// CONNECT of that connection settled, and the way out for answers.
///
/// Belongs to a Session, which alone changes it.
struct SessionCore {
  SessionCore(SessionContext& with, SessionId id, std::string_view client_id)
      : context(with), name{ClientId(client_id), id} {}
  SessionCore(const SessionCore&) = delete;
  SessionCore& operator=(const SessionCore&) = delete;

  const SessionId& id() const { return name.session; }
  std::string_view client_id() const { return name.client_id.text(); }
  std::string_view user_name() const {
    return details ? std::string_view(details->user_name) : std::string_view();
  }
  ClientInfo client() const { return {client_id(), user_name(), listener, version}; }
  const TopicMap& topics() const { return details ? details->topics : same_topics; }
  bool is_v5() const { return mqtt::is_v5(version); }

  const Config& config() const { return *context.here.config; }
  const ListenerConfig& listener_config() const { return config().listeners[listener]; }
  Log& log() const { return context.here.log; }
  Counters& counters() const { return context.here.counters; }
  Worker& worker() const { return context.here.worker; }

  /// The connection, if messages may be sent to it: its CONNACK has left. nullptr: they wait.
  PacketSink* sink() const { return connack_sent ? connection : nullptr; }

  // --- Answers. Each waits until what has been noted on this worker so far is kept; without a
  // --- journal it leaves at once. Nothing is sent while no connection is there.

  void answer(const Acknowledgement& acknowledgement) {
    if (connection == nullptr) return;
    if (context.journal == nullptr && !waiting_answers) [[likely]] {
      return connection->send_acknowledgement(acknowledgement.type, acknowledgement.packet_id,
                                              acknowledgement.reason);
    }
    answer_in_order(acknowledgement);
  }
  void answer(mqtt::PacketType type, std::uint16_t packet_id, mqtt::ReasonCode reason) {
    answer(Acknowledgement{type, packet_id, reason});
  }
  /// For CONNACK, SUBACK and UNSUBACK.
  void answer_in_order(WaitingAnswers::Answer answer);
  /// `done`, or `wait` while too many answers wait.
  InputOutcome next_input() const {
    return waiting_answers && waiting_answers->full() ? InputOutcome::wait : InputOutcome::done;
  }
  /// PUBACKs that are decided and wait.
  std::size_t waiting_pubacks() const { return waiting_answers ? waiting_answers->pubacks() : 0; }

  /// What few clients have.
  struct Details {
    std::string user_name;  ///< empty: none
    TopicMap topics;
  };

  SessionContext& context;
  PacketSink* connection = nullptr;  ///< nullptr: none
  std::unique_ptr<const Details> details;
  std::unique_ptr<WaitingAnswers> waiting_answers;
  // Lends its padding to the member behind it.
  [[no_unique_address]] const SessionName name;
  std::uint32_t attachment = 0;  ///< counts connections: what comes late names its own
  std::uint32_t expiry_interval_s = 0;
  std::uint16_t send_window = 65535;
  std::uint16_t receive_window = 65535;
  std::uint16_t listener = 0;
  mqtt::ProtocolVersion version = mqtt::ProtocolVersion::v5;
  // What CONNACK promised: it holds for the length of the connection, whatever a reload changes.
  mqtt::QoS max_qos : 2 = mqtt::QoS::exactly_once;
  bool retain_available : 1 = true;
  bool bridge : 1 = false;
  bool last_publish_dup : 1 = false;  ///< DUP of the last PUBLISH that came, for its line
  bool connack_sent : 1 = false;      ///< on `connection`

  void release_answers();

 private:
  void await_commit();
  void release_connack();

  static const TopicMap same_topics;
};

}  // namespace broker
