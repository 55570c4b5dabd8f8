#include "bench/load/process_watch.h"

#include <time.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <future>
#include <thread>

namespace bench {
namespace {

/// Works until this thread has had a processor for so long.
void work_for(Nanoseconds duration) {
  timespec time{};
  do {
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  } while (static_cast<Nanoseconds>(time.tv_sec) * nanoseconds_per_second +
               static_cast<Nanoseconds>(time.tv_nsec) <
           duration);
}

TEST_CASE("the busiest thread of a process is told from the others") {
  auto watch = ProcessWatch::of(::getpid());
  REQUIRE(watch);
  std::promise<void> began;
  std::promise<void> worked;
  std::promise<void> seen;
  std::promise<void> measured;
  std::thread busy([&] {
    began.set_value();
    seen.get_future().wait();
    work_for(nanoseconds_per_second / 2);
    worked.set_value();
    measured.get_future().wait();
  });
  began.get_future().wait();
  watch->begin_measuring();
  const Nanoseconds begin = now();
  seen.set_value();
  worked.get_future().wait();
  work_for(nanoseconds_per_second / 10);  // less than that thread, so the sum is no answer
  watch->end_measuring();
  const double elapsed = to_seconds(now() - begin).count();
  measured.set_value();
  busy.join();

  const double worked_seconds = watch->finish().busiest_thread * elapsed;
  CHECK(worked_seconds > 0.4);
  CHECK(worked_seconds < 0.55);
}

}  // namespace
}  // namespace bench
