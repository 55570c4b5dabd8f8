#include "mqtt/protocol/utf8.h"

#include <catch2/catch.hpp>

#include <cstdint>
#include <random>
#include <string>

using mqtt::is_valid_utf8;

namespace {

/// Code points that MQTT lets into a text.
bool is_text(std::uint32_t point) {
  if (point < 0x20 || (point >= 0x7F && point <= 0x9F)) return false;
  if (point >= 0xD800 && point <= 0xDFFF) return false;
  if (point >= 0xFDD0 && point <= 0xFDEF) return false;
  return point % 0x10000 < 0xFFFE && point <= 0x10FFFF;
}

/// The bytes of a code point by the scheme of UTF-8, in `size` bytes, sensible or not.
std::string in_bytes(std::uint32_t point, int size) {
  constexpr unsigned lead[] = {0, 0x00, 0xC0, 0xE0, 0xF0};
  std::string bytes(1, static_cast<char>(lead[size] | point >> (6 * (size - 1))));
  for (int i = size - 2; i >= 0; --i) {
    bytes += static_cast<char>(0x80U | (point >> (6 * i) & 0x3FU));
  }
  return bytes;
}

int shortest_size(std::uint32_t point) {
  return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
}

/// A decoder that tries all sizes for each code point and compares bytes.
bool naive_is_valid(const std::string& text) {
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t taken = 0;
    for (int size = 1; size <= 4 && taken == 0; ++size) {
      const std::string bytes = text.substr(at, static_cast<std::size_t>(size));
      if (bytes.size() != static_cast<std::size_t>(size)) break;
      std::uint32_t point = size == 1 ? static_cast<unsigned char>(bytes[0])
                                      : static_cast<unsigned char>(bytes[0]) & (0x7FU >> size);
      for (std::size_t i = 1; i < bytes.size(); ++i) {
        point = point << 6 | (static_cast<unsigned char>(bytes[i]) & 0x3FU);
      }
      const bool is_it =
          is_text(point) && shortest_size(point) == size && in_bytes(point, size) == bytes;
      if (is_it) taken = bytes.size();
    }
    if (taken == 0) return false;
    at += taken;
  }
  return true;
}

}  // namespace

TEST_CASE("each code point is valid text or not as MQTT says") {  // [MQTT-1.5.4-1] [MQTT-1.5.4-2]
  std::size_t wrong = 0;
  for (std::uint32_t point = 0; point <= 0x1FFFFF; point += point < 0x110000 ? 1 : 257) {
    const std::string bytes = in_bytes(point, shortest_size(point));
    wrong += is_valid_utf8(bytes) == is_text(point) ? 0U : 1U;
    // Across the end of a word of eight bytes.
    wrong += is_valid_utf8("abcdefg" + bytes) == is_text(point) ? 0U : 1U;
  }
  CHECK(wrong == 0);
}

TEST_CASE("an overlong form is never valid text") {
  std::size_t wrong = 0;
  for (std::uint32_t point = 0; point < 0x10000; ++point) {
    for (int size = shortest_size(point) + 1; size <= 4; ++size) {
      wrong += is_valid_utf8(in_bytes(point, size)) ? 1U : 0U;
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("a byte order mark is a character like others") {  // [MQTT-1.5.4-3]
  CHECK(is_valid_utf8("\xEF\xBB\xBF"));
  CHECK(is_valid_utf8("a\xEF\xBB\xBF"));
}

TEST_CASE("a character that is cut off is not valid text") {
  for (const std::string whole : {"\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"}) {
    for (std::size_t size = 1; size < whole.size(); ++size) {
      CHECK_FALSE(is_valid_utf8(whole.substr(0, size)));
      CHECK_FALSE(is_valid_utf8("abcdefgh" + whole.substr(0, size)));
      CHECK_FALSE(is_valid_utf8(whole.substr(0, size) + "abcdefgh"));
    }
    CHECK(is_valid_utf8(whole));
  }
}

TEST_CASE("every byte at every place of an ASCII text is seen") {
  for (std::size_t size = 1; size <= 33; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string text(size, 'a');
        text[at] = static_cast<char>(byte);
        const bool expected = byte >= 0x20 && byte < 0x7F;
        if (is_valid_utf8(text) != expected)
          FAIL("byte " << byte << " at " << at << " of " << size);
      }
    }
  }
}

TEST_CASE("random bytes are valid text exactly if a naive decoder says so") {
  std::mt19937 random(8);
  std::size_t valid = 0;
  for (int round = 0; round < 50'000; ++round) {
    std::string text;
    const std::size_t pieces = 1 + random() % 10;
    for (std::size_t i = 0; i < pieces; ++i) {
      const auto kind = random() % 8;
      if (kind < 3) {
        text += std::string(random() % 12, static_cast<char>(0x20 + random() % 0x5F));
      } else if (kind < 7) {
        const auto point =
            static_cast<std::uint32_t>(random() % (random() % 2 == 0 ? 0x1000 : 0x110000));
        text += in_bytes(point, shortest_size(point));
      } else if (random() % 4 == 0) {
        text += static_cast<char>(random() % 256);
      }
    }
    const bool expected = naive_is_valid(text);
    valid += expected ? 1U : 0U;
    if (is_valid_utf8(text) != expected) FAIL("round " << round);
  }
  CHECK(valid > 5'000);
  CHECK(valid < 45'000);
}
