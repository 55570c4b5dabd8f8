#include "routing/match_cache.h"

#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <string>

using namespace broker;

namespace {

MatchPtr match_of(std::size_t receivers) {
  auto match = std::make_shared<Match>();
  match->receivers.resize(receivers);
  return match;
}

}  // namespace

TEST_CASE("A match is found under its topic and generation, and under no other") {
  MatchCache cache;
  const MatchPtr match = match_of(1);
  CHECK(cache.find("a/b", 1) == nullptr);
  CHECK(*cache.insert("a/b", 1, match) == match);
  REQUIRE(cache.find("a/b", 1) != nullptr);
  CHECK(*cache.find("a/b", 1) == match);
  CHECK(cache.find("a/b", 2) == nullptr);
  CHECK(cache.find("a/c", 1) == nullptr);
  CHECK(cache.find("a", 1) == nullptr);
}

TEST_CASE("What is of an old generation is replaced in its place") {
  MatchCache cache;
  cache.insert("a", 1, match_of(100));
  const std::size_t before = cache.bytes();
  const MatchPtr fresh = match_of(1);
  cache.insert("a", 2, fresh);
  CHECK(cache.entry_count() == 1);
  CHECK(cache.bytes() < before);
  CHECK(cache.find("a", 1) == nullptr);
  CHECK(*cache.find("a", 2) == fresh);
}

TEST_CASE("A full cache makes room for the new") {
  MatchCache cache(4);
  for (int i = 0; i < 4; ++i) cache.insert("t" + std::to_string(i), 1, match_of(0));

  SECTION("by what was not found of late") {
    for (const auto* topic : {"t0", "t1", "t3"}) CHECK(cache.find(topic, 1) != nullptr);
    cache.insert("new", 1, match_of(0));
    CHECK(cache.entry_count() == 4);
    CHECK(cache.find("t2", 1) == nullptr);
    for (const auto* topic : {"t0", "t1", "t3", "new"}) CHECK(cache.find(topic, 1) != nullptr);
  }
  SECTION("also if all were found") {
    for (int i = 0; i < 4; ++i) CHECK(cache.find("t" + std::to_string(i), 1) != nullptr);
    cache.insert("new", 1, match_of(0));
    CHECK(cache.entry_count() == 4);
    CHECK(cache.find("new", 1) != nullptr);
  }
}

TEST_CASE("What is found often outlives any number of topics that come once") {
  MatchCache cache(16);
  cache.insert("hot", 1, match_of(0));
  bool always = true;
  for (int i = 0; i < 1000; ++i) {
    always = always && cache.find("hot", 1) != nullptr;
    cache.insert("once/" + std::to_string(i), 1, match_of(0));
  }
  CHECK(always);
}

TEST_CASE("The cache is bounded in bytes too") {
  constexpr std::size_t max_bytes = 100'000;
  MatchCache cache(1'000'000, max_bytes);
  bool within = true;
  for (int i = 0; i < 1000; ++i) {
    cache.insert("t" + std::to_string(i), 1, match_of(static_cast<std::size_t>(i)));
    within = within && cache.bytes() <= max_bytes;
  }
  CHECK(within);
  CHECK(cache.entry_count() > 1);

  SECTION("what is larger than all of it is kept alone") {
    const MatchPtr huge = match_of(100'000);
    CHECK(*cache.insert("huge", 1, huge) == huge);
    CHECK(cache.entry_count() == 1);
    CHECK(*cache.find("huge", 1) == huge);
    cache.insert("small", 1, match_of(1));
    CHECK(cache.bytes() <= max_bytes);
    CHECK(cache.find("small", 1) != nullptr);
  }
  SECTION("a topic whose match has grown pushes others out, not itself") {
    const MatchPtr grown = match_of(4000);
    CHECK(*cache.insert("t999", 2, grown) == grown);
    CHECK(cache.bytes() <= max_bytes);
    CHECK(*cache.find("t999", 2) == grown);
  }
}

TEST_CASE("A cache never answers what was not inserted last for the topic") {
  const auto seed = GENERATE(take(10, random(1, 1'000'000'000)));
  INFO("seed " << seed);
  std::mt19937 random(static_cast<unsigned>(seed));
  MatchCache cache(1 + random() % 64, 1 + random() % 40'000);
  struct Last {
    std::uint64_t generation;
    MatchPtr match;
  };
  std::map<std::string, Last> last;
  for (int step = 0; step < 5000; ++step) {
    const std::string topic = "t/" + std::to_string(random() % 100);
    const std::uint64_t generation = random() % 3;
    if (const MatchPtr* found = cache.find(topic, generation)) {
      REQUIRE(last.at(topic).generation == generation);
      REQUIRE(last.at(topic).match == *found);
    } else {
      const MatchPtr match = match_of(random() % 50);
      REQUIRE(*cache.insert(topic, generation, match) == match);
      last[topic] = {generation, match};
      REQUIRE(*cache.find(topic, generation) == match);
    }
  }
}
