#include "support/broker_fixture.h"

#include <catch2/catch.hpp>
#include <stdexcept>
#include <string>
#include <utility>

#include "config/config_parser.h"
#include "config/reload.h"
#include "support/memory_source.h"

namespace test {
namespace {

broker::Config config_of(unsigned workers, const std::string& before, std::string_view lines) {
  broker::MemorySource no_files;
  broker::ConfigParser parser(no_files);
  parser.parse("test.conf", before +
                                "listener 1883 127.0.0.1\nallow_anonymous true\nplacement spread\n"
                                "sys_interval 0\nlog_dest none\nworkers " +
                                std::to_string(workers) + "\n" + std::string(lines));
  auto loaded = std::move(parser).finish({});
  if (!loaded) throw std::runtime_error(to_text(loaded.error().front()));
  broker::Config config = std::move(loaded->config);
  for (broker::ListenerConfig& listener : config.listeners) listener.port = 0;  // any free one
  return config;
}

}  // namespace

BrokerFixture::BrokerFixture(unsigned workers, std::string_view config, broker::Broker::Parts parts,
                             std::string_view before)
    : workers_(workers), before_(before) {
  parts.clock = &clock_;
  broker::Config settings = config_of(workers, before_, config);
  log_.configure(settings.log);
  broker_ = std::make_unique<broker::Broker>(std::move(settings), log_, std::move(parts));
  const auto started = broker_->start();
  INFO((started ? std::string() : to_text(started.error().errors)));
  REQUIRE(started.has_value());
}

BrokerFixture::~BrokerFixture() = default;

void BrokerFixture::advance(std::chrono::milliseconds by) {
  clock_.advance(by);
  broker_->look_at_clock();
}

void BrokerFixture::reconfigure(std::string_view config) {
  REQUIRE(try_to_reconfigure(config));
}

tl::expected<void, std::vector<std::string>> BrokerFixture::try_to_reconfigure(
    std::string_view config) {
  const broker::Config fresh = config_of(workers_, before_, config);
  return broker_->reconfigure(broker::plan_reload(broker_->config(), fresh).config);
}

}  // namespace test
