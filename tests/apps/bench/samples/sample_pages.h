#pragma once

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "apps/bench/samples/sample_result.h"
#include "bench/report/text_file.h"

namespace bench::samples {

struct SamplePage {
  std::string name;
  Result result;
};

/// Something like what a broker does: most messages quick, a few slow.
inline Histogram lifelike_histogram(std::size_t count, double median, double spread,
                                    unsigned seed) {
  std::mt19937_64 random(seed);
  std::lognormal_distribution<double> usual(std::log(median), spread);
  std::uniform_real_distribution<double> lot(0, 1);
  Histogram histogram;
  for (std::size_t i = 0; i < count; ++i) {
    const double stall = lot(random) < 0.0015 ? median * 20 * (1 + lot(random)) : 0;
    histogram.record(static_cast<std::uint64_t>(usual(random) + stall));
  }
  return histogram;
}

inline Result lifelike_result() {
  Result result = pair_result();
  result.latencies.clear();
  result.latencies.push_back({"end-to-end", lifelike_histogram(400'000, 900e3, 0.45, 1), true});
  result.latencies.push_back({"puback", lifelike_histogram(400'000, 400e3, 0.4, 2), false});
  result.latencies.push_back({"connect", lifelike_histogram(200, 3e6, 0.5, 3), false});
  result.latencies.push_back({"subscribe", lifelike_histogram(100, 300e3, 0.3, 4), false});
  result.figures.clear();
  result.settings.window.reset();
  result.settings.rate = 40'000;
  result.intervals.clear();
  std::mt19937_64 random(5);
  std::uniform_real_distribution<double> lot(0.9, 1.1);
  for (unsigned i = 0; i < 33; ++i) {
    Interval interval;
    interval.begin = Seconds(i);
    const double share = i < 3 ? (i + 1) / 4.0 : 1;
    interval.published = static_cast<std::uint64_t>(40'000 * share);
    interval.delivered = static_cast<std::uint64_t>(40'000 * share * (i == 20 ? 0.4 : lot(random)));
    interval.p50 = static_cast<std::uint64_t>(900e3 * lot(random) * (i == 20 ? 5 : 1));
    interval.p99 = static_cast<std::uint64_t>(2.9e6 * lot(random) * (i == 20 ? 12 : 1));
    interval.max = static_cast<std::uint64_t>(14e6 * lot(random) * (i == 20 ? 6 : 1));
    interval.broker_cpu = 0.08 * share * lot(random);
    interval.broker_resident = 4'000'000 + i * 9'000;
    interval.is_warm_up = i < 3;
    result.intervals.push_back(interval);
  }
  result.checks = {{"p99<5ms", "2.31 ms", true}, {"loss=0", "0", true}};
  return result;
}

/// Runs of one side, whose broker takes about `cost` seconds of CPU time.
inline std::vector<Result> lifelike_runs(double cost, std::size_t count, unsigned seed) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> lot(0.9, 1.1);
  std::vector<Result> runs;
  for (std::size_t i = 0; i < count; ++i) {
    runs.push_back(lifelike_result());
    Result& run = runs.back();
    run.broker->user = Seconds(cost * lot(random));
    run.counts.delivered_in_time =
        static_cast<std::uint64_t>(static_cast<double>(run.counts.delivered_in_time) * lot(random));
  }
  return runs;
}

/// Runs of many kinds: good, failed, interrupted, without data, with too much text.
inline std::vector<SamplePage> sample_pages() {
  std::vector<SamplePage> pages;
  pages.push_back({"passed", lifelike_result()});
  pages.push_back({"nothing", Result()});

  Result failed = lifelike_result();
  failed.interrupted = true;
  failed.counts.lost = 17;
  failed.counts.disconnects = 2;
  failed.failures = {"QoS 1: 17 messages lost", "expected p99<1ms: it is 2.31 ms"};
  failed.checks.push_back({"p99<1ms", "2.31 ms", false});
  failed.limited_by_generator = "its busiest thread was idle for less than 3 % of the time";
  failed.intervals.resize(1);
  pages.push_back({"failed", std::move(failed)});

  Result connections = pair_result();
  connections.settings.scenario = "conn";
  connections.settings.publishers = 0;
  connections.settings.subscribers = 15'000;
  connections.settings.payload_bytes = 0;
  connections.counts = Counts();
  connections.counts.connected = 15'000;
  connections.latencies.erase(connections.latencies.begin());
  for (Interval& interval : connections.intervals) {
    interval.delivered = interval.published = interval.p50 = interval.p99 = interval.max = 0;
    interval.connected = 1500;
  }
  pages.push_back({"connections", std::move(connections)});

  Result wordy = lifelike_result();
  wordy.settings.broker.assign(200, 'b').append(".example:443/mqtt");
  wordy.settings.command_line = "mqtt-bench pair -t " + std::string(400, 't');
  wordy.broker->command = std::string(120, 'c');
  Figure long_figure{"", 1e15, "bytes"};
  long_figure.name.assign(80, 'f');
  wordy.figures.push_back(long_figure);
  wordy.failures = {std::string(300, 'x')};
  pages.push_back({"wordy", std::move(wordy)});
  return pages;
}

}  // namespace bench::samples
