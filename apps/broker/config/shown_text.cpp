#include "config/shown_text.h"

#include <algorithm>
#include <cstddef>

#include "mqtt/protocol/utf8.h"

namespace broker {

std::string shown(std::string_view text) {
  constexpr std::size_t longest = 80;
  std::string result(text.substr(0, longest));
  const bool ascii_only = !mqtt::is_valid_utf8(text) || text.size() > longest;
  std::replace_if(
      result.begin(), result.end(),
      [ascii_only](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte < 0x20U || byte == 0x7FU || (ascii_only && byte >= 0x80U);
      },
      '?');
  return text.size() > longest ? result + "..." : result;
}

}  // namespace broker
