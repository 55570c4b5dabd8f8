#pragma once

#include <cstdint>
#include <variant>

#include "mqtt/protocol/malformed.h"
#include "mqtt/protocol/packet.h"
#include "mqtt/protocol/publish_receiver.h"
#include "mqtt/protocol/send_error.h"

/// The events of a ClientSession, as values. Views in an event are valid until the next call of
/// `next_event` (or `feed`).
namespace mqtt::client_event {

/// CONNACK with success: the session is usable.
struct Connected {
  Connack connack;
};

/// CONNACK with an error. The connection is over. (3.x return codes arrive as reason codes.)
struct Refused {
  Connack connack;
};

/// A message from the server; QoS 2 messages only once. The topic is set even if the packet had
/// only an alias.
struct MessageReceived {
  Publish message;
  ArrivalNumber number = 0;  ///< for `ClientSession::acknowledge`; 0 at QoS 0
};

/// A message of QoS 1 or 2 is complete: PUBACK, PUBCOMP, or a PUBREC with an error. `reason` is the
/// server's, which may be an error (0 in 3.x).
struct Published {
  std::uint16_t packet_id = 0;
  ReasonCode reason = ReasonCode::success;
  Properties properties;
};

/// A message of QoS 1 or 2 was abandoned: whether it arrived is unknown.
struct PublishLost {
  std::uint16_t packet_id = 0;
  SendError error = SendError::session_lost;
};

/// One reason per filter, in the order of the request.
struct Subscribed {
  Suback suback;
};

/// One reason per filter, in the order of the request; in 3.x all are success.
struct Unsubscribed {
  Unsuback unsuback;
};

/// AUTH from the server: a challenge (continue_authentication: reply with `authenticate`), or the
/// end of a re-authentication (success).
struct AuthReceived {
  Auth auth;
};

/// DISCONNECT from the server. The connection is over.
struct DisconnectedByServer {
  Disconnect disconnect;
};

/// The session closed the connection: the server violated the protocol or no longer answers
/// (keep_alive_timeout). A DISCONNECT with the reason may have been written; the connection is
/// over.
struct Failed {
  ReasonCode reason = ReasonCode::unspecified_error;
  std::string_view detail;  ///< static text, for logs
};

}  // namespace mqtt::client_event

namespace mqtt {

using ClientEvent =
    std::variant<client_event::Connected, client_event::Refused, client_event::MessageReceived,
                 client_event::Published, client_event::PublishLost, client_event::Subscribed,
                 client_event::Unsubscribed, client_event::AuthReceived,
                 client_event::DisconnectedByServer, client_event::Failed>;

}  // namespace mqtt
