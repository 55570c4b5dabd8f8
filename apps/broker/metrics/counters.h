#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "metrics/drop_reason.h"

namespace broker {

/// Everything that is counted except drops (see DropReason): name, kind, meaning. A `counter` only
/// increases. A `gauge` is a current value. One worker's part of a gauge may be negative (a
/// connection may be accepted on one worker and closed on another); only the sum is meaningful.
#define BROKER_COUNTS(ROW)                                                                      \
  ROW(packets_received, counter, "MQTT packets received, of all types")                         \
  ROW(packets_sent, counter, "MQTT packets sent, of all types")                                 \
  ROW(bytes_received, counter, "bytes read from sockets")                                       \
  ROW(bytes_sent, counter, "bytes written to sockets")                                          \
  ROW(publish_received, counter, "PUBLISH packets received")                                    \
  ROW(publish_sent, counter, "PUBLISH packets sent")                                            \
  ROW(publish_bytes_received, counter, "payload bytes of PUBLISH packets received")             \
  ROW(publish_bytes_sent, counter, "payload bytes of PUBLISH packets sent")                     \
  ROW(publish_refused, counter, "PUBLISH packets and Wills that were not accepted for routing") \
  ROW(sockets_accepted, counter, "connections accepted")                                        \
  ROW(connects_received, counter, "CONNECT packets received")                                   \
  ROW(connects_refused, counter, "CONNECT packets answered with an error")                      \
  ROW(unauthenticated_refused, counter,                                                         \
      "connections closed before they were let in: max_unauthenticated_bytes")                  \
  ROW(memory_refused_sockets, counter, "connections closed as they arrived: memory_limit")      \
  ROW(memory_refused_sessions, counter, "CONNECT packets refused: memory_limit")                \
  ROW(memory_refused_publishes, counter, "PUBLISH packets refused: memory_limit")               \
  ROW(memory_refused_subscriptions, counter, "subscriptions refused: memory_limit")             \
  ROW(memory_closed_connections, counter, "clients disconnected: memory_limit")                 \
  ROW(sessions_expired, counter, "sessions removed because their expiry interval had passed")   \
  ROW(sessions_taken_over, counter, "connections ended because their client connected again")   \
  ROW(granted, counter, "deliveries begun: one message for one receiver")                       \
  ROW(delivered_qos0, counter, "deliveries completed at QoS 0: written out")                    \
  ROW(delivered_qos1, counter, "deliveries completed at QoS 1: acknowledged by PUBACK")         \
  ROW(delivered_qos2, counter, "deliveries completed at QoS 2: acknowledged by PUBREC")         \
  ROW(sockets, gauge, "open connections, with those that have not sent CONNECT")                \
  ROW(sessions, gauge, "sessions, with a client or without")                                    \
  ROW(sessions_connected, gauge, "sessions whose client is there")                              \
  ROW(queued_messages, gauge, "deliveries that wait in sessions' queues")                       \
  ROW(queued_bytes, gauge, "their payload bytes")                                               \
  ROW(in_flight_messages, gauge, "deliveries sent at QoS 1 or 2 and not yet acknowledged")      \
  ROW(in_flight_bytes, gauge, "their payload bytes")                                            \
  ROW(output_packets, gauge, "packets that wait to be written to sockets")                      \
  ROW(output_bytes, gauge, "bytes that wait to be written to sockets")

enum class Count : std::uint8_t {
#define BROKER_ROW(name, kind, text) name,
  BROKER_COUNTS(BROKER_ROW)
#undef BROKER_ROW
};

#define BROKER_ROW(name, kind, text) +1
inline constexpr std::size_t number_of_counts = 0 BROKER_COUNTS(BROKER_ROW);
#undef BROKER_ROW

enum class CountKind : std::uint8_t { counter, gauge };

struct CountInfo {
  std::string_view name;
  CountKind kind;
  std::string_view text;
};

const CountInfo& info(Count count);

/// The counters of one worker. Written by that worker's thread only, read by any: an addition is a
/// load and a store, without a locked instruction, and no two workers' counters share a cache line.
///
/// Every delivery is accounted for. It starts with `grant` and is then in exactly one state.
/// Whenever no worker is in the middle of a step,
///
///     granted = delivered (QoS 0, 1, 2) + queued + in flight + dropped (all reasons; expired is
///     one)
///
/// Metrics::unaccounted is the difference. A message that No Local withholds is not a delivery, nor
/// is a reply of the broker to one client.
class alignas(64) Counters {
 public:
  Counters() = default;
  Counters(const Counters&) = delete;
  Counters& operator=(const Counters&) = delete;

  /// `amount` may be negative for gauges.
  void add(Count what, std::int64_t amount = 1) { add_to(counts_[index(what)], amount); }

  // Packets
  void receive_packet() { add(Count::packets_received); }
  void receive_bytes(std::size_t bytes) { add(Count::bytes_received, signed_size(bytes)); }
  void receive_publish(std::size_t payload_bytes) {
    add(Count::publish_received);
    add(Count::publish_bytes_received, signed_size(payload_bytes));
  }
  void refuse_publish() { add(Count::publish_refused); }
  void send_packet() { add(Count::packets_sent); }
  void send_bytes(std::size_t bytes) { add(Count::bytes_sent, signed_size(bytes)); }
  void send_publish(std::size_t payload_bytes) {
    add(Count::publish_sent);
    add(Count::publish_bytes_sent, signed_size(payload_bytes));
  }

  // Sessions
  void add_sockets(int number) { add(Count::sockets, number); }
  void add_sessions(int number) { add(Count::sessions, number); }
  void add_connected(int number) { add(Count::sessions_connected, number); }
  void expire_session() { add(Count::sessions_expired); }

  // Deliveries
  void grant(std::size_t deliveries = 1) { add(Count::granted, signed_size(deliveries)); }
  /// `qos` 0 to 2.
  void deliver(unsigned qos) {
    add(static_cast<Count>(static_cast<unsigned>(Count::delivered_qos0) + qos));
  }
  void drop(DropReason reason, std::size_t deliveries = 1) {
    add_to(dropped_[static_cast<std::size_t>(reason)], signed_size(deliveries));
  }
  void add_queued(std::int64_t messages, std::int64_t payload_bytes) {
    add(Count::queued_messages, messages);
    add(Count::queued_bytes, payload_bytes);
  }
  void add_in_flight(std::int64_t messages, std::int64_t payload_bytes) {
    add(Count::in_flight_messages, messages);
    add(Count::in_flight_bytes, payload_bytes);
  }

  /// Any thread.
  std::int64_t get(Count what) const {
    return counts_[index(what)].load(std::memory_order_relaxed);
  }
  std::int64_t get(DropReason reason) const {
    return dropped_[static_cast<std::size_t>(reason)].load(std::memory_order_relaxed);
  }

 private:
  using Value = std::atomic<std::int64_t>;
  static constexpr std::size_t index(Count what) { return static_cast<std::size_t>(what); }
  static constexpr std::int64_t signed_size(std::size_t size) {
    return static_cast<std::int64_t>(size);
  }
  static void add_to(Value& value, std::int64_t amount) {
    value.store(value.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }

  std::array<Value, number_of_counts> counts_{};
  std::array<Value, number_of_drop_reasons> dropped_{};
};

}  // namespace broker
