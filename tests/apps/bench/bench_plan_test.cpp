#include "bench/bench_plan.h"

#include <CLI/CLI.hpp>
#include <catch2/catch.hpp>

#include "bench/quantity_options.h"
#include "cli/options/command_line.h"

namespace bench {
namespace {

tl::expected<BenchPlan, std::string> plan_of(const std::string& scenario,
                                             std::vector<std::string> words) {
  BenchOptions options(*find_scenario(scenario));
  const auto app = make_app(options);
  const auto parsed = cli::parse_command_line(*app, std::move(words));
  if (!parsed) return tl::unexpected(parsed.error().text);
  return check(options).and_then([&] { return make_plan(options); });
}

std::string error_of(const std::string& scenario, std::vector<std::string> words) {
  const auto plan = plan_of(scenario, std::move(words));
  return plan ? "" : plan.error();
}

}  // namespace

TEST_CASE("every scenario makes a plan without any option") {
  for (const Scenario& scenario : scenarios()) {
    CAPTURE(scenario.name);
    const auto plan = plan_of(std::string(scenario.name), {});
    REQUIRE(plan.has_value());
    CHECK_FALSE(plan->load.steps.empty());
    std::uint32_t clients = 0;
    for (const ClientGroup& group : plan->load.groups) clients += group.size;
    CHECK(clients > 0);
    CHECK(plan->settings.scenario == scenario.name);
  }
}

TEST_CASE("a rate per publisher is a rate of all of them together") {
  CHECK(plan_of("pair", {"--pairs", "50", "--rate", "10"})->load.rate == 500.0);
  CHECK(plan_of("pair", {"--pairs", "50", "--total-rate", "1.5k"})->load.rate == 1500.0);
  CHECK_FALSE(plan_of("pair", {})->load.rate.has_value());
  CHECK(error_of("pair", {"--rate", "1", "--total-rate", "2"}).find("exclude") !=
        std::string::npos);
}

TEST_CASE("the ramp is part of the warm-up") {
  CHECK(plan_of("pair", {"--ramp", "5"})->load.warm_up == 5 * nanoseconds_per_second);
  CHECK(plan_of("pair", {"--ramp", "1", "--warm-up", "2500ms"})->load.warm_up ==
        2'500 * nanoseconds_per_second / 1000);
}

TEST_CASE("the window of a closed loop is in flight as a whole") {
  CHECK(plan_of("pair", {"--window", "300"})->load.client.connect.send_window == 300);
  CHECK(plan_of("pair", {"--window", "3"})->load.client.connect.send_window == 20);
  CHECK(plan_of("pair", {"--window", "70000"})->load.client.connect.send_window == 65535);
}

TEST_CASE("payloads have the size that was asked for, but room for their header") {
  CHECK(plan_of("pair", {})->settings.payload_bytes == 64);
  CHECK(plan_of("pair", {"-s", "16k"})->load.payload.filler.size() == 16384 - 32);
  const auto small = plan_of("pair", {"-s", "10"});
  CHECK(small->settings.payload_bytes == 32);
  CHECK(small->notes.size() == 1);
  CHECK(error_of("pair", {"-s", "10", "--payload", "x"}).find("exclude") != std::string::npos);
}

TEST_CASE("identifiers name the group unless there is one that was named by hand") {
  CHECK(plan_of("pair", {})->load.client_id_has_group);
  CHECK(plan_of("pair", {"-i", "dev%i"})->load.client_id_has_group);
  CHECK(plan_of("conn", {})->load.client_id_has_group);
  const auto plan = plan_of("conn", {"-i", "dev%i"});
  CHECK_FALSE(plan->load.client_id_has_group);
  CHECK(plan->load.client_id.text() == "dev%i");
}

TEST_CASE("the command line is shown without secrets") {
  CHECK(shown_command_line({"pair", "-u", "ann", "-P", "secret", "--psk", "00ff"}) ==
        "mqtt-bench pair -u ann -P '***' --psk '***'");
  CHECK(shown_command_line({"pair", "--pw=secret", "-Psecret"}) ==
        "mqtt-bench pair '--pw=***' '-P***'");
  CHECK(shown_command_line({"-L", "mqtt://ann:secret@host/x"}) ==
        "mqtt-bench -L 'mqtt://ann:***@host/x'");
  CHECK(shown_command_line({"-L", "mqtt://ann:s@cr/et@host/x"}) ==
        "mqtt-bench -L 'mqtt://ann:***@cr/et@host/x'");
  CHECK(shown_command_line({"pair", "--expect", "p99<5ms"}) ==
        "mqtt-bench pair --expect 'p99<5ms'");
}

TEST_CASE("quantities have units") {
  std::chrono::duration<double> time{0};
  CHECK(time_setter(time)("500ms").has_value());
  CHECK(time.count() == Approx(0.5));
  CHECK(time_setter(time)("2min").has_value());
  CHECK(time.count() == Approx(120));
  CHECK_FALSE(time_setter(time)("2 weeks").has_value());
  CHECK_FALSE(time_setter(time)("-1").has_value());
  std::optional<double> rate;
  CHECK(rate_setter(rate)("2.5k").has_value());
  CHECK(rate == 2500.0);
  CHECK_FALSE(rate_setter(rate)("0").has_value());
  std::optional<std::uint64_t> count;
  CHECK(count_setter(count)("50k").has_value());
  CHECK(count == 50'000);
  CHECK_FALSE(count_setter(count)("1.5").has_value());
  std::optional<std::uint64_t> size;
  CHECK(size_setter(size)("16k").has_value());
  CHECK(size == 16'384);
  CHECK_FALSE(size_setter(size)("1000M").has_value());
}

}  // namespace bench
