#include "bench/load/message_header.h"

#include <array>
#include <bit>
#include <cstring>

namespace bench {
namespace {

// Layout, in the byte order of the machine (the receivers of a run are of one kind):
//   0  u16  magic        8  u32 sender       24  time
//   2  u16  flags       12  u32 checksum
//   4  u32  run         16  u64 sequence
constexpr std::uint16_t magic = 0x9B71;
constexpr std::uint16_t measured_flag = 1;
constexpr std::size_t checksum_at = 12;

constexpr std::uint64_t prime = 0x9E3779B97F4A7C15;

template <class Number>
void put(mqtt::MutableByteView bytes, std::size_t at, Number number) {
  std::memcpy(bytes.data() + at, &number, sizeof(number));
}

template <class Number>
Number get(mqtt::ByteView bytes, std::size_t at) {
  Number number;
  std::memcpy(&number, bytes.data() + at, sizeof(number));
  return number;
}

std::uint64_t mixed(std::uint64_t sum, std::uint64_t word) {
  return std::rotl((sum ^ word) * prime, 29);
}

std::uint32_t header_checksum(const MessageHeader& header, std::uint64_t surroundings) {
  std::uint64_t sum = surroundings + (header.measured ? prime : 0);
  sum = mixed(sum, std::uint64_t{header.run} << 32 | header.sender);
  sum = mixed(sum, header.sequence);
  sum = mixed(sum, header.time);
  return static_cast<std::uint32_t>(sum >> 32 ^ sum);
}

}  // namespace

std::uint64_t checksum(mqtt::ByteView bytes) {
  // Four chains, so that the processor need not wait for each product.
  std::array<std::uint64_t, 4> sums{1, 2, 3, bytes.size()};
  std::size_t at = 0;
  for (; at + 32 <= bytes.size(); at += 32) {
    for (std::size_t lane = 0; lane < 4; ++lane) {
      sums[lane] = mixed(sums[lane], get<std::uint64_t>(bytes, at + 8 * lane));
    }
  }
  for (; at + 8 <= bytes.size(); at += 8) {
    sums[0] = mixed(sums[0], get<std::uint64_t>(bytes, at));
  }
  std::uint64_t rest = 0;
  for (; at < bytes.size(); ++at) rest = rest << 8 | bytes[at];
  sums[1] = mixed(sums[1], rest);
  return mixed(mixed(mixed(sums[0], sums[1]), sums[2]), sums[3]);
}

std::uint64_t surroundings(std::string_view topic, mqtt::ByteView filler) {
  const std::uint64_t of_topic = checksum(mqtt::as_bytes(topic));
  return filler.empty() ? of_topic : mixed(of_topic, checksum(filler));
}

void write_header(const MessageHeader& header, std::uint64_t surroundings,
                  mqtt::MutableByteView payload) {
  put(payload, 0, magic);
  put(payload, 2, header.measured ? measured_flag : std::uint16_t{0});
  put(payload, 4, header.run);
  put(payload, 8, header.sender);
  put(payload, checksum_at, header_checksum(header, surroundings));
  put(payload, 16, header.sequence);
  put(payload, 24, header.time);
}

ReadHeader read_header(std::string_view topic, mqtt::ByteView payload) {
  ReadHeader read;
  if (payload.size() < MessageHeader::size || get<std::uint16_t>(payload, 0) != magic) {
    read.fault = HeaderFault::foreign;
    return read;
  }
  const auto flags = get<std::uint16_t>(payload, 2);
  read.header.run = get<std::uint32_t>(payload, 4);
  read.header.sender = get<std::uint32_t>(payload, 8);
  read.header.sequence = get<std::uint64_t>(payload, 16);
  read.header.time = get<std::uint64_t>(payload, 24);
  read.header.measured = flags == measured_flag;
  const std::uint64_t around = surroundings(topic, payload.subspan(MessageHeader::size));
  if (flags > measured_flag ||
      get<std::uint32_t>(payload, checksum_at) != header_checksum(read.header, around)) {
    read.fault = HeaderFault::corrupted;
  }
  return read;
}

}  // namespace bench
