#include "runtime/inquiry.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <semaphore>
#include <stop_token>
#include <string>
#include <vector>

#include "runtime/clock.h"

namespace broker {
namespace {

/// Workers that run.
struct Crew {
  explicit Crew(unsigned count) {
    for (unsigned i = 0; i < count; ++i)
      group.add(*workers.emplace_back(std::make_unique<Worker>(i, clock)));
    group.start();
  }
  ~Crew() { group.stop(); }

  Worker& operator[](unsigned index) { return *workers[index]; }
  /// Returns when the worker has opened all that was posted to it until now.
  void await(unsigned index) {
    std::promise<void> opened;
    workers[index]->post(make_letter([&opened] { opened.set_value(); }));
    opened.get_future().wait();
  }

  SystemClock clock;
  std::vector<std::unique_ptr<Worker>> workers;
  WorkerGroup group;
};

/// Keeps a worker in one turn until it is over.
class Hold {
 public:
  explicit Hold(Worker& worker) {
    worker.post(make_letter([go = go_] { go->acquire(); }));
  }
  ~Hold() { go_->release(); }
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;

 private:
  std::shared_ptr<std::binary_semaphore> go_ = std::make_shared<std::binary_semaphore>(0);
};

using Names = Inquiry<std::string>;

bool name_worker(unsigned worker, std::string& part) {
  part = "worker " + std::to_string(worker);
  return true;
}

}  // namespace

TEST_CASE("Every worker answers on its own thread, and the answers come in their order") {
  Crew crew(3);
  std::atomic<int> on_own_thread = 0;
  Names inquiry(crew.group, [&](unsigned worker, std::string& part) {
    if (crew[worker].is_current()) ++on_own_thread;
    return name_worker(worker, part);
  });
  const Names::Answers answers = inquiry.wait();
  CHECK(answers.complete);
  CHECK(answers.parts == std::vector<std::string>{"worker 0", "worker 1", "worker 2"});
  CHECK(on_own_thread == 3);
}

TEST_CASE("A long answer takes as many turns as it needs, with other work in between") {
  Crew crew(2);
  constexpr int turns = 50;
  int others = 0;  // of worker 0
  int seen = 0;    // at its last step
  Inquiry<int> inquiry(crew.group, [&](unsigned worker, int& part) {
    if (worker == 0) {
      seen = others;
      crew[0].post(make_letter([&others] { ++others; }));
    }
    return ++part == turns;
  });
  const auto answers = inquiry.wait();
  CHECK(answers.parts == std::vector<int>{turns, turns});
  CHECK(seen == turns - 1);
  crew.await(0);
}

TEST_CASE("Nobody waits for a worker that is busy for longer than he wants to") {
  Crew crew(3);
  const Hold hold(crew[1]);
  Names inquiry(crew.group, name_worker);
  crew.await(0);
  crew.await(2);
  Names::Answers answers;
  SECTION("until a time") {
    answers = inquiry.wait_until(std::chrono::steady_clock::now());
  }
  SECTION("until he is told to stop") {
    std::stop_source stop;
    auto waiting = std::async(std::launch::async, [&] { return inquiry.wait(stop.get_token()); });
    stop.request_stop();
    answers = waiting.get();
  }
  CHECK_FALSE(answers.complete);
  CHECK(answers.parts == std::vector<std::string>{"worker 0", "worker 2"});
}

TEST_CASE("What was not begun when the asker left is not begun any more") {
  Crew crew(2);
  std::atomic<int> asked = 0;
  {
    const Hold hold(crew[1]);
    const Names inquiry(crew.group, [&asked](unsigned worker, std::string& part) {
      ++asked;
      return name_worker(worker, part);
    });
    crew.await(0);
  }
  crew.await(1);
  CHECK(asked == 1);
}

TEST_CASE("An answer of many turns ends when the asker leaves") {
  Crew crew(1);
  std::atomic<int> steps = 0;
  {
    const Inquiry<int> inquiry(crew.group, [&steps](unsigned, int&) { return ++steps < 0; });
    crew.await(0);
  }
  crew.await(0);
  const int until_then = steps;
  crew.await(0);
  crew.await(0);
  CHECK(steps == until_then);
}

TEST_CASE("Waiting ends when the workers are stopped, also for one that is busy") {
  auto crew = std::make_unique<Crew>(2);
  auto hold = std::make_unique<Hold>((*crew)[1]);
  Names inquiry(crew->group, name_worker);
  crew->await(0);
  auto stopping = std::async(std::launch::async, [&crew] { crew->group.stop(); });
  const Names::Answers answers = inquiry.wait();
  CHECK_FALSE(answers.complete);
  CHECK(answers.parts == std::vector<std::string>{"worker 0"});
  hold.reset();
  stopping.get();
  SECTION("and there is nothing to wait for once they have been") {
    Names late(crew->group, name_worker);
    const Names::Answers none = late.wait();
    CHECK_FALSE(none.complete);
    CHECK(none.parts.empty());
  }
}

TEST_CASE("What every worker is to do is done when the call returns") {
  Crew crew(3);
  std::vector<int> done(3);
  on_every_worker(crew.group, [&done](unsigned worker) { ++done[worker]; });
  CHECK(done == std::vector<int>{1, 1, 1});
}

}  // namespace broker
