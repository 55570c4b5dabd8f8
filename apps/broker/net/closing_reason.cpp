#include "net/closing_reason.h"

#include <algorithm>
#include <string_view>

namespace broker {
namespace {

/// A to Z only, whatever the locale.
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::string closing_reason(mqtt::ReasonCode reason) {
  using enum mqtt::ReasonCode;
  switch (reason) {
    case not_authorized:
      return "not authorised";
    case packet_too_large:
      return "oversize packet";
    case qos_not_supported:
      return "used disallowed feature (QoS)";
    case retain_not_supported:
      return "used disallowed feature (retain)";
    default:
      break;
  }
  std::string words(mqtt::name(reason, mqtt::PacketType::disconnect));
  std::ranges::transform(words, words.begin(), lower);
  return words;
}

}  // namespace broker
