#include "mqtt/protocol/frame_reader.h"

#include <catch2/catch.hpp>

#include <random>
#include <string>

#include "support/allocation_count.h"
#include "support/bytes_notation.h"

using namespace mqtt;
using Bytes = std::vector<std::uint8_t>;

namespace {

constexpr std::size_t limit = 1'000'000;

/// The frames that `reader` returns until it wants more, each as its bytes but for the length
/// field.
std::vector<Bytes> take_frames(FrameReader& reader) {
  std::vector<Bytes> frames;
  while (true) {
    const FrameResult result = reader.next();
    if (result.status != FrameStatus::frame) return frames;
    Bytes frame{result.frame.first_byte};
    frame.insert(frame.end(), result.frame.body.begin(), result.frame.body.end());
    frames.push_back(frame);
  }
}

/// What comes out if the stream arrives in pieces that end at `cuts`. Each piece lives in memory of
/// its own, which is gone after `keep_unread`.
std::vector<Bytes> frames_of_pieces(ByteView stream, const std::vector<std::size_t>& cuts) {
  FrameReader reader(limit);
  std::vector<Bytes> frames;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= cuts.size(); ++i) {
    const std::size_t end = i < cuts.size() ? cuts[i] : stream.size();
    const ByteView part = stream.subspan(begin, end - begin);
    Bytes piece(part.begin(), part.end());
    reader.feed(piece);
    for (Bytes& frame : take_frames(reader)) frames.push_back(std::move(frame));
    reader.keep_unread();
    std::fill(piece.begin(), piece.end(), std::uint8_t{0xEE});
    begin = end;
  }
  if (reader.unread_size() != 0) FAIL("bytes are left");
  return frames;
}

}  // namespace

TEST_CASE("a stream gives the same frames however it is cut into pieces") {
  SECTION("a short stream, in all ways that there are") {
    const Bytes stream = BytesNotation::parse("C0 00 30 [ ('a') 'hi' ] D0 00 40 02 00 07");
    const std::vector<Bytes> expected = frames_of_pieces(stream, {});
    REQUIRE(expected.size() == 4);
    REQUIRE(expected[1] == BytesNotation::parse("30 0001 'ahi'"));
    const std::size_t positions = stream.size() - 1;
    for (std::uint32_t ways = 0; ways < 1U << positions; ++ways) {
      std::vector<std::size_t> cuts;
      for (std::size_t i = 0; i < positions; ++i) {
        if ((ways >> i & 1U) != 0) cuts.push_back(i + 1);
      }
      const bool same = frames_of_pieces(stream, cuts) == expected;
      if (!same) FAIL("cut at the bits of " << ways);
    }
  }

  SECTION("length fields of every size, cut at every one and two positions") {
    const Bytes stream =
        BytesNotation::parse("30 [ 61*127 ] 31 [ 62*128 ] E0 00 32 [ 63*16384 ] C0 00");
    const std::vector<Bytes> expected = frames_of_pieces(stream, {});
    REQUIRE(expected.size() == 5);
    std::vector<std::size_t> near_headers;
    for (std::size_t at = 0; at < 280; ++at) near_headers.push_back(at);
    for (std::size_t at = stream.size() - 10; at < stream.size(); ++at) near_headers.push_back(at);
    for (const std::size_t first : near_headers) {
      for (const std::size_t second : {first, first + 1, first + 3, stream.size() - 2}) {
        const std::size_t last = std::min(std::max(first, second), stream.size());
        if (frames_of_pieces(stream, {first, last}) != expected) {
          FAIL("cut at " << first << " and " << last);
        }
      }
    }
  }

  SECTION("long random streams in random pieces") {
    std::mt19937 random(20);
    for (int round = 0; round < 200; ++round) {
      Bytes stream;
      for (int frame = 0; frame < 20; ++frame) {
        const Bytes more = BytesNotation::parse("30 [ 61*" + std::to_string(random() % 300) + " ]");
        stream.insert(stream.end(), more.begin(), more.end());
      }
      std::vector<std::size_t> cuts;
      for (std::size_t at = random() % 400; at < stream.size(); at += random() % 400) {
        cuts.push_back(at);
      }
      if (frames_of_pieces(stream, cuts) != frames_of_pieces(stream, {})) FAIL("round " << round);
    }
  }
}

TEST_CASE("a frame reader refuses what cannot be a packet") {
  FrameReader reader(100);

  SECTION("a length field of more than four bytes") {
    const Bytes bytes = BytesNotation::parse("30 80 80 80 80 01");
    reader.feed(bytes);
    const FrameResult result = reader.next();
    CHECK(result.status == FrameStatus::malformed);
    CHECK(result.malformed.reason == ReasonCode::malformed_packet);
    CHECK(result.malformed.reply == Malformed::Reply::none);
    CHECK(reader.next().status == FrameStatus::malformed);
  }

  SECTION("a length field of more than four bytes that comes in single bytes") {
    const Bytes bytes = BytesNotation::parse("30 FF FF FF FF");
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      reader.feed(ByteView(bytes).subspan(i, 1));
      const bool at_end = i + 1 == bytes.size();
      CHECK(reader.next().status == (at_end ? FrameStatus::malformed : FrameStatus::need_more));
      reader.keep_unread();
    }
    CHECK(reader.next().status == FrameStatus::malformed);
  }

  SECTION("a packet larger than allowed, as soon as its length is known") {
    const Bytes bytes = BytesNotation::parse("30 63");
    reader.feed(bytes);
    const FrameResult result = reader.next();
    CHECK(result.status == FrameStatus::malformed);
    CHECK(result.malformed.reason == ReasonCode::packet_too_large);
    CHECK(result.malformed.reply == Malformed::Reply::in_kind);
  }

  SECTION("but not a packet of the very size that is allowed") {
    const Bytes bytes = BytesNotation::parse("30 [ 61*98 ]");
    reader.feed(bytes);
    CHECK(reader.next().frame.size == 100);
  }

  SECTION("a CONNECT larger than allowed, without an answer") {
    const Bytes bytes = BytesNotation::parse("10 FF FF FF 7F");
    reader.feed(bytes);
    const FrameResult result = reader.next();
    CHECK(result.malformed.reason == ReasonCode::packet_too_large);
    CHECK(result.malformed.reply == Malformed::Reply::none);
  }

  SECTION("frames before it are returned all the same") {
    const Bytes bytes = BytesNotation::parse("C0 00 30 FF FF 7F");
    reader.feed(bytes);
    CHECK(reader.next().status == FrameStatus::frame);
    CHECK(reader.next().status == FrameStatus::malformed);
  }
}

TEST_CASE("a new limit holds from the next frame on") {
  FrameReader reader(10);
  const Bytes bytes = BytesNotation::parse("30 [ 61*8 ] 30 [ 61*20 ]");
  reader.feed(bytes);
  CHECK(reader.next().status == FrameStatus::frame);
  reader.set_max_packet_size(22);
  CHECK(reader.next().status == FrameStatus::frame);
}

TEST_CASE("a longer length field than needed is read, as MQTT 3.1 allows it") {
  const Bytes bytes = BytesNotation::parse("30 83 80 00 0001 'a'");
  const FrameResult result = read_frame(bytes, limit);
  CHECK(result.status == FrameStatus::frame);
  CHECK(result.frame.size == 7);
  CHECK(result.frame.body.size() == 3);
}

TEST_CASE("memory of a frame reader grows with what has arrived, not with what was announced") {
  FrameReader reader(300'000'000);
  const auto before = AllocationCount::so_far();
  const Bytes header = BytesNotation::parse("30 FF FF FF 7F");
  const auto by_notation = AllocationCount::so_far().bytes - before.bytes;
  reader.feed(header);
  CHECK(reader.next().status == FrameStatus::need_more);
  reader.keep_unread();
  const auto by_reader = AllocationCount::so_far().bytes - before.bytes - by_notation;
  CHECK(by_reader > 0);
  CHECK(by_reader <= 64);

  SECTION("and stays within a small multiple of it") {
    const Bytes piece(1000);
    const auto start = AllocationCount::so_far().bytes;
    for (int i = 0; i < 1000; ++i) {
      reader.feed(piece);
      CHECK(reader.next().status == FrameStatus::need_more);
      reader.keep_unread();
    }
    // All that a doubling vector ever took, added up.
    CHECK(AllocationCount::so_far().bytes - start <= 4 * 1'000'000);
  }
}

TEST_CASE("packets that arrive whole cost a frame reader no memory") {
  FrameReader reader(limit);
  const Bytes bytes = BytesNotation::parse("C0 00 30 [ ('a') 'hi' ] C0 00");
  const auto before = AllocationCount::so_far();
  for (int i = 0; i < 3; ++i) {
    reader.feed(bytes);
    while (reader.next().status == FrameStatus::frame) continue;
    reader.keep_unread();
  }
  CHECK(AllocationCount::so_far().calls == before.calls);
}

TEST_CASE("unread bytes can be taken to another reader") {
  FrameReader first(limit);
  const Bytes stream = BytesNotation::parse("10 [ 'connect' ] C0 00 30 [ ('a') 'hi' ] 40 02 00");
  const Bytes begin(stream.begin(), stream.begin() + 3);
  const Bytes rest(stream.begin() + 3, stream.end());
  first.feed(begin);
  CHECK(first.next().status == FrameStatus::need_more);
  first.keep_unread();
  first.feed(rest);
  CHECK(first.unread_size() == stream.size());
  CHECK(first.next().frame.type_number() == 1);
  CHECK(first.unread_size() == stream.size() - 9);

  Bytes unread = first.take_unread();
  CHECK(unread == Bytes(stream.begin() + 9, stream.end()));
  CHECK(first.unread_size() == 0);
  CHECK(first.next().status == FrameStatus::need_more);

  FrameReader second(limit);
  second.feed(unread);
  second.keep_unread();
  unread.clear();
  CHECK(take_frames(second).size() == 2);
  CHECK(second.unread_size() == 3);
  const Bytes last = {0x07, 0xC0, 0x00};
  second.feed(last);
  CHECK(take_frames(second) ==
        std::vector<Bytes>{BytesNotation::parse("40 0007"), BytesNotation::parse("C0")});
}
