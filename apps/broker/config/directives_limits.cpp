#include <array>
#include <charconv>
#include <cstdint>
#include <string_view>

#include "config/directive_row.h"
#include "config/directive_subjects.h"

namespace broker {
namespace {

using namespace row;
using enum Scope;
using enum ReloadEffect;
using Type = ValueType;

/// 65535 is the window of MQTT 5.0 where nothing else is agreed, so it means no limit, as 0 does.
Outcome set_max_inflight_messages(const Directive& self, ConfigDraft& draft,
                                  std::string_view rest) {
  const std::string_view token = next_token(rest).text;
  const auto number = bounded_integer(token, self.bounds);
  if (!number) return refused(token);
  draft.config.limits.max_inflight_messages =
      static_cast<std::uint16_t>(*number == 65535 ? 0 : *number);
  return {};
}

constexpr Directive max_inflight_messages_row() {
  Directive row = integer<&Config::limits, &Limits::max_inflight_messages>(
      "max_inflight_messages", global, {0, 65535, true}, new_connections);
  row.set = set_max_inflight_messages;
  return row;
}

/// The one number of the file that may be larger than 32 bits. Decimal only.
Outcome set_memory_limit(const Directive&, ConfigDraft& draft, std::string_view rest) {
  const std::string_view token = next_token(rest).text;
  std::int64_t bytes = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), bytes);
  if (error != std::errc() || end != token.data() + token.size() || bytes < 0)
    return refused(token);
  draft.config.memory_limit_bytes = static_cast<std::uint64_t>(bytes);
  return {};
}

constexpr Directive memory_limit_row() {
  Directive row =
      value<&Config::memory_limit_bytes>("memory_limit", global, Type::integer, applied);
  row.accepts = "a whole number of bytes from 0";
  row.set = set_memory_limit;
  return row;
}

/// Upper bounds on clients, messages and memory.
constexpr auto table = std::to_array<Directive>({
    integer<&Config::limits, &Limits::max_subscriptions_per_client>("max_subscriptions_per_client",
                                                                    global, natural, applied),
    integer<&Config::limits, &Limits::max_output_buffer_bytes>(
        "max_output_buffer", global, {65536, integer_max, false}, applied),
    integer<&Config::limits, &Limits::max_unauthenticated_bytes>(
        "max_unauthenticated_bytes", global, {1 << 20, integer_max, false}, applied),
    integer<&Config::limits, &Limits::global_max_clients>("global_max_clients", global, natural,
                                                          new_connections),
    integer<&Config::limits, &Limits::global_max_connections>("global_max_connections", global,
                                                              natural, new_connections),
    integer<&Config::limits, &Limits::max_inflight_bytes>("max_inflight_bytes", global, natural,
                                                          applied),
    max_inflight_messages_row(),
    memory_limit_row(),
    integer<&Config::limits, &Limits::max_keepalive_s>("max_keepalive", global, short_natural,
                                                       new_connections),
    integer<&Config::limits, &Limits::max_packet_size_bytes>(
        "max_packet_size", global, {20, integer_max, false}, new_connections),
    integer<&Config::limits, &Limits::max_queued_bytes>("max_queued_bytes", global, natural,
                                                        applied),
    integer<&Config::limits, &Limits::max_queued_messages>("max_queued_messages", global, natural,
                                                           applied),
    deprecated(integer<&Config::limits, &Limits::message_size_limit_bytes>(
        "message_size_limit", global, {0, 268'435'455, false}, applied)),
});

}  // namespace

std::span<const Directive> subject::limits() {
  return table;
}

}  // namespace broker
