#include "bench/load/message_header.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace bench {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes message(const MessageHeader& header, std::string_view topic, std::size_t size) {
  Bytes payload(size);
  for (std::size_t i = MessageHeader::size; i < size; ++i) {
    payload[i] = static_cast<std::uint8_t>(i * 31);
  }
  const auto filler = mqtt::ByteView(payload).subspan(MessageHeader::size);
  write_header(header, surroundings(topic, filler), payload);
  return payload;
}

const MessageHeader example{0xA1B2C3D4, 7, 0x0123456789ULL, 1'700'000'000'123'456'789ULL, true};

}  // namespace

TEST_CASE("a message header is read as it was written, whatever the payload's size") {
  for (const std::size_t size : {32U, 33U, 39U, 40U, 64U, 65U, 71U, 1000U, 16384U}) {
    for (const bool measured : {false, true}) {
      MessageHeader header = example;
      header.measured = measured;
      const ReadHeader read = read_header("bench/7", message(header, "bench/7", size));
      CAPTURE(size);
      CHECK_FALSE(read.fault.has_value());
      CHECK(read.header == header);
    }
  }
}

TEST_CASE("a payload without a message header is foreign") {
  CHECK(read_header("t", {}).fault == HeaderFault::foreign);
  CHECK(read_header("t", Bytes(31)).fault == HeaderFault::foreign);
  CHECK(read_header("t", Bytes(64)).fault == HeaderFault::foreign);
}

TEST_CASE("a change of any single bit is noticed") {
  const Bytes good = message(example, "bench/7", 75);
  for (std::size_t byte = 2; byte < good.size(); ++byte) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      Bytes bad = good;
      bad[byte] ^= static_cast<std::uint8_t>(1U << bit);
      CAPTURE(byte, bit);
      REQUIRE(read_header("bench/7", bad).fault == HeaderFault::corrupted);
    }
  }
}

TEST_CASE("another topic, a cut payload and moved words are noticed") {
  const Bytes good = message(example, "bench/7", 128);
  CHECK(read_header("bench/8", good).fault == HeaderFault::corrupted);
  CHECK(read_header("bench/7", mqtt::ByteView(good).first(127)).fault == HeaderFault::corrupted);
  Bytes longer = good;
  longer.push_back(0);
  CHECK(read_header("bench/7", longer).fault == HeaderFault::corrupted);
  Bytes moved = good;
  std::swap_ranges(moved.begin() + 40, moved.begin() + 48, moved.begin() + 48);
  CHECK(read_header("bench/7", moved).fault == HeaderFault::corrupted);
  Bytes far = good;
  std::swap_ranges(far.begin() + 32, far.begin() + 64, far.begin() + 64);
  CHECK(read_header("bench/7", far).fault == HeaderFault::corrupted);
}

}  // namespace bench
