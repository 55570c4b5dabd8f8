#include "routing/hash_index.h"

#include <catch2/catch.hpp>
#include <random>
#include <set>
#include <string>

#include "routing/text_hash.h"

using namespace broker;

TEST_CASE("An index holds what a set holds, also when hashes collide") {
  const auto seed = GENERATE(take(10, random(1, 1'000'000'000)));
  INFO("seed " << seed);
  std::mt19937 random(static_cast<unsigned>(seed));
  // From "all collide" to "hardly any collide".
  const std::uint64_t spread = std::uint64_t{1} << (random() % 16);
  const auto hash = [spread](std::uint32_t value) { return value % spread * 0x9E3779B97F4A7C15U; };
  const auto is = [](std::uint32_t value) {
    return [value](std::uint32_t other) { return other == value; };
  };
  HashIndex<std::uint32_t> index;
  std::set<std::uint32_t> model;
  for (int step = 0; step < 3000; ++step) {
    const auto value = static_cast<std::uint32_t>(random() % 300);
    const bool grows = (step / 500) % 2 == 0;
    if (random() % 100 < (grows ? 70 : 30)) {
      if (model.insert(value).second) index.insert(hash(value), value);
    } else {
      REQUIRE(index.erase(hash(value), is(value)) == (model.erase(value) == 1));
    }
    REQUIRE(index.size() == model.size());
    const auto other = static_cast<std::uint32_t>(random() % 300);
    const std::uint32_t* found = index.find(hash(other), is(other));
    REQUIRE((found != nullptr) == model.contains(other));
    if (found != nullptr) REQUIRE(*found == other);
  }
  std::set<std::uint32_t> visited;
  index.for_each([&visited](std::uint32_t value) { visited.insert(value); });
  CHECK(visited == model);
}

TEST_CASE("Texts that differ in one place have different hashes") {
  const TextHash hash;
  std::set<std::uint64_t> seen;
  std::size_t texts = 0;
  for (std::size_t length = 0; length < 40; ++length) {
    std::string text(length, 'a');
    seen.insert(hash(text));
    ++texts;
    for (std::size_t at = 0; at < length; ++at) {
      std::string other = text;
      other[at] = 'b';
      seen.insert(hash(other));
      ++texts;
    }
  }
  CHECK(seen.size() == texts);
}

TEST_CASE("Every hash object has a seed of its own") {
  CHECK(TextHash()("sensors") != TextHash()("sensors"));
}
