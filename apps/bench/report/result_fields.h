#pragma once

#include "bench/result/result.h"

/// The fields of a Result by name: the one list that JSON is written from and read by, and that CSV
/// takes its columns from. Names end in the unit: _s (seconds), _ns, _bytes.
///
/// A `Visitor` is called as visitor("name", member). `Object` may be const, or a temporary.
namespace bench {

template <class Visitor, class Object>
void visit_settings(Visitor&& visitor, Object&& settings) {
  visitor("scenario", settings.scenario);
  visitor("command_line", settings.command_line);
  visitor("broker", settings.broker);
  visitor("protocol", settings.protocol);
  visitor("qos", settings.qos);
  visitor("payload_bytes", settings.payload_bytes);
  visitor("publishers", settings.publishers);
  visitor("subscribers", settings.subscribers);
  visitor("threads", settings.threads);
  visitor("window", settings.window);
  visitor("rate_per_s", settings.rate);
  visitor("warm_up_s", settings.warm_up);
  visitor("version", settings.version);
  visitor("started_at", settings.started_at);
}

template <class Visitor, class Object>
void visit_counts(Visitor&& visitor, Object&& counts) {
  visitor("connected", counts.connected);
  visitor("connect_failures", counts.connect_failures);
  visitor("disconnects", counts.disconnects);
  visitor("subscribe_failures", counts.subscribe_failures);
  visitor("published", counts.published);
  visitor("publish_failures", counts.publish_failures);
  visitor("acknowledged", counts.acknowledged);
  visitor("expected", counts.expected);
  visitor("delivered", counts.delivered);
  visitor("delivered_bytes", counts.delivered_bytes);
  visitor("delivered_in_time", counts.delivered_in_time);
  visitor("lost", counts.lost);
  visitor("duplicated", counts.duplicated);
  visitor("out_of_order", counts.out_of_order);
  visitor("corrupted", counts.corrupted);
  visitor("unexpected", counts.unexpected);
  visitor("delayed_sends", counts.delayed_sends);
}

template <class Visitor, class Object>
void visit_usage(Visitor&& visitor, Object&& usage) {
  visitor("pid", usage.pid);
  visitor("command", usage.command);
  visitor("user_s", usage.user);
  visitor("system_s", usage.system);
  visitor("resident_before_bytes", usage.resident_before);
  visitor("resident_connected_bytes", usage.resident_connected);
  visitor("resident_peak_bytes", usage.resident_peak);
  visitor("resident_after_bytes", usage.resident_after);
  visitor("threads", usage.threads);
  visitor("busiest_thread", usage.busiest_thread);
  visitor("voluntary_switches", usage.voluntary_switches);
  visitor("involuntary_switches", usage.involuntary_switches);
}

template <class Visitor, class Object>
void visit_interval(Visitor&& visitor, Object&& interval) {
  visitor("begin_s", interval.begin);
  visitor("length_s", interval.length);
  visitor("warm_up", interval.is_warm_up);
  visitor("published", interval.published);
  visitor("delivered", interval.delivered);
  visitor("connected", interval.connected);
  visitor("p50_ns", interval.p50);
  visitor("p99_ns", interval.p99);
  visitor("max_ns", interval.max);
  visitor("broker_cpu_cores", interval.broker_cpu);
  visitor("broker_resident_bytes", interval.broker_resident);
}

template <class Visitor, class Object>
void visit_figure(Visitor&& visitor, Object&& figure) {
  visitor("name", figure.name);
  visitor("value", figure.value);
  visitor("unit", figure.unit);
}

template <class Visitor, class Object>
void visit_check(Visitor&& visitor, Object&& check) {
  visitor("expectation", check.expectation);
  visitor("measured", check.measured);
  visitor("passed", check.passed);
}

/// The direct members of a Result that are not lists.
template <class Visitor, class Object>
void visit_outcome(Visitor&& visitor, Object&& result) {
  visitor("duration_s", result.duration);
  visitor("interrupted", result.interrupted);
  visitor("busiest_thread", result.busiest_thread);
  visitor("limited_by_generator", result.limited_by_generator);
}

}  // namespace bench
