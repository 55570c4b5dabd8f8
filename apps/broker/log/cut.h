#pragma once

#include <cstddef>
#include <string_view>

namespace broker {

/// The beginning of `text` that fits into `most_bytes`, without splitting a UTF-8 character.
inline std::string_view cut(std::string_view text, std::size_t most_bytes) {
  if (text.size() <= most_bytes) return text;
  const auto is_continuation = [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
  };
  while (most_bytes > 0 && is_continuation(text[most_bytes])) --most_bytes;
  return text.substr(0, most_bytes);
}

}  // namespace broker
