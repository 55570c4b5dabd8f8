#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace broker {

/// The reasons why a delivery ends without reaching the client.
///
/// `limit`: the broker could not keep or send it; counts in `publish/messages/dropped` of $SYS.
/// `rule`: its expiry, its receiver or an authoriser excluded it.
#define BROKER_DROP_REASONS(ROW)                                                                 \
  ROW(queue_full, limit, "the session's queue was at its limit")                                 \
  ROW(slow_consumer, limit, "QoS 0, and too much waited for the client already")                 \
  ROW(worker_overloaded, limit, "QoS 0, and too much waited for the worker of its receiver")     \
  ROW(offline_qos0, rule, "QoS 0, and the client was not there")                                 \
  ROW(expired, rule, "the Message Expiry Interval passed before it could be sent")               \
  ROW(packet_too_large, rule, "larger than the client's Maximum Packet Size")                    \
  ROW(not_authorized, rule, "the client may not receive from this topic")                        \
  ROW(source_not_authorized, rule, "retained, and who published it may not do so any more")      \
  ROW(session_ended, rule, "the session ended, or was gone when the message came to its worker") \
  ROW(no_receivers_left, rule, "no member of the share group was there to take it")              \
  ROW(refused_by_client, rule, "the client answered PUBACK or PUBREC with an error")

enum class DropReason : std::uint8_t {
#define BROKER_ROW(name, kind, text) name,
  BROKER_DROP_REASONS(BROKER_ROW)
#undef BROKER_ROW
};

#define BROKER_ROW(name, kind, text) +1
inline constexpr std::size_t number_of_drop_reasons = 0 BROKER_DROP_REASONS(BROKER_ROW);
#undef BROKER_ROW

enum class DropKind : std::uint8_t { limit, rule };

struct DropReasonInfo {
  std::string_view name;
  DropKind kind;
  std::string_view text;
};

const DropReasonInfo& info(DropReason reason);

}  // namespace broker
