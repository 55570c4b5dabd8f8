#include "cli/options/hex.h"

namespace cli {

std::optional<std::vector<std::uint8_t>> bytes_from_hex(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::vector<std::uint8_t> bytes;
  unsigned high = 0;
  for (std::size_t left = text.size(); left > 0; --left) {
    const int digit = hex_digit(text[text.size() - left]);
    if (digit < 0) return std::nullopt;
    if (left % 2 == 0) {
      high = static_cast<unsigned>(digit);
    } else {
      bytes.push_back(static_cast<std::uint8_t>(high << 4 | static_cast<unsigned>(digit)));
    }
  }
  return bytes;
}

}  // namespace cli
