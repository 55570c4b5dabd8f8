#include "bench/load/time_line.h"

#include <catch2/catch.hpp>
#include <cstdint>
#include <vector>

namespace bench {
namespace {

constexpr Nanoseconds second = nanoseconds_per_second;
constexpr Nanoseconds millisecond = second / 1000;

/// A broker that uses half a core, and a load of 1000 deliveries a second that take 1 ms each.
class SteadyRun {
 public:
  SteadyRun() { line.begin(second, cpu_at(second)); }

  void cut(Nanoseconds at) { line.cut(at, tally_at(at), {cpu_at(at), 1'000'000}); }
  std::vector<Interval> finish(Nanoseconds at) {
    line.finish(at, tally_at(at), {cpu_at(at), 1'000'000});
    return line.take();
  }

  TimeLine line{MainLatency::arrival, second};

 private:
  static Nanoseconds cpu_at(Nanoseconds at) { return at / 2; }
  static Tally tally_at(Nanoseconds at) {
    Tally tally;
    tally.all_delivered = tally.all_published =
        static_cast<std::uint64_t>((at - second) / millisecond);
    if (tally.all_delivered != 0) tally.arrival.record(1'000'000, tally.all_delivered);
    return tally;
  }
};

void check_steady(const std::vector<Interval>& intervals) {
  for (const Interval& interval : intervals) {
    CHECK(interval.broker_cpu == Approx(0.5));
    CHECK(static_cast<double>(interval.delivered) == Approx(1000 * interval.length.count()));
    CHECK(interval.p50 == Approx(1'000'000).epsilon(0.01));
  }
}

}  // namespace

TEST_CASE("a steady run is steady on the time line, from its first slice to its last") {
  SteadyRun run;
  run.line.begin_measuring(second);
  run.cut(2 * second);
  run.cut(3 * second);
  SECTION("whose last slice is whole") {
    const auto intervals = run.finish(4 * second);
    CHECK(intervals.size() == 3);
    check_steady(intervals);
  }
  SECTION("whose last slice is long enough to say something") {
    const auto intervals = run.finish(3 * second + 600 * millisecond);
    REQUIRE(intervals.size() == 3);
    CHECK(intervals[2].length.count() == Approx(0.6));
    check_steady(intervals);
  }
  SECTION("which ends shortly after a slice") {
    run.line.end_measuring(3 * second);
    const auto intervals = run.finish(3 * second + 5 * millisecond);
    REQUIRE(intervals.size() == 2);
    CHECK(intervals[1].length.count() == Approx(1.005));
    CHECK(intervals[0].delivered + intervals[1].delivered == 2005);
    CHECK_FALSE(intervals[1].is_warm_up);
    check_steady(intervals);
  }
}

TEST_CASE("a run that is shorter than a slice is one slice") {
  SteadyRun run;
  const auto intervals = run.finish(second + 100 * millisecond);
  CHECK(intervals.size() == 1);
  check_steady(intervals);
}

TEST_CASE("a slice belongs to the measured part if most of it does") {
  SteadyRun run;
  run.line.begin_measuring(2 * second + 400 * millisecond);
  run.cut(2 * second);
  run.cut(3 * second);
  run.cut(4 * second);
  run.line.end_measuring(4 * second + 100 * millisecond);
  const auto intervals = run.finish(5 * second);
  REQUIRE(intervals.size() == 4);
  CHECK(intervals[0].is_warm_up);
  CHECK_FALSE(intervals[1].is_warm_up);
  CHECK_FALSE(intervals[2].is_warm_up);
  CHECK(intervals[3].is_warm_up);  // the drain
}

}  // namespace bench
