#include "mqtt/credentials/base64.h"

#include <array>

namespace mqtt {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t no_digit = 0xFF;

constexpr std::array<std::uint8_t, 256> digit_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(no_digit);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    values[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}
constexpr auto values = digit_values();

/// Removes the required padding; nothing if it is missing.
std::optional<std::string_view> without_padding(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  return text;
}

}  // namespace

std::string to_base64(ByteView bytes, Base64Padding padding) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  unsigned pending = 0;
  unsigned pending_bits = 0;
  for (const std::uint8_t byte : bytes) {
    pending = pending << 8U | byte;
    for (pending_bits += 8; pending_bits >= 6; pending_bits -= 6) {
      text += alphabet[pending >> (pending_bits - 6) & 0x3FU];
    }
  }
  if (pending_bits != 0) text += alphabet[pending << (6 - pending_bits) & 0x3FU];
  while (padding == Base64Padding::padded && text.size() % 4 != 0) text += '=';
  return text;
}

std::optional<std::vector<std::uint8_t>> from_base64(std::string_view text, Base64Padding padding) {
  if (padding == Base64Padding::padded) {
    const auto digits = without_padding(text);
    if (!digits) return std::nullopt;
    text = *digits;
  }
  if (text.size() % 4 == 1) return std::nullopt;
  std::vector<std::uint8_t> bytes;
  bytes.reserve(text.size() * 3 / 4);
  unsigned pending = 0;
  unsigned pending_bits = 0;
  for (const char character : text) {
    const std::uint8_t value = values[static_cast<std::uint8_t>(character)];
    if (value == no_digit) return std::nullopt;
    pending = pending << 6U | value;
    pending_bits += 6;
    if (pending_bits < 8) continue;
    pending_bits -= 8;
    bytes.push_back(static_cast<std::uint8_t>(pending >> pending_bits & 0xFFU));
  }
  const unsigned left_over = pending & ((1U << pending_bits) - 1U);
  if (left_over != 0) return std::nullopt;
  return bytes;
}

}  // namespace mqtt
