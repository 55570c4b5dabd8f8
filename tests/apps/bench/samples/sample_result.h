#pragma once

#include <cmath>
#include <cstdint>

#include "bench/result/result.h"

/// Results with known figures, for the tests of all that tells of them.
namespace bench::samples {

/// Latencies of `count` messages, evenly spread from 1 to 100 times `step` ns.
inline Histogram even_histogram(std::uint64_t count, std::uint64_t step) {
  Histogram histogram;
  for (std::uint64_t i = 0; i < 100; ++i) histogram.record((i + 1) * step, count / 100);
  return histogram;
}

/// Ten seconds of pair, QoS 1, 1000 deliveries a second, nothing wrong.
inline Result pair_result() {
  Result result;
  result.settings.scenario = "pair";
  result.settings.command_line = "mqtt-bench pair -q 1 -P secret***";
  result.settings.broker = "127.0.0.1:1883";
  result.settings.protocol = "5";
  result.settings.qos = 1;
  result.settings.payload_bytes = 64;
  result.settings.publishers = 100;
  result.settings.subscribers = 100;
  result.settings.threads = 2;
  result.settings.window = 20;
  result.settings.warm_up = Seconds(1);
  result.settings.version = "0.1.0";
  result.settings.started_at = std::chrono::system_clock::time_point(
      std::chrono::milliseconds(1'772'366'400'250));  // 2026-03-01T12:00:00.250Z
  result.duration = Seconds(10);
  result.counts.connected = 200;
  result.counts.published = 10'000;
  result.counts.acknowledged = 10'000;
  result.counts.expected = 10'000;
  result.counts.delivered = 10'000;
  result.counts.delivered_bytes = 640'000;
  result.counts.delivered_in_time = 10'000;
  result.latencies.push_back({"end-to-end", even_histogram(10'000, 50'000), false});
  result.latencies.push_back({"connect", even_histogram(200, 10'000), false});
  result.figures.push_back({"connect-rate", 2500, "/s"});
  ProcessUsage broker;
  broker.pid = 4711;
  broker.command = "mqtt-broker";
  broker.user = Seconds(0.015);
  broker.system = Seconds(0.005);
  broker.resident_before = 4'000'000;
  broker.resident_connected = 4'140'000;
  broker.resident_peak = 5'000'000;
  broker.resident_after = 4'200'000;
  broker.threads = 3;
  broker.voluntary_switches = 900;
  broker.involuntary_switches = 100;
  result.broker = broker;
  result.generator = broker;
  result.generator.command = "mqtt-bench";
  result.generator.resident_connected.reset();
  result.busiest_thread = 0.25;
  for (unsigned i = 0; i < 11; ++i) {
    Interval interval;
    interval.begin = Seconds(i);
    interval.published = 1000 + i;
    interval.delivered = 1000;
    interval.connected = i == 0 ? 200 : 0;
    interval.p50 = 2'500'000 + i * 10'000;
    interval.p99 = 4'900'000;
    interval.max = 5'000'000;
    interval.broker_cpu = 0.002;
    interval.broker_resident = 4'200'000 + i * 1000;
    interval.is_warm_up = i == 0;
    result.intervals.push_back(interval);
  }
  return result;
}

}  // namespace bench::samples
