/// A thousand configurations at random, but valid: each is loaded, started, reloaded into another
/// one, and stopped. A failure tells the seed and both texts; MQTT_CONFIG_SEED and MQTT_CONFIG_RUNS
/// choose others.

#include <catch2/catch.hpp>
#include <cstdlib>
#include <iostream>
#include <string>

#include "broker.h"
#include "config/config_parser.h"
#include "config/reload.h"
#include "support/memory_source.h"
#include "support/random_config.h"
#include "support/sanitized.h"

namespace {

using broker::Config;

constexpr std::uint64_t default_seed = 41'000;
constexpr std::uint64_t default_runs = test::sanitized ? 60 : 1000;

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

broker::ConfigResult parsed(const std::string& text) {
  broker::MemorySource no_files;
  broker::ConfigParser parser(no_files);
  parser.parse("test.conf", text);
  return std::move(parser).finish({});
}

/// On ports that the system chooses when they are opened, so that nothing else can have them.
Config on_free_ports(Config config) {
  for (broker::ListenerConfig& listener : config.listeners) listener.port = 0;
  return config;
}

Config loaded(const std::string& text) {
  auto result = parsed(text);
  INFO((result ? std::string() : to_text(result.error().front())));
  REQUIRE(result);
  return on_free_ports(std::move(result->config));
}

void expect_open(broker::Broker& broker) {
  const Config& config = broker.config();
  bool any = false;
  for (std::size_t i = 0; i < config.listeners.size(); ++i) {
    const bool is_open = broker.port(i) != 0 || !config.listeners[i].unix_path.empty();
    if (!config.local_only) CHECK(is_open);
    any = any || is_open;
  }
  CHECK(any);
}

}  // namespace

TEST_CASE("a thousand configurations start, are reloaded and stop") {
  const test::ScratchFolder folder;
  test::RandomConfig random(folder);
  broker::Log log;
  broker::LogSettings silent;
  silent.to_stderr = false;
  log.configure(silent);
  const std::uint64_t first = from_environment("MQTT_CONFIG_SEED", default_seed);
  const std::uint64_t runs = from_environment("MQTT_CONFIG_RUNS", default_runs);
  std::cout << "seed " << first << ", " << runs << " configurations\n";
  for (std::uint64_t seed = first; seed < first + runs; ++seed) {
    const std::string text = random.text(seed);
    const std::string next = random.text(seed + 1);
    INFO("seed " << seed << "\n" << text << "--- and then\n" << next);
    const Config config = loaded(text);
    broker::Broker broker(config, log);
    const auto started = broker.start();
    INFO((started ? std::string() : to_text(started.error().errors)));
    REQUIRE(started);
    expect_open(broker);

    const auto plan = broker::plan_reload(broker.config(), loaded(next));
    const auto reloaded = broker.reconfigure(plan.config);
    INFO((reloaded ? std::string() : reloaded.error().front()));
    REQUIRE(reloaded);
    CHECK(broker.config() == plan.config);
    expect_open(broker);
    // What is left to change is what waits for a restart, and back again it leads to the first.
    for (const broker::SettingChange& left :
         broker::plan_reload(plan.config, loaded(next)).changes) {
      INFO(to_text(left));
      CHECK(left.effect == broker::ReloadEffect::restart);
    }
    broker.stop();
  }
}

TEST_CASE("a configuration that is broken at random is read to its end") {
  const test::ScratchFolder folder;
  test::RandomConfig random(folder);
  constexpr std::uint64_t runs = test::sanitized ? 500 : 4000;
  std::uint64_t in_order = 0;
  for (std::uint64_t seed = default_seed; seed < default_seed + runs; ++seed) {
    const std::string text = random.text(seed % 500);
    const std::string broken = random.mutated(text, seed);
    INFO("seed " << seed << "\n" << broken);
    const auto result = parsed(broken);
    if (!result) {
      REQUIRE_FALSE(result.error().empty());
      for (const broker::ConfigError& error : result.error()) REQUIRE_FALSE(to_text(error).empty());
      continue;
    }
    ++in_order;
    const Config running = loaded(text);
    const auto there = broker::plan_reload(running, result->config);
    REQUIRE(broker::plan_reload(there.config, there.config).changes.empty());
    for (const broker::SettingChange& left :
         broker::plan_reload(there.config, result->config).changes) {
      INFO(to_text(left));
      REQUIRE(left.effect == broker::ReloadEffect::restart);
    }
  }
  CHECK(in_order > runs / 20);         // so the plans were tried as well,
  CHECK(in_order < runs - runs / 20);  // and so were the errors
}
