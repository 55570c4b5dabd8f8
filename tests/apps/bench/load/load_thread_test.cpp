#include "bench/load/load_thread.h"

#include <catch2/catch.hpp>

#include "bench/load/scenario.h"

namespace bench {
namespace {

LoadPlan plan_of(const char* name, unsigned threads) {
  const Scenario& scenario = *find_scenario(name);
  ScenarioSettings settings;
  settings.publishers = 5;
  settings.subscribers = 4;
  settings.topic = TopicTemplate::of(scenario.topic);
  LoadPlan plan;
  plan.threads = threads;
  scenario.arrange(settings, plan);
  plan.client_id = TopicTemplate::of("%i");
  return plan;
}

struct Threads {
  explicit Threads(const LoadPlan& plan) {
    const SharedLedgers ledgers = shared_ledgers(plan);
    for (unsigned i = 0; i < plan.threads; ++i) {
      all.push_back(std::make_unique<LoadThread>(plan, i, ledgers, all));
    }
  }

  std::vector<Receiver*> receivers(std::size_t thread) const {
    std::vector<Receiver*> found;
    for (const auto& client : all[thread]->clients()) {
      if (client->receiver() != nullptr) found.push_back(client->receiver());
    }
    return found;
  }

  std::vector<std::unique_ptr<LoadThread>> all;
};

}  // namespace

TEST_CASE("each thread has its part of the receivers") {
  const LoadPlan plan = plan_of(GENERATE("fanin", "fanout"), 2);
  const Threads threads(plan);
  CHECK(threads.receivers(0).size() == 2);
  CHECK(threads.receivers(1).size() == 2);
}

TEST_CASE("receivers that share a subscription share a ledger, on whichever thread") {
  const LoadPlan plan = plan_of("fanin", 2);
  const Threads threads(plan);
  const Ledger* const first = threads.receivers(0).front()->ledger().get();
  REQUIRE(first != nullptr);
  CHECK(first->accounts().size() == 5);
  for (const std::size_t thread : {0U, 1U}) {
    for (Receiver* const receiver : threads.receivers(thread)) {
      CHECK(receiver->ledger().get() == first);
    }
  }
}

TEST_CASE("receivers of all messages have a ledger each") {
  const LoadPlan plan = plan_of("fanout", 1);
  const Threads threads(plan);
  const auto receivers = threads.receivers(0);
  CHECK(receivers[0]->ledger() != receivers[1]->ledger());
  CHECK(receivers[0]->ledger()->accounts().size() == 5);
}

}  // namespace bench
