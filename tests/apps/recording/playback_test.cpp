#include "recording/playback.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <limits>

using namespace std::chrono_literals;
using recording::Playback;
using recording::Record;

namespace {

Record at(std::chrono::nanoseconds time, std::uint32_t part = 0) {
  return {time, {}, part};
}

const Playback::Moment start{1000s};

}  // namespace

TEST_CASE("Messages are due after the gaps that they were recorded with") {
  Playback playback(1);
  CHECK(playback.due(at(50s), start) == start);
  CHECK(playback.due(at(50s + 700us), start + 1us) == start + 700us);
  SECTION("and one that is late makes none behind it later") {
    CHECK(playback.due(at(51s), start + 10s) == start + 1s);
    CHECK(playback.due(at(61s), start + 10s) == start + 11s);
  }
  SECTION("another part begins at once, whatever its time") {
    CHECK(playback.due(at(7s, 1), start + 5s) == start + 5s);
    CHECK(playback.due(at(8s, 1), start + 5s) == start + 6s);
  }
  SECTION("so does the recording when it is played again") {
    playback.rewind();
    CHECK(playback.due(at(50s), start + 5s) == start + 5s);
  }
  SECTION("a gap of centuries is a long one, and no overflow") {
    const std::chrono::nanoseconds latest{std::numeric_limits<std::int64_t>::max()};
    CHECK(playback.due(at(latest), start) > start + std::chrono::hours(24 * 365 * 99));
  }
}

TEST_CASE("The speed divides the gaps") {
  Playback fast(4);
  fast.due(at(0s), start);
  CHECK(fast.due(at(8s), start) == start + 2s);
  Playback slow(0.5);
  slow.due(at(0s), start);
  CHECK(slow.due(at(8s), start) == start + 16s);
  Playback at_once(0);
  at_once.due(at(0s), start);
  CHECK(at_once.due(at(8s), start + 1ms) == start + 1ms);
}

TEST_CASE("The broker's own topics are played behind a prefix only") {
  CHECK(recording::is_playable("a/$b", ""));
  CHECK_FALSE(recording::is_playable("$SYS/broker/uptime", ""));
  CHECK(recording::is_playable("$SYS/broker/uptime", "copy/"));
}

TEST_CASE("What a client may not send is not played") {
  mqtt::PropertyList properties;
  properties.add(mqtt::PropertyId::content_type, "text");
  properties.add(mqtt::PropertyId::subscription_identifier, 3);
  properties.add(mqtt::PropertyId::topic_alias, 4);
  properties.add_user_property("k", "v");
  const mqtt::PropertyList playable = recording::playable_properties(properties);
  std::vector<mqtt::PropertyId> ids;
  for (const mqtt::Property& property : playable.view()) ids.push_back(property.id);
  CHECK(ids == std::vector{mqtt::PropertyId::content_type, mqtt::PropertyId::user_property});
}
