/// Random clients against a broker and against a model of it that was written from the standard.
///
/// A failure prints the seed and a short script. MQTT_MODEL_SEED and MQTT_MODEL_RUNS choose other
/// scripts, and more of them.

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>

#include "broker/model/script.h"
#include "broker/model/shrink.h"
#include "broker/model/world.h"
#include "support/sanitized.h"

namespace {

constexpr std::uint64_t default_seed = 20'000;
constexpr std::uint64_t default_runs = test::sanitized ? 20 : 60;
constexpr std::size_t steps = 70;
constexpr std::size_t most_tries = 400;

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::stoull(text);
}

std::string report(std::uint64_t seed, const model::Setting& setting, const model::Script& script,
                   const std::string& failure) {
  const model::Script shortest = model::shrunk(script, most_tries, [&](const model::Script& part) {
    return model::World::play(setting, part).has_value();
  });
  const auto again = model::World::play(setting, shortest);
  return "seed " + std::to_string(seed) + ", " + model::to_text(setting, shortest) + "fails " +
         again.value_or("not every time; the whole script did " + failure);
}

void play_all(unsigned workers) {
  const std::uint64_t first = from_environment("MQTT_MODEL_SEED", default_seed);
  const std::uint64_t runs = from_environment("MQTT_MODEL_RUNS", default_runs);
  for (std::uint64_t seed = first; seed < first + runs; ++seed) {
    const model::Setting setting = model::random_setting(seed, workers);
    const model::Script script = model::random_script(seed, setting, steps);
    const auto failure = model::World::play(setting, script);
    if (failure) FAIL(report(seed, setting, script, *failure));
  }
  SUCCEED();
}

}  // namespace

TEST_CASE("a broker with one worker delivers what the model says") {
  play_all(1);
}

TEST_CASE("a broker with four workers delivers what the model says") {
  play_all(4);
}

TEST_CASE("a failing script is shrunk to the steps that make it fail") {
  const model::Setting setting = model::random_setting(1, 1);
  model::Script script = model::random_script(1, setting, 60);
  model::Step marked;
  marked.kind = model::Kind::pass;
  marked.seconds = 77;
  script.insert(script.begin() + 17, marked);
  script.insert(script.begin() + 43, marked);
  std::size_t calls = 0;
  const auto has_both = [&calls](const model::Script& part) {
    ++calls;
    return std::ranges::count(part, 77U, &model::Step::seconds) == 2;
  };

  SECTION("all others go") {
    CHECK(model::shrunk(script, 1000, has_both).size() == 2);
  }
  SECTION("within the tries it is given") {
    model::shrunk(script, 10, has_both);
    CHECK(calls == 10);
  }
}
