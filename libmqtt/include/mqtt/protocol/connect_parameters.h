#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "mqtt/protocol/encode.h"
#include "mqtt/protocol/packet.h"

namespace mqtt {

/// A Will that owns its data.
struct WillParameters {
  std::string topic;
  std::string payload;
  QoS qos = QoS::at_most_once;
  bool retain = false;
  PropertyList properties;  ///< v5 only
};

/// Who acknowledges received QoS 1 and 2 messages.
enum class AcknowledgeBy : std::uint8_t {
  session,  ///< the session, immediately
  owner,    ///< the owner, later, with a verdict: `ClientSession::acknowledge`
};

/// What happens to messages in flight if the server has lost the session.
enum class OnSessionLost : std::uint8_t {
  report,      ///< abandoned, and each reported as lost
  send_again,  ///< sent again as new messages; those answered with PUBREC are reported
};

/// The content of a client's CONNECT, and the behaviour of its session. Owns everything, for
/// reconnecting.
struct ConnectParameters {
  ProtocolVersion version = ProtocolVersion::v5;
  std::string client_id;            ///< empty: the server assigns one (3.1.1 and 5)
  bool clean_start = true;          ///< 3.x: Clean Session
  std::uint16_t keep_alive_s = 60;  ///< 0: off
  std::optional<WillParameters> will;
  std::optional<std::string> user_name;
  std::optional<std::string> password;  ///< binary data

  /// v5: all properties of CONNECT. Those that bind this side (Session Expiry Interval, Receive
  /// Maximum, Maximum Packet Size, Topic Alias Maximum, Authentication Method) are read from here.
  PropertyList properties;

  /// Maximum number of QoS 1 and 2 messages in flight to the server, 1..65535; the server's Receive
  /// Maximum applies as well. 3.x has no Receive Maximum, and some servers lose QoS 2 messages
  /// beyond the twentieth.
  std::uint16_t send_window = 20;
  /// Topic aliases that the session may define by itself towards the server, as far as the server's
  /// Topic Alias Maximum allows; 0: none. Leave at 0 when setting Topic Alias properties by hand.
  std::uint16_t automatic_topic_aliases = 0;
  /// Larger packets from the server end the connection; the property Maximum Packet Size applies as
  /// well. In bytes.
  std::size_t packet_size_limit = max_encodable_size;
  AcknowledgeBy acknowledge_by = AcknowledgeBy::session;
  OnSessionLost on_session_lost = OnSessionLost::report;
};

}  // namespace mqtt
