#include "bench/report/summary.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "apps/bench/samples/sample_result.h"

namespace bench {
namespace {

const Paint plain(false);

std::vector<Result> two_runs(double cpu_seconds) {
  std::vector<Result> runs;
  for (int i = 0; i < 2; ++i) {
    runs.push_back(samples::pair_result());
    runs.back().latencies.clear();
    runs.back().figures.clear();
    runs.back().broker->user = Seconds(cpu_seconds * (1 + i * 0.1));
    runs.back().broker->system = Seconds(0);
  }
  return runs;
}

}  // namespace

TEST_CASE("the summary of a good run") {
  CHECK(summary(samples::pair_result(), plain) ==
        R"(pair, 100 publishers to 100 subscribers, QoS 1, 64-byte payloads
127.0.0.1:1883, MQTT 5, 10.0 s, closed loop, window 20

verdict: passed

  delivered      10,000  1,000/s
  published      10,000  1,000/s
  acknowledged   10,000
  connected         200
  connect-rate  2,500/s

  nothing lost, duplicated, out of order, corrupted or refused

  latency         p50      p90      p99    p99.9   p99.99      max     mean   count
  end-to-end  2.51 ms  4.52 ms  4.98 ms  5.00 ms  5.00 ms  5.00 ms  2.52 ms  10,000
  connect      502 µs   901 µs   991 µs  1.00 ms  1.00 ms  1.00 ms   505 µs     200

  process                     CPU  CPU/delivery    memory  threads  switches
  broker mqtt-broker  0.002 cores       2.00 µs  4.77 MiB        3     1,000
  generator           0.002 cores       2.00 µs  4.77 MiB        3     1,000
  broker memory per connection: 700 B
)");
}

TEST_CASE("the summary of a failed, interrupted run against an unwatched broker") {
  Result result = samples::pair_result();
  result.settings.window.reset();
  result.settings.rate = 20'000;
  result.broker.reset();
  result.figures.clear();
  result.latencies.resize(1);
  result.latencies[0].from_due_time = true;
  result.interrupted = true;
  result.counts.lost = 3;
  result.counts.disconnects = 1;
  result.failures = {"QoS 1: 3 messages lost", "expected loss=0: it is 3"};
  result.checks = {{"loss=0", "3", false}, {"p99<5ms", "4.98 ms", true}};
  result.limited_by_generator = "its busiest thread was never idle";
  result.notes = {"16 source addresses were used"};
  CHECK(summary(result, plain) ==
        R"(pair, 100 publishers to 100 subscribers, QoS 1, 64-byte payloads
127.0.0.1:1883, MQTT 5, 10.0 s, open loop, 20,000/s, interrupted

verdict: FAILED
  ✗ QoS 1: 3 messages lost
  ✗ expected loss=0: it is 3
  ✓ p99<5ms: it is 4.98 ms

  delivered     10,000  1,000/s
  published     10,000  1,000/s
  acknowledged  10,000
  connected        200

  lost         3
  disconnects  1

  latency           p50      p90      p99    p99.9   p99.99      max     mean   count
  end-to-end *  2.51 ms  4.52 ms  4.98 ms  5.00 ms  5.00 ms  5.00 ms  2.52 ms  10,000
  * measured from when the message was due

  process            CPU  CPU/delivery    memory  threads  switches
  generator  0.002 cores       2.00 µs  4.77 MiB        3     1,000

  the generator was the limit: its busiest thread was never idle
  note: 16 source addresses were used
)");
}

TEST_CASE("a run that found nothing has a summary") {
  CHECK(summary(Result(), plain).find("verdict: passed") != std::string::npos);
}

TEST_CASE("a summary moves no cursor, whatever a process is called") {
  Result result = samples::pair_result();
  result.broker->command = "evil\x1b[2J\n";
  result.notes.emplace_back("\x07");
  const std::string text = summary(result, plain);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find('\x07') == std::string::npos);
}

TEST_CASE("colours are put around words, and change none of them") {
  Result result = samples::pair_result();
  result.failures.emplace_back("QoS 1: 3 messages lost");
  std::string text = summary(result, Paint(true));
  CHECK(text.find("verdict: \x1b[31mFAILED\x1b[0m\n") != std::string::npos);
  for (std::size_t begin; (begin = text.find('\x1b')) != std::string::npos;) {
    text.erase(begin, text.find('m', begin) + 1 - begin);
  }
  CHECK(text == summary(result, plain));
}

TEST_CASE("the summary of a comparison") {
  auto a = two_runs(0.2);
  auto b = two_runs(0.01);
  b[1].settings.qos = 2;
  auto comparison = compare("mosquitto", a, "mqtt-broker", b);
  comparison.checks = {{"cpu/msg<=1/20", "0.05", true}, {"rate>=2", "1", false}};
  CHECK(summary(comparison, plain) == R"(A: mosquitto, 2 runs
B: mqtt-broker, 2 runs

  median                      A                       B              B/A  95 %         B is
  rate                  1,000/s     ±0 %        1,000/s     ±0 %   1.000     –  cannot tell
  publish-rate          1,000/s     ±0 %        1,000/s     ±0 %   1.000     –  cannot tell
  cpu/msg               21.0 µs  ±4.76 %        1.05 µs  ±4.76 %  1/20.0     –  cannot tell
  cpu               0.021 cores  ±4.76 %  0.00105 cores  ±4.76 %  1/20.0     –  cannot tell
  switches/msg             0.10     ±0 %           0.10     ±0 %   1.000     –  cannot tell
  bytes/connection        700 B     ±0 %          700 B     ±0 %   1.000     –  cannot tell
  memory               4.77 MiB     ±0 %       4.77 MiB     ±0 %   1.000     –  cannot tell
  cannot tell: with fewer than 4 runs on each side chance alone could do this

  be careful: the runs differ in QoS: 1 and 2

  ✓ B/A cpu/msg<=1/20: it is 0.05
  ✗ B/A rate>=2: it is 1
)");
}

}  // namespace bench
