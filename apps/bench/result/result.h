#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bench/result/histogram.h"

/// The results of a run: set by the run (scenario, load threads, ledger), read by all outputs and
/// checks (summary, JSON, CSV, page, expectations, comparisons), which use nothing else.
namespace bench {

using Seconds = std::chrono::duration<double>;

/// The settings, as on the command line.
struct RunSettings {
  std::string scenario;      ///< "pair"
  std::string command_line;  ///< as typed, passwords masked
  std::string broker;        ///< "127.0.0.1:1883", "/run/broker.sock", "wss://host:443/mqtt"
  std::string protocol;      ///< "3.1.1", "5"
  unsigned qos = 0;
  std::uint64_t payload_bytes = 0;  ///< of the first message, if a template or files vary it
  std::uint64_t publishers = 0;
  std::uint64_t subscribers = 0;
  unsigned threads = 1;
  std::optional<std::uint64_t> window;  ///< closed loop: outstanding messages per publisher
  std::optional<double> rate;           ///< open loop: messages per second, all publishers together
  Seconds warm_up{0};
  std::string version;  ///< of mqtt-bench
  std::chrono::system_clock::time_point started_at;
};

/// Messages and connections, counted after the warm-up (loss, duplicates and order: of all messages
/// that were sent after it).
struct Counts {
  std::uint64_t connected = 0;           ///< successful connects, including reconnects
  std::uint64_t connect_failures = 0;    ///< refused, unreachable, timed out
  std::uint64_t disconnects = 0;         ///< connections not ended by the run
  std::uint64_t subscribe_failures = 0;  ///< filters that were answered with an error
  std::uint64_t published = 0;           ///< handed to a connection
  std::uint64_t publish_failures = 0;    ///< PUBACK or PUBREC with an error, or abandoned
  std::uint64_t acknowledged = 0;        ///< QoS 1 and 2: completed
  std::uint64_t expected = 0;            ///< deliveries that should have happened; 0: unknown
  std::uint64_t delivered = 0;           ///< deliveries, duplicates not counted
  std::uint64_t delivered_bytes = 0;     ///< their payloads
  /// Deliveries during the measured part: including the last ones of the warm-up, but not those of
  /// the drain. Rates and CPU time are based on it.
  std::uint64_t delivered_in_time = 0;
  std::uint64_t lost = 0;           ///< expected and not delivered
  std::uint64_t duplicated = 0;     ///< delivered once more
  std::uint64_t out_of_order = 0;   ///< after a message that was sent later
  std::uint64_t corrupted = 0;      ///< not what was sent, topic or payload
  std::uint64_t unexpected = 0;     ///< from somewhere else, or to the wrong subscriber
  std::uint64_t delayed_sends = 0;  ///< open loop: sent later than due by more than 1 ms
};

/// One of the durations that a run measures. Names: latency_rows() (name_table.h).
struct Latency {
  std::string name;
  Histogram histogram;
  /// Open loop: measured from when the message was due, not from when it could be sent.
  bool from_due_time = false;
};

/// CPU time and memory of a process, over the measured part of the run.
struct ProcessUsage {
  int pid = 0;
  std::string command;  ///< its name, from the system
  Seconds user{0};
  Seconds system{0};
  std::uint64_t resident_before = 0;  ///< bytes, before the first connection
  std::uint64_t resident_peak = 0;
  std::uint64_t resident_after = 0;
  std::uint64_t threads = 0;
  /// The busiest thread's share of the time in which it had a processor, 0..1; 0: not known.
  double busiest_thread = 0;
  std::uint64_t voluntary_switches = 0;
  std::uint64_t involuntary_switches = 0;
  /// Measured while all connections of the run were open; nullopt: the scenario has no such moment.
  std::optional<std::uint64_t> resident_connected;

  Seconds cpu() const { return user + system; }
};

/// A slice of the run's time line (one second, unless the run says otherwise), warm-up included.
struct Interval {
  Seconds begin{0};  ///< from the start of the load
  Seconds length{1};
  std::uint64_t published = 0;
  std::uint64_t delivered = 0;
  std::uint64_t connected = 0;  ///< connections made
  std::uint64_t p50 = 0;        ///< of the run's main latency, ns; 0: none
  std::uint64_t p99 = 0;
  std::uint64_t max = 0;
  double broker_cpu = 0;  ///< cores in use, 0 without --broker-pid
  std::uint64_t broker_resident = 0;
  bool is_warm_up = false;  ///< not measured: warm-up, or drain
};

/// A figure that only one scenario has: "connections-per-second", "drain-rate". Each has its row in
/// figure_rows() (name_table.h), so that it can be expected and is explained.
struct Figure {
  std::string name;
  double value = 0;
  std::string unit;  ///< "/s", "bytes", "ms", "": see unit_named() (quantity.h)
};

/// A user's expectation, checked against the run.
struct Check {
  std::string expectation;  ///< "p99<5ms", as typed
  std::string measured;     ///< "7.21 ms"; "not measured"
  bool passed = false;
};

struct Result {
  RunSettings settings;
  Seconds duration{0};  ///< of the measured part
  Counts counts;
  std::vector<Latency> latencies;  ///< the main one first
  std::vector<Figure> figures;
  std::vector<Interval> intervals;
  std::optional<ProcessUsage> broker;
  ProcessUsage generator;
  /// The busiest load thread's share of the time in which it was not idle, 0..1.
  double busiest_thread = 0;
  /// Why the figures describe the generator rather than the broker; empty: they do not.
  std::string limited_by_generator;
  bool interrupted = false;
  /// One per --expect, set by `judge` at the end of the run.
  std::vector<Check> checks;
  /// Violated guarantees ("QoS 1: 3 messages lost") and failed expectations; empty: passed.
  std::vector<std::string> failures;
  std::vector<std::string> notes;

  bool passed() const { return failures.empty(); }
  /// Whether a thread of the generator was busy nearly all the time, but none of the broker's, if
  /// watched: if both were, the broker was the limit.
  bool generator_was_limit() const;
  double delivered_per_second() const;
  double published_per_second() const;
  /// nullopt: the broker was not watched, or nothing was delivered.
  std::optional<double> broker_cpu_us_per_delivery() const;
  std::optional<double> broker_bytes_per_connection() const;
  const Latency* latency(const std::string& name) const;  ///< nullptr: not measured
};

}  // namespace bench
