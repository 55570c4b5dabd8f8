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
  const Config running = config("listener 1884\nmount_point a/\npid_file /run/a");
  const auto plan =
      plan_reload(running, config("listener 1884\nworkers 3\nmount_point b/\nuser bob"));
  CHECK(plan.config == running);
  CHECK(plan.changes ==
        std::vector<SettingChange>{{"workers", "", "auto", "3", ReloadEffect::restart},
                                   {"pid_file", "", "/run/a", "unset", ReloadEffect::restart},
                                   {"user", "", "mosquitto", "bob", ReloadEffect::restart},
                                   {"mount_point", "1884", "a/", "b/", ReloadEffect::restart}});
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
    CHECK(plan.config == fresh);
    CHECK(to_text(plan.changes[0]) == "max_qos of listener 1884: 1 -> 0 (new connections)");
  }
  SECTION("one that disappears goes, one that appears comes") {
    const Config fresh = config("listener 1886\nmax_qos 0\nlistener 1884\nlistener 1885");
    const auto plan = plan_reload(running, fresh);
    CHECK(plan.config == fresh);
    CHECK(plan.changes ==
          std::vector<SettingChange>{{"max_qos", "1884", "1", "2", ReloadEffect::new_connections},
                                     {"listener", "", "1884 localhost", "", ReloadEffect::applied},
                                     {"listener", "", "", "1886", ReloadEffect::applied}});
    CHECK(to_text(plan.changes[1]) == "listener: 1884 localhost -> none (applied)");
    CHECK(to_text(plan.changes[2]) == "listener: none -> 1886 (applied)");
  }
  SECTION("two on the same socket are told apart by their order") {
    const Config twice = config("listener 1884\nmax_qos 0\nlistener 1884\nmax_qos 1");
    CHECK(plan_reload(twice, twice).changes.empty());
    const auto plan = plan_reload(twice, config("listener 1884\nmax_qos 0"));
    CHECK(plan.changes ==
          std::vector<SettingChange>{{"listener", "", "1884", "", ReloadEffect::applied}});
  }
  SECTION("one with other sockets or another protocol is opened anew") {
    const Config fresh = config(
        "listener 1884\nmax_qos 1\nsocket_domain ipv4\nprotocol websockets\n"
        "listener 1884 localhost\nlistener 1885\nbind_interface lo");
    const auto plan = plan_reload(running, fresh);
    CHECK(plan.config == fresh);
    CHECK(plan.changes == std::vector<SettingChange>{
                              {"protocol", "1884", "mqtt", "websockets", ReloadEffect::reopens},
                              {"socket_domain", "1884", "unset", "ipv4", ReloadEffect::reopens},
                              {"bind_interface", "1885", "unset", "lo", ReloadEffect::reopens}});
    CHECK(to_text(plan.changes[1]) ==
          "socket_domain of listener 1884: unset -> ipv4 (reopens the listener)");
  }
  SECTION("what a listener that stays may change only at a restart, a new one begins with") {
    const Config fresh = config("listener 1884\nmount_point a/\nlistener 1890\nmount_point b/");
    const auto plan = plan_reload(running, fresh);
    CHECK(plan.config.listeners[0].mount_point.empty());
    CHECK(plan.config.listeners[1].mount_point == "b/");
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

TEST_CASE("A reload leads out of local-only mode and back") {
  const Config local = config("");
  const Config open = config("listener 1883\nqueue_qos0_messages true");
  const auto out = plan_reload(local, open);
  CHECK(out.config == open);
  CHECK(out.changes.size() == 4);
  const auto back = plan_reload(open, local);
  CHECK(back.config == local);
  CHECK(back.config.local_only);
}

TEST_CASE("Where per_listener_settings changes, listeners and their rules wait with it") {
  const Config running = config("allow_anonymous false\nlistener 1884\nmax_qos 1\nlistener 1885");
  const Config fresh = config(
      "per_listener_settings true\nlistener 1884\nallow_anonymous true\nprotocol websockets\n"
      "listener 1886\nallow_anonymous true\nacl_file rules");
  const auto plan = plan_reload(running, fresh);
  Config expected = running;
  expected.listeners[0].max_qos = mqtt::QoS::exactly_once;
  CHECK(plan.config == expected);
  for (const SettingChange& change : plan.changes) {
    CAPTURE(to_text(change));
    CHECK((change.effect == ReloadEffect::restart) == (change.key != "max_qos"));
  }
  CHECK(plan.changes.size() == 7);
}

TEST_CASE("A reload is summed up for the log") {
  const SettingChange applied{"sys_interval", "", "1", "2", ReloadEffect::applied};
  const SettingChange waiting{"workers", "", "1", "2", ReloadEffect::restart};
  CHECK(broker::summary({}) == "no setting has changed");
  CHECK(broker::summary({applied}) == "1 setting has changed");
  CHECK(broker::summary({waiting}) == "1 setting has changed and waits for a restart");
  CHECK(broker::summary({applied, applied}) == "2 settings have changed");
  CHECK(broker::summary({applied, waiting}) ==
        "2 settings have changed, 1 of which waits for a restart");
  CHECK(broker::summary({waiting, waiting}) ==
        "2 settings have changed, 2 of which wait for a restart");
}

TEST_CASE("A change that can be written in two ways is told once") {
  const std::string head = "per_listener_settings true\nlistener 1884\n";
  const Config running = config(head + "allow_anonymous true");
  const auto plan = plan_reload(running, config(head + "allow_anonymous false"));
  CHECK(plan.changes == std::vector<SettingChange>{
                            {"allow_anonymous", "1884", "true", "false", ReloadEffect::applied}});
  CHECK(plan.config.listeners[0].allow_anonymous == false);
}
