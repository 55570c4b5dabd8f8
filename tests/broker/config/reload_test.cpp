#include "config/reload.h"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "config/config_parser.h"
#include "support/memory_source.h"

using broker::Config;
using broker::plan_reload;
using broker::ReloadEffect;
using broker::SettingChange;

namespace {

Config config(std::string_view text) {
  broker::MemorySource nothing;
  broker::ConfigParser parser(nothing);
  parser.parse("test.conf", text);
  auto result = std::move(parser).finish({});
  REQUIRE(result.has_value());
  return result->config;
}

}  // namespace

TEST_CASE("A reload of the same configuration changes nothing") {
  const Config running =
      config("listener 1884\nmax_qos 1\nlistener 1885 localhost\nlog_dest stdout");
  const auto plan = plan_reload(running, running);
  CHECK(plan.changes.empty());
  CHECK(plan.config == running);
}

TEST_CASE("A reload applies what can change while the broker runs") {
  const Config running = config("listener 1884\nqueue_qos0_messages true\nlog_type error");
  const Config fresh = config("listener 1884\nsys_interval 3\nlog_type error\nlog_dest stdout");
  const auto plan = plan_reload(running, fresh);
  CHECK(plan.config == fresh);
  CHECK(plan.changes == std::vector<SettingChange>{
                            {"queue_qos0_messages", "", "true", "false", ReloadEffect::applied},
                            {"log_dest", "", "stderr", "stdout", ReloadEffect::applied},
                            {"sys_interval", "", "10", "3", ReloadEffect::applied}});
}

TEST_CASE("What needs a restart keeps its value and is named") {
  const Config running = config("listener 1884\nmax_packet_size 1000");
  const auto plan = plan_reload(running, config("listener 1884\nworkers 3"));
  CHECK(plan.config == running);
  CHECK(plan.changes == std::vector<SettingChange>{
                            {"workers", "", "auto", "3", ReloadEffect::restart},
                            {"max_packet_size", "", "1000", "2000000", ReloadEffect::restart}});
  CHECK(to_text(plan.changes[0]) == "workers: auto -> 3 (restart)");
}

TEST_CASE("A value is told from its absence even where both read alike") {
  const auto plan = plan_reload(config(""), config("log_timestamp_format unset"));
  CHECK(plan.config.log.timestamp_format == "unset");
  CHECK(plan.changes.size() == 1);
}

TEST_CASE("Listeners are compared by port and host") {
  const Config running = config("listener 1884\nmax_qos 1\nlistener 1884 localhost\nlistener 1885");

  SECTION("wherever they stand in the file") {
    const Config fresh = config(
        "listener 1885\nmax_connections 4\nlistener 1884 localhost\nlistener 1884\nmax_qos 0");
    const auto plan = plan_reload(running, fresh);
    CHECK(plan.changes ==
          std::vector<SettingChange>{
              {"max_qos", "1884", "1", "0", ReloadEffect::new_connections},
              {"max_connections", "1885", "0", "4", ReloadEffect::new_connections}});
    REQUIRE(plan.config.listeners.size() == 3);
    CHECK(plan.config.listeners[0].max_qos == mqtt::QoS::at_most_once);
    CHECK(plan.config.listeners[2].max_connections == 4);
    CHECK(to_text(plan.changes[0]) == "max_qos of listener 1884: 1 -> 0 (new connections)");
  }
  SECTION("one that disappears stays as it is, one that appears waits") {
    const Config fresh = config("listener 1884\nlistener 1885\nlistener 1886");
    const auto plan = plan_reload(running, fresh);
    REQUIRE(plan.config.listeners.size() == 3);
    CHECK(plan.config.listeners[1] == running.listeners[1]);
    CHECK(plan.changes ==
          std::vector<SettingChange>{{"max_qos", "1884", "1", "2", ReloadEffect::new_connections},
                                     {"listener", "", "1884 localhost", "", ReloadEffect::restart},
                                     {"listener", "", "", "1886", ReloadEffect::restart}});
  }
  SECTION("two on the same socket are told apart by their order") {
    const Config twice = config("listener 1884\nmax_qos 0\nlistener 1884\nmax_qos 1");
    CHECK(plan_reload(twice, twice).changes.empty());
    const auto plan = plan_reload(twice, config("listener 1884\nmax_qos 0"));
    CHECK(plan.changes ==
          std::vector<SettingChange>{{"listener", "", "1884", "", ReloadEffect::restart}});
  }
  SECTION("a socket family cannot change while the socket is open") {
    const Config fresh = config(
        "listener 1884\nmax_qos 1\nsocket_domain ipv4\nlistener 1884 localhost\nlistener 1885");
    const auto plan = plan_reload(running, fresh);
    CHECK(plan.config == running);
    CHECK(plan.changes == std::vector<SettingChange>{
                              {"socket_domain", "1884", "unset", "ipv4", ReloadEffect::restart}});
  }
}

TEST_CASE("A listener's proxies are for new connections, and go with their line") {
  const Config running = config("listener 1884\nenable_proxy_protocol 2");
  const auto plan =
      plan_reload(running, config("listener 1884\nproxy_protocol_v2_require_tls true"));
  CHECK(plan.config.listeners[0].proxy_protocol == broker::ProxyProtocol::off);
  CHECK(plan.config.listeners[0].proxy_requires_tls);
  CHECK(plan.changes ==
        std::vector<SettingChange>{
            {"enable_proxy_protocol", "1884", "2", "unset", ReloadEffect::new_connections},
            {"proxy_protocol_v2_require_tls", "1884", "false", "true",
             ReloadEffect::new_connections}});
}

TEST_CASE("Leaving local-only mode waits for a restart") {
  const Config running = config("");
  const auto plan = plan_reload(running, config("listener 1883\nqueue_qos0_messages true"));
  CHECK(plan.config.local_only);
  CHECK(plan.config.listeners == running.listeners);
  CHECK(plan.config.delivery.queue_qos0_messages);
  CHECK(plan.changes.size() == 4);
}
