#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "mqtt/protocol/reason_code.h"
#include "session/session.h"

namespace broker {

struct OpenedSession {
  Session* session = nullptr;
  bool present =
      false;  ///< it existed and is continued: Session Present [MQTT-3.2.2-2] [MQTT-3.2.2-3]
};

/// Gives an authenticated CONNECT its session: takes it over from an older connection, discards it
/// for Clean Start, continues it, or makes a new one; then settles the claim in the directory. On
/// the worker that the claim names. The error is the CONNACK's reason code; the claim is then
/// abandoned.
tl::expected<OpenedSession, mqtt::ReasonCode> open_session(SessionContext& context,
                                                           std::string_view client_id,
                                                           bool clean_start);

}  // namespace broker
