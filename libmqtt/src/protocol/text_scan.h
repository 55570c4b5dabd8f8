#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

/// One pass over a string field: is it acceptable UTF-8, and which ASCII characters are in it?
///
/// Nearly all topics are ASCII, so eight bytes are looked at in one go. "Plain" below is a byte in
/// 0x20..0x7E: ASCII without the control characters that `is_valid_utf8` refuses. The tests on
/// words rely on every byte being below 0x80, so that no addition carries into its neighbour.
namespace mqtt::text_scan {

constexpr std::uint64_t repeat(std::uint8_t byte) {
  return byte * 0x0101'0101'0101'0101U;
}

inline constexpr std::uint64_t high_bits = repeat(0x80);
/// Stands where a word has no character: plain, and no character with a meaning in topics.
inline constexpr std::uint64_t filler = repeat('a');

/// Whether all eight bytes are plain. A byte with its high bit set makes the answer no, whatever it
/// carries into the others.
constexpr bool is_plain(std::uint64_t word) {
  const std::uint64_t not_delete = word + repeat(0x01);  // high bit: the byte was 0x7F
  const std::uint64_t no_control = word + repeat(0x60);  // no high bit: the byte was below 0x20
  return ((word | not_delete | ~no_control) & high_bits) == 0;
}

/// The high bit of every byte of `word`, a plain word, that equals `character`.
constexpr std::uint64_t where_equal(std::uint64_t word, char character) {
  const std::uint64_t difference = word ^ repeat(static_cast<std::uint8_t>(character));
  return ~(difference + repeat(0x7F)) & high_bits;
}

/// How many high bits `where_equal` answered.
constexpr std::size_t count(std::uint64_t where) {
  return static_cast<std::size_t>((where >> 7) * repeat(0x01) >> 56);
}

inline std::uint64_t load(const std::uint8_t* at) {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

/// One to seven bytes in any order, the rest of the word filled up.
inline std::uint64_t load_tail(const std::uint8_t* at, std::size_t size) {
  std::uint64_t word = filler;
  if ((size & 4U) != 0) {
    std::uint32_t four;
    std::memcpy(&four, at, sizeof four);
    word = word << 32 | four;
    at += 4;
  }
  if ((size & 2U) != 0) {
    std::uint16_t two;
    std::memcpy(&two, at, sizeof two);
    word = word << 16 | two;
    at += 2;
  }
  return (size & 1U) != 0 ? word << 8 | *at : word;
}

/// Bytes of the code point that [at, end) begins with; 0 if it is none, or one that a string field
/// may not hold.
std::size_t code_point_size(const std::uint8_t* at, const std::uint8_t* end);

/// Takes one code point off the front and shows it to `on_word` if it is ASCII.
template <class OnWord>
bool scan_code_point(const std::uint8_t*& at, const std::uint8_t* end, OnWord& on_word) {
  const std::size_t size = code_point_size(at, end);
  if (size == 0) return false;
  if (size == 1) on_word(filler << 8 | *at);
  at += size;
  return true;
}

/// Whether `text` may stand in a string field (see `is_valid_utf8`). Calls on_word(std::uint64_t)
/// with plain words that together hold each ASCII character of the text once, plus fillers; the
/// order of characters within a word is not theirs.
template <class OnWord>
bool scan(std::string_view text, OnWord on_word) {
  const auto* at = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto* const end = at + text.size();
  while (end - at >= 8) {
    const std::uint64_t word = load(at);
    if (is_plain(word)) {
      on_word(word);
      at += 8;
      continue;
    }
    do {
      if (!scan_code_point(at, end, on_word)) return false;
    } while (at != end && *at >= 0x80);
  }
  if (at == end) return true;
  const std::uint64_t tail = load_tail(at, static_cast<std::size_t>(end - at));
  if (is_plain(tail)) {
    on_word(tail);
    return true;
  }
  while (at != end) {
    if (!scan_code_point(at, end, on_word)) return false;
  }
  return true;
}

}  // namespace mqtt::text_scan
