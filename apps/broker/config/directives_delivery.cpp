#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "config/directive_row.h"
#include "config/directive_subjects.h"

namespace broker {
namespace {

using namespace row;
using enum Scope;
using enum ReloadEffect;
using Type = ValueType;

Outcome set_retain_expiry_interval(const Directive& self, ConfigDraft& draft,
                                   std::string_view rest) {
  constexpr std::int32_t longest_min = 10'000'000;
  const std::string_view token = next_token(rest).text;
  const auto minutes = bounded_integer(token, self.bounds);
  if (!minutes) return refused(token);
  if (*minutes > longest_min) {
    draft.notes.push_back(
        {LogType::warning, fmt::format("{} is cut to {} minutes.", self.name, longest_min)});
  }
  draft.config.delivery.retain_expiry_interval_s =
      static_cast<std::uint32_t>(std::min(*minutes, longest_min)) * 60U;
  return {};
}

constexpr Directive retain_expiry_interval_row() {
  Directive row = integer<&Config::delivery, &DeliveryConfig::retain_expiry_interval_s>(
      "retain_expiry_interval", global, {1, integer_max, false}, applied);
  row.set = set_retain_expiry_interval;
  row.text = [](const Directive&, const Settings& settings) {
    const std::uint32_t interval_s = settings.config.delivery.retain_expiry_interval_s;
    return interval_s == 0 ? std::string("unset") : text_of(interval_s / 60U);
  };
  return row;
}

/// How messages are queued, retained and delivered.
constexpr auto table = std::to_array<Directive>({
    choice<QueueOverflow::drop_new, &Config::delivery, &DeliveryConfig::queue_overflow>(
        "queue_overflow", global, "drop_new drop_old disconnect", applied),
    deprecated(boolean<&Config::delivery, &DeliveryConfig::allow_duplicate_messages>(
        "allow_duplicate_messages", global, applied)),
    boolean<&Config::delivery, &DeliveryConfig::queue_qos0_messages>("queue_qos0_messages", global,
                                                                     applied),
    boolean<&Config::delivery, &DeliveryConfig::retain_available>("retain_available", global,
                                                                  new_connections),
    boolean<&Config::delivery, &DeliveryConfig::check_retain_source>("check_retain_source", global,
                                                                     applied),
    retain_expiry_interval_row(),
    boolean<&Config::delivery, &DeliveryConfig::upgrade_outgoing_qos>("upgrade_outgoing_qos",
                                                                      global, applied),
    without_effect("retry_interval", global, Type::integer),
});

}  // namespace

std::span<const Directive> subject::delivery() {
  return table;
}

}  // namespace broker
