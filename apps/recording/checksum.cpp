#include "recording/checksum.h"

#include <array>
#include <cstddef>

#include "recording/file_layout.h"

namespace recording {

namespace {

constexpr std::size_t lanes = 8;  // bytes at a time

/// `tables[n][byte]`: what a byte does to the sum that n zero bytes follow.
using Tables = std::array<std::array<std::uint32_t, 256>, lanes>;

constexpr Tables make_tables() {
  constexpr std::uint32_t reversed_polynomial = 0x82F63B78;
  Tables made{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t sum = byte;
    for (int bit = 0; bit < 8; ++bit) {
      sum = (sum & 1) != 0 ? sum >> 1 ^ reversed_polynomial : sum >> 1;
    }
    made[0][byte] = sum;
  }
  for (std::size_t lane = 1; lane < lanes; ++lane) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = made[lane - 1][byte];
      made[lane][byte] = before >> 8 ^ made[0][before & 0xFF];
    }
  }
  return made;
}

constexpr Tables tables = make_tables();

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
  std::uint32_t sum = 0xFFFFFFFF;
  while (bytes.size() >= lanes) {
    const std::uint64_t word = from_little_endian<std::uint64_t>(bytes) ^ sum;
    sum = 0;
    for (std::size_t i = 0; i < lanes; ++i) {
      sum ^= tables[lanes - 1 - i][word >> (8 * i) & 0xFF];
    }
    bytes.remove_prefix(lanes);
  }
  for (const char byte : bytes) {
    sum = sum >> 8 ^ tables[0][(sum ^ static_cast<unsigned char>(byte)) & 0xFF];
  }
  return ~sum;
}

}  // namespace recording
