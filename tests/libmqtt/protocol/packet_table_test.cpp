// The packet table against decode, encode and framing.
#include <catch2/catch.hpp>

#include <limits>
#include <set>

#include "mqtt/protocol/decode.h"
#include "mqtt/protocol/encode.h"
#include "support/bytes_notation.h"
#include "support/packet_table.h"
#include "support/packet_text.h"

using namespace mqtt;
using packet_table::Row;

namespace {

constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();
constexpr ProtocolVersion versions[] = {ProtocolVersion::v31, ProtocolVersion::v311,
                                        ProtocolVersion::v5};

template <class Check>
void for_each_row(Check check) {
  for (const Row& row : packet_table::rows()) {
    const auto bytes = BytesNotation::parse(row.bytes);
    for (const ProtocolVersion version : versions) {
      if (!packet_table::contains(row.versions, version)) continue;
      INFO(row.name << ", version " << static_cast<int>(version));
      check(row, bytes, version);
    }
  }
}

std::string refusal_text(const Malformed& malformed) {
  return packet_text::reason_text(malformed.reason) + " reply " +
         std::to_string(static_cast<int>(malformed.reply));
}

}  // namespace

TEST_CASE("every packet of the table is decoded to its value or refused as it says") {
  for_each_row([](const Row& row, const auto& bytes, ProtocolVersion version) {
    const auto decoded = decode(bytes, version, no_limit);
    if (const auto* malformed = std::get_if<Malformed>(&decoded)) {
      const Malformed expected{row.verdict.reason, "", row.verdict.reply};
      CHECK_FALSE(row.verdict.accepted);
      CHECK(refusal_text(*malformed) == refusal_text(expected));
      CHECK_FALSE(malformed->detail.empty());
      return;
    }
    REQUIRE(std::holds_alternative<DecodedPacket>(decoded));
    const auto& [packet, size] = std::get<DecodedPacket>(decoded);
    CHECK(row.verdict.accepted);
    CHECK(packet_text::to_text(packet) == row.text);
    CHECK(size == bytes.size());
  });
}

TEST_CASE("every valid packet of the table is encoded to its bytes, in its shortest form") {
  for_each_row([](const Row& row, const auto& bytes, ProtocolVersion version) {
    if (!row.verdict.accepted) return;
    const auto decoded = decode(bytes, version, no_limit);
    REQUIRE(std::holds_alternative<DecodedPacket>(decoded));
    const Packet& packet = std::get<DecodedPacket>(decoded).packet;
    const auto expected = row.shortest.empty() ? bytes : BytesNotation::parse(row.shortest);
    CHECK(encoded_size(packet, version) == expected.size());
    CHECK((encoded(packet, version) == expected));
    const auto again = decode(expected, version, no_limit);
    REQUIRE(std::holds_alternative<DecodedPacket>(again));
    CHECK(packet_text::to_text(std::get<DecodedPacket>(again).packet) == row.text);
  });
}

TEST_CASE("every prefix of a packet of the table needs more, and what follows a packet is left") {
  for_each_row([](const Row&, auto bytes, ProtocolVersion) {
    std::size_t too_early = 0;
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const auto status = read_frame(ByteView(bytes).first(size), no_limit).status;
      too_early += status == FrameStatus::need_more ? 0U : 1U;
    }
    CHECK(too_early == 0);

    const std::size_t size = bytes.size();
    bytes.push_back(0xC0);
    const FrameResult result = read_frame(bytes, no_limit);
    CHECK(result.status == FrameStatus::frame);
    CHECK(result.frame.size == size);
    CHECK(result.frame.body.data() + result.frame.body.size() == bytes.data() + size);
  });
}

TEST_CASE("a packet whose body ends early is decoded without reading beyond the end") {
  // A body of its own size on the heap, so that a sanitizer sees each byte that is too much.
  for_each_row([](const Row&, const auto& bytes, ProtocolVersion version) {
    const FrameResult whole = read_frame(bytes, no_limit);
    REQUIRE(whole.status == FrameStatus::frame);
    if (whole.frame.body.size() > 1000) return;
    for (std::size_t size = 0; size < whole.frame.body.size(); ++size) {
      const std::vector<std::uint8_t> body(
          whole.frame.body.begin(), whole.frame.body.begin() + static_cast<std::ptrdiff_t>(size));
      const auto packet = decode(Frame{whole.frame.first_byte, body, size + 2}, version);
      if (packet) CHECK_FALSE(packet_text::to_text(*packet).empty());
    }
  });
}

TEST_CASE("the packet table has no two rows of one name, and no row for no version") {
  std::set<std::string> names;
  for (const Row& row : packet_table::rows()) {
    INFO(row.name);
    CHECK(names.insert(row.name).second);
    CHECK(row.versions != 0);
    CHECK(row.verdict.accepted == !row.text.empty());
  }
}
