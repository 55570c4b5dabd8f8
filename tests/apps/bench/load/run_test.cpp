#include "bench/load/run.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "apps/bench/load/stub_broker.h"
#include "bench/load/process_watch.h"
#include "bench/load/scenario.h"
#include "support/broker_fixture.h"
#include "support/packet_builders.h"

namespace bench {
namespace {

using mqtt::QoS;

constexpr Nanoseconds milliseconds = 1'000'000;

struct Wanted {
  std::string scenario = "pair";
  std::uint32_t publishers = 2;
  std::uint32_t subscribers = 2;
  QoS qos = QoS::at_most_once;
  unsigned threads = 1;
};

LoadPlan plan_of(const Wanted& wanted, std::uint16_t port) {
  const Scenario& scenario = *find_scenario(wanted.scenario);
  ScenarioSettings settings;
  settings.publishers = wanted.publishers;
  settings.subscribers = wanted.subscribers;
  settings.stalled = scenario.stalled == 0 ? 0 : 2;
  settings.rounds = 2;
  settings.topic = TopicTemplate::of(scenario.topic);
  LoadPlan plan;
  plan.run = 0x5EED;
  plan.threads = wanted.threads;
  scenario.arrange(settings, plan);
  plan.client.endpoint.host = "127.0.0.1";
  plan.client.endpoint.port = port;
  plan.client.connect.version = mqtt::ProtocolVersion::v311;
  plan.client_id = TopicTemplate::of("%i");
  plan.qos = wanted.qos;
  plan.window = 10;
  plan.count = 500;
  plan.payload.filler = std::string(40, 'x');
  plan.drain_time = 200 * milliseconds;
  plan.duration = 200 * milliseconds;
  return plan;
}

Result result_of(LoadPlan plan) {
  Run run(std::move(plan), std::nullopt, {});
  auto result = run.execute();
  REQUIRE(result.has_value());
  return std::move(*result);
}

}  // namespace

TEST_CASE("a run over a broker that does no wrong finds nothing wrong") {
  test::StubBroker broker({});
  Wanted wanted;
  wanted.qos = GENERATE(QoS::at_most_once, QoS::at_least_once, QoS::exactly_once);
  wanted.threads = GENERATE(1U, 2U);
  const Result result = result_of(plan_of(wanted, broker.port()));
  const test::Injected& injected = broker.stop();
  CHECK(result.counts.published == 1000);
  CHECK(result.counts.expected == 1000);
  CHECK(result.counts.delivered == 1000);
  CHECK(injected.forwarded == 1000);
  CHECK(result.counts.delivered_bytes == 1000 * 72);
  CHECK(result.counts.acknowledged == (wanted.qos == QoS::at_most_once ? 0 : 1000));
  CHECK(result.counts.connected == 4);
  CHECK(result.failures.empty());
  CHECK(result.latency("end-to-end")->histogram.count() == 1000);
}

TEST_CASE("what a broker does wrong is found, and nothing else") {
  test::Faults faults;
  Wanted wanted;
  wanted.qos = GENERATE(QoS::at_most_once, QoS::at_least_once);
  SECTION("loss") {
    faults.drop_every = 10;
  }
  SECTION("duplicates") {
    faults.duplicate_every = 7;
  }
  SECTION("order") {
    faults.swap_every = 11;
  }
  SECTION("corruption") {
    faults.corrupt_every = 9;
  }
  SECTION("all of it") {
    faults = {13, 7, 11, 17};
  }
  test::StubBroker broker(faults);
  const Result result = result_of(plan_of(wanted, broker.port()));
  const test::Injected& injected = broker.stop();
  const Counts& counts = result.counts;
  CHECK(counts.published == 1000);
  CHECK(counts.expected == 1000);
  CHECK(counts.lost == injected.dropped);
  CHECK(counts.duplicated == injected.duplicated);
  CHECK(counts.corrupted == injected.corrupted);
  CHECK(counts.out_of_order == injected.swapped);
  CHECK(counts.delivered == 1000 - injected.dropped - injected.corrupted);
  CHECK(counts.unexpected == 0);
  const bool is_broken =
      injected.corrupted > 0 || (wanted.qos != QoS::at_most_once && injected.dropped > 0);
  CHECK(result.failures.empty() == !is_broken);
}

TEST_CASE("duplicates break the promise of QoS 2 only") {
  test::Faults faults;
  faults.duplicate_every = 5;
  Wanted wanted;
  wanted.qos = GENERATE(QoS::at_least_once, QoS::exactly_once);
  test::StubBroker broker(faults);
  const Result result = result_of(plan_of(wanted, broker.port()));
  CHECK(result.counts.duplicated == broker.stop().duplicated);
  CHECK(result.failures.size() == (wanted.qos == QoS::exactly_once ? 1 : 0));
}

TEST_CASE("a refused message is a failure of its own and is not waited for") {
  test::Faults faults;
  faults.refuse_publish = true;
  test::StubBroker broker(faults, mqtt::ProtocolVersion::v5);
  Wanted wanted;
  wanted.scenario = "pub";
  wanted.qos = QoS::at_least_once;
  LoadPlan plan = plan_of(wanted, broker.port());
  plan.client.connect.version = mqtt::ProtocolVersion::v5;
  const Result result = result_of(std::move(plan));
  CHECK(result.counts.published == 1000);
  CHECK(result.counts.publish_failures == 1000);
  CHECK(result.counts.acknowledged == 0);
}

TEST_CASE("the delays that are found are those that were injected") {
  Wanted wanted;
  bool is_open_loop = false;
  SECTION("open loop") {
    is_open_loop = true;
  }
  SECTION("closed loop") {}
  // A busy machine adds delays of its own to a run, and none of its delays is ours to bound. A
  // wrong measure is wrong in every run; one run of ten that the machine leaves alone shows a right
  // one.
  bool is_found = false;
  for (int run = 0; run < 10 && !is_found; ++run) {
    test::Faults faults;
    faults.delay = std::chrono::milliseconds(50);
    test::StubBroker broker(faults);
    LoadPlan plan = plan_of(wanted, broker.port());
    plan.count = 20;
    if (is_open_loop) {
      plan.rate = 200;
    } else {
      plan.window = 2;
    }
    const Result result = result_of(std::move(plan));
    const Histogram& found = result.latency("end-to-end")->histogram;
    const Histogram& held = broker.stop().held;
    REQUIRE(found.count() == held.count());
    CHECK(result.latency("end-to-end")->from_due_time == is_open_loop);
    is_found = true;
    for (const double fraction : {0.1, 0.5}) {
      const auto injected = static_cast<double>(held.quantile(fraction));
      const auto reported = static_cast<double>(found.quantile(fraction));
      CAPTURE(run, fraction, injected, reported);
      CHECK(reported >= injected * 0.99);
      is_found = is_found && reported <= injected * 1.01 + milliseconds;
    }
  }
  CHECK(is_found);
}

TEST_CASE("an open loop sends as many messages as are due") {
  test::StubBroker broker({});
  Wanted wanted;
  wanted.qos = GENERATE(QoS::at_most_once, QoS::at_least_once);
  wanted.threads = GENERATE(1U, 2U);
  LoadPlan plan = plan_of(wanted, broker.port());
  plan.count.reset();
  plan.rate = 1000;
  plan.duration = 250 * milliseconds;
  plan.warm_up = GENERATE(0U, 100U) * milliseconds;
  const Result result = result_of(std::move(plan));
  CHECK(result.counts.published == 250);
  CHECK(result.counts.expected == 250);
  CHECK(result.counts.delivered == 250);
  CHECK(result.counts.lost == 0);
}

TEST_CASE("messages of the warm-up do not count where a number of messages is asked for") {
  test::StubBroker broker({});
  Wanted wanted;
  wanted.qos = GENERATE(QoS::at_most_once, QoS::at_least_once);
  LoadPlan plan = plan_of(wanted, broker.port());
  plan.warm_up = 50 * milliseconds;
  if (GENERATE(false, true)) plan.rate = 5000;
  const Result result = result_of(std::move(plan));
  CHECK(result.counts.published == 1000);
  CHECK(result.counts.delivered == 1000);
  CHECK(result.counts.acknowledged == (wanted.qos == QoS::at_most_once ? 0 : 1000));
  CHECK(broker.stop().forwarded > 1000);
}

TEST_CASE("a closed loop goes on after losses that fill its window") {
  test::Faults faults;
  faults.drop_every = 1;
  test::StubBroker broker(faults);
  LoadPlan plan = plan_of({}, broker.port());
  plan.count = 25;  // more than two windows
  const Result result = result_of(std::move(plan));
  CHECK(result.counts.published == 50);
  CHECK(result.counts.lost == 50);
  CHECK(result.counts.delivered == 0);
}

TEST_CASE("each scenario keeps its promises with our broker") {
  test::BrokerFixture broker(GENERATE(1U, 2U));
  Wanted wanted;
  wanted.threads = 2;
  wanted.publishers = 5;
  wanted.subscribers = 5;
  std::uint64_t deliveries = 500 * 5;
  SECTION("pair") {
    wanted.scenario = "pair";
  }
  SECTION("pair, QoS 2") {
    wanted.scenario = "pair";
    wanted.qos = QoS::exactly_once;
  }
  SECTION("fanout") {
    wanted.scenario = "fanout";
    deliveries *= 5;
  }
  SECTION("fanin") {
    wanted.scenario = "fanin";
    wanted.qos = QoS::at_least_once;
  }
  SECTION("retained") {
    wanted.scenario = "retained";
    deliveries *= 5;
  }
  SECTION("offline") {
    wanted.scenario = "offline";
    wanted.qos = QoS::at_least_once;
  }
  SECTION("slow") {
    wanted.scenario = "slow";
    deliveries *= 5;
  }
  SECTION("reqrep") {
    wanted.scenario = "reqrep";
  }
  const Result result = result_of(plan_of(wanted, broker.port()));
  CHECK(result.failures.empty());
  CHECK(result.counts.expected == deliveries);
  CHECK(result.counts.delivered == deliveries);
  CHECK(result.counts.lost == 0);
  CHECK(result.counts.duplicated == 0);
  CHECK(result.counts.out_of_order == 0);
  CHECK(result.counts.corrupted == 0);
  CHECK(result.counts.unexpected == 0);
}

TEST_CASE("the scenarios without deliveries connect everybody") {
  test::BrokerFixture broker;
  Wanted wanted;
  wanted.threads = 2;
  wanted.subscribers = 50;
  SECTION("conn") {
    wanted.scenario = "conn";
    const Result result = result_of(plan_of(wanted, broker.port()));
    CHECK(result.counts.connected == 50);
    CHECK(result.latencies.front().name == "connect");
    CHECK(result.latencies.front().histogram.count() == 50);
  }
  SECTION("storm: the clients that come back are counted, round by round") {
    wanted.scenario = "storm";
    const Result result = result_of(plan_of(wanted, broker.port()));
    CHECK(result.counts.connected == 100);
    CHECK(result.figures.size() == 2);
  }
}

TEST_CASE("a run whose broker cannot be reached says so") {
  test::StubBroker broker({});
  const std::uint16_t port = broker.port();
  broker.stop();
  LoadPlan plan = plan_of({}, port);
  plan.step_limit = 100 * milliseconds;
  Run run(std::move(plan), std::nullopt, {});
  const auto result = run.execute();
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().find("0 of 2 clients") != std::string::npos);
  CHECK(result.error().find("refused") != std::string::npos);
}

TEST_CASE("a run leaves nothing behind at the broker") {
  test::BrokerFixture broker;
  Wanted wanted;
  wanted.threads = 2;
  wanted.qos = QoS::at_least_once;
  const bool is_interrupted = GENERATE(false, true);
  // Interrupted, it is so in the midst of its filling; these would take minutes.
  const auto execute = [&](LoadPlan plan) {
    plan.count = is_interrupted ? 10'000'000 : 100;
    plan.interval = 50 * milliseconds;
    Run* running = nullptr;
    Run run(std::move(plan), std::nullopt, [&](const Interval& slice) {
      if (is_interrupted && slice.published > 100) running->interrupt();
    });
    running = &run;
    const auto result = run.execute();
    REQUIRE(result.has_value());
    CHECK(result->interrupted == is_interrupted);
    CHECK(result->notes.empty());
  };
  test::Peer peer = broker.peer();
  SECTION("no retained message") {
    wanted.scenario = "retained";
    execute(plan_of(wanted, broker.port()));
    peer.open(test::connect("watcher"));
    peer.send(test::subscribe(1, "#", 0));
    peer.expect(test::suback(1, {0}));
    peer.expect_nothing();
  }
  SECTION("no session") {
    wanted.scenario = "offline";
    execute(plan_of(wanted, broker.port()));
    for (const char* const client : {"sub-0", "sub-1"}) {
      test::Peer returned = broker.peer();
      CHECK_FALSE(returned.open(test::connect(client).clean(false))->session_present);
    }
  }
}

TEST_CASE("the memory of connections is what it is while they are held") {
  test::BrokerFixture broker;
  LoadPlan plan = plan_of({"conn"}, broker.port());
  plan.interval = 50 * milliseconds;
  // The process that is watched is this one. What it takes and gives back, while the connections
  // are made and held, is more than anything else does.
  constexpr std::size_t size = 64 << 20;
  auto watch = ProcessWatch::of(::getpid());
  REQUIRE(watch);
  std::vector<char> taken;
  Run run(std::move(plan), std::move(*watch), [&](const Interval&) {
    if (run.phase() == "holding" && taken.empty()) taken.assign(size, 'x');
  });
  const auto result = run.execute();
  REQUIRE(result);
  REQUIRE(taken.size() == size);
  CHECK(*result->broker->resident_connected >= result->broker->resident_before + size);
}

TEST_CASE("an interrupted run has a result so far") {
  test::StubBroker broker({});
  LoadPlan plan = plan_of({}, broker.port());
  plan.count.reset();
  plan.duration = 60 * nanoseconds_per_second;
  plan.interval = 50 * milliseconds;
  Run* running = nullptr;
  int slices = 0;
  Run run(std::move(plan), std::nullopt, [&](const Interval&) {
    if (++slices == 4) running->interrupt();
  });
  running = &run;
  const auto result = run.execute();
  REQUIRE(result.has_value());
  CHECK(result->interrupted);
  CHECK(result->counts.delivered > 0);
  CHECK(result->counts.lost == 0);
  CHECK(result->duration < Seconds(50));
  CHECK(result->intervals.size() >= 4);
}

}  // namespace bench
