#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace broker {

/// Hashes topics and their levels. Each object has a random seed: clients choose the texts, and
/// without the seed they cannot choose texts that collide.
class TextHash {
 public:
  TextHash();

  std::uint64_t operator()(std::string_view text) const {
    const char* at = text.data();
    std::size_t left = text.size();
    std::uint64_t hash = seed_ + left * golden;
    for (; left > 8; at += 8, left -= 8) hash = multiply_and_fold(hash ^ load<std::uint64_t>(at));
    return multiply_and_fold(hash ^ tail(at, left));
  }

  /// One hash of two values, the second of which is no text (an address, a number).
  std::uint64_t combine(std::uint64_t hash, std::uint64_t with) const {
    return multiply_and_fold(hash ^ (with * golden) ^ seed_);
  }

 private:
  static constexpr std::uint64_t golden = 0x9E3779B97F4A7C15U;

  template <typename Word>
  static Word load(const char* at) {
    Word word;
    std::memcpy(&word, at, sizeof word);
    return word;
  }

  /// The last 0 to 8 bytes as one number, without reading beyond them.
  static std::uint64_t tail(const char* at, std::size_t left) {
    if (left >= 4) {
      return std::uint64_t{load<std::uint32_t>(at)} << 32 | load<std::uint32_t>(at + left - 4);
    }
    if (left == 0) return 0;
    const auto byte = [at](std::size_t i) {
      return std::uint64_t{static_cast<unsigned char>(at[i])};
    };
    return byte(0) << 16 | byte(left / 2) << 8 | byte(left - 1);
  }

  /// The two halves of the 128-bit product, folded into one: every bit of the input reaches every
  /// bit of the result.
  static std::uint64_t multiply_and_fold(std::uint64_t value) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = Wide{value} * 0xD6E8FEB86659FD93U;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }

  std::uint64_t seed_;
};

}  // namespace broker
