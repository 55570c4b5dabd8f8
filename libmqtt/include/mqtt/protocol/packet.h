#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "mqtt/protocol/bytes.h"
#include "mqtt/protocol/packet_type.h"
#include "mqtt/protocol/property.h"
#include "mqtt/protocol/qos.h"
#include "mqtt/protocol/reason_code.h"
#include "mqtt/protocol/version.h"

/// The fifteen control packets as plain values, one set for all protocol versions.
///
/// Texts, payloads and properties are views: a decoded packet is valid as long as the bytes it was
/// decoded from, and a packet to be encoded borrows what it is given. Fields that a version does
/// not have are ignored when encoding for it, and hold their default after decoding.
namespace mqtt {

struct Will {
  std::string_view topic;
  ByteView payload;
  QoS qos = QoS::at_most_once;
  bool retain = false;
  Properties properties;
};

struct Connect {
  ProtocolVersion version = ProtocolVersion::v5;
  /// Bit 7 of the protocol level: the peer is a bridge (an extension of MQTT 3.x that Mosquitto
  /// uses).
  bool bridge = false;
  bool clean_start = true;  ///< 3.x: Clean Session
  std::uint16_t keep_alive_s = 0;
  Properties properties;
  std::string_view client_id;
  std::optional<Will> will;
  std::optional<std::string_view> user_name;
  std::optional<std::string_view> password;  ///< binary data
};

struct Connack {
  bool session_present = false;
  /// Encoded for 3.x by `connect_return_code`.
  ReasonCode reason = ReasonCode::success;
  Properties properties;
};

struct Publish {
  bool dup = false;
  QoS qos = QoS::at_most_once;
  bool retain = false;
  std::string_view topic;       ///< empty if a Topic Alias stands for it
  std::uint16_t packet_id = 0;  ///< 0 at QoS 0, never 0 above
  Properties properties;
  ByteView payload;
};

/// PUBACK, PUBREC, PUBREL and PUBCOMP have one shape.
template <PacketType type>
struct Acknowledgement {
  std::uint16_t packet_id = 0;
  ReasonCode reason = ReasonCode::success;
  Properties properties;
};
using Puback = Acknowledgement<PacketType::puback>;
using Pubrec = Acknowledgement<PacketType::pubrec>;
using Pubrel = Acknowledgement<PacketType::pubrel>;
using Pubcomp = Acknowledgement<PacketType::pubcomp>;

/// When a new subscription receives retained messages, MQTT 5.0 section 3.8.3.1.
enum class RetainHandling : std::uint8_t { always = 0, if_new = 1, never = 2 };

struct SubscriptionOptions {
  QoS qos = QoS::at_most_once;
  bool no_local = false;
  bool retain_as_published = false;
  RetainHandling retain_handling = RetainHandling::always;

  bool operator==(const SubscriptionOptions&) const = default;
};

struct SubscriptionRequest {
  std::string_view filter;
  SubscriptionOptions options;
};

struct Subscribe {
  std::uint16_t packet_id = 0;
  Properties properties;
  std::vector<SubscriptionRequest> subscriptions;
};

struct Suback {
  std::uint16_t packet_id = 0;
  Properties properties;
  std::vector<ReasonCode> reasons;
};

struct Unsubscribe {
  std::uint16_t packet_id = 0;
  Properties properties;
  std::vector<std::string_view> filters;
};

struct Unsuback {
  std::uint16_t packet_id = 0;
  Properties properties;
  std::vector<ReasonCode> reasons;  ///< 3.x: empty, the packet has no payload
};

struct Pingreq {};
struct Pingresp {};

struct Disconnect {
  ReasonCode reason = ReasonCode::normal_disconnection;
  Properties properties;
};

struct Auth {
  ReasonCode reason = ReasonCode::success;
  Properties properties;
};

using Packet = std::variant<Connect, Connack, Publish, Puback, Pubrec, Pubrel, Pubcomp, Subscribe,
                            Suback, Unsubscribe, Unsuback, Pingreq, Pingresp, Disconnect, Auth>;

PacketType type_of(const Packet& packet);

}  // namespace mqtt
