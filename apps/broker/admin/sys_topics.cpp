#include "admin/sys_topics.h"

#include <fmt/core.h>
#include <malloc.h>

#include <algorithm>

#include "runtime/heap_account.h"
#include "session/dispatcher.h"

namespace broker {
namespace {

constexpr std::string_view root = "$SYS/broker/";
constexpr std::array<std::string_view, 3> period_names = {"1min", "5min", "15min"};

std::int64_t heap_bytes() {
  const struct mallinfo2 heap = mallinfo2();
  return static_cast<std::int64_t>(heap.uordblks + heap.hblkhd) + heap_account.mapped();
}

}  // namespace

SysTopics::SysTopics(SessionContext& context, const Metrics& metrics)
    : context_(context),
      metrics_(metrics),
      loads_{{{"messages/received", {}, {}},
              {"messages/sent", {}, {}},
              {"publish/dropped", {}, {}},
              {"publish/received", {}, {}},
              {"publish/sent", {}, {}},
              {"bytes/received", {}, {}},
              {"bytes/sent", {}, {}},
              {"sockets", {}, {}},
              {"connections", {}, {}}}} {}

void SysTopics::start() {
  started_at_ms_ = last_round_ms_ = context_.here.worker.now();
  change_interval();
}

void SysTopics::change_interval() {
  if (context_.here.config->sys_interval_s == 0) return context_.here.worker.timers().disarm(*this);
  if (published_.empty()) {
    publish("version", "mqtt-broker version " MQTT_VERSION);
    publish_round();
  }
  arm();
}

void SysTopics::arm() {
  const std::int64_t interval = context_.here.config->sys_interval_s;
  const std::int64_t wait_s = interval - context_.here.worker.clock().wall_seconds() % interval;
  context_.here.worker.timers().arm(*this, context_.here.worker.now() + wait_s * 1000);
}

void SysTopics::on_timer() {
  publish_round();
  arm();
}

void SysTopics::publish_round() {
  const std::int64_t now = context_.here.worker.now();
  publish("uptime", fmt::format("{} seconds", (now - started_at_ms_) / 1000));
  publish_figures();
  publish_loads(static_cast<double>(std::max<std::int64_t>(now - last_round_ms_, 1)) / 1000.0);
  last_round_ms_ = now;
}

void SysTopics::publish_figures() {
  const auto total = [this](Count count) { return metrics_.total(count); };
  const auto sessions = static_cast<std::int64_t>(context_.directory.session_count());
  const std::int64_t connected = total(Count::sessions_connected);
  const std::int64_t disconnected = std::max<std::int64_t>(0, sessions - connected);
  publish_figure("clients/total", sessions);
  publish_peak("clients/maximum", sessions);
  publish_figure("clients/connected", connected);
  publish_figure("clients/active", connected);
  publish_figure("clients/disconnected", disconnected);
  publish_figure("clients/inactive", disconnected);
  publish_figure("clients/expired", total(Count::sessions_expired));

  const auto retained = static_cast<std::int64_t>(context_.retained.count());
  const auto retained_bytes = static_cast<std::int64_t>(context_.retained.payload_bytes());
  const std::int64_t stored =
      retained + total(Count::queued_messages) + total(Count::in_flight_messages);
  publish_figure("messages/stored", stored);
  publish_figure("store/messages/count", stored);
  publish_figure("store/messages/bytes",
                 retained_bytes + total(Count::queued_bytes) + total(Count::in_flight_bytes));
  publish_figure("retained messages/count", retained);
  context_.shared_trees.read();
  publish_figure("subscriptions/count",
                 static_cast<std::int64_t>(context_.subscriptions.subscription_count()));
  publish_figure("shared_subscriptions/count",
                 static_cast<std::int64_t>(context_.subscriptions.shared_subscription_count()));

  const std::int64_t heap = heap_bytes();
  publish_figure("heap/current", heap);
  // With a memory_limit the account sees what comes and goes between two rounds.
  publish_peak("heap/maximum", std::max(heap, heap_account.peak()));

  publish_figure("messages/received", total(Count::packets_received));
  publish_figure("messages/sent", total(Count::packets_sent));
  publish_figure("bytes/received", total(Count::bytes_received));
  publish_figure("bytes/sent", total(Count::bytes_sent));
  publish_figure("publish/bytes/received", total(Count::publish_bytes_received));
  publish_figure("publish/bytes/sent", total(Count::publish_bytes_sent));
  publish_figure("packet/out/count", total(Count::output_packets));
  publish_figure("packet/out/bytes", total(Count::output_bytes));
  publish_figure("connections/socket/count", total(Count::sockets_accepted));
  publish_figure("publish/messages/dropped", metrics_.total(DropKind::limit));
  publish_figure("publish/messages/received", total(Count::publish_received));
  publish_figure("publish/messages/sent", total(Count::publish_sent));
  publish_drops();
}

/// Each reason by itself, those of `publish/messages/dropped` and the others: docs/drop-reasons.md.
void SysTopics::publish_drops() {
  for (std::size_t row = 0; row < number_of_drop_reasons; ++row) {
    const auto reason = static_cast<DropReason>(row);
    publish_figure(fmt::format("publish/dropped/{}", info(reason).name), metrics_.total(reason));
  }
}

std::array<std::int64_t, SysTopics::number_of_loads> SysTopics::load_counts() const {
  return {metrics_.total(Count::packets_received), metrics_.total(Count::packets_sent),
          metrics_.total(DropKind::limit),         metrics_.total(Count::publish_received),
          metrics_.total(Count::publish_sent),     metrics_.total(Count::bytes_received),
          metrics_.total(Count::bytes_sent),       metrics_.total(Count::sockets_accepted),
          metrics_.total(Count::connects_received)};
}

void SysTopics::publish_loads(double elapsed_s) {
  const auto counts = load_counts();
  for (std::size_t i = 0; i < loads_.size(); ++i) {
    Load& load = loads_[i];
    load.average.update(counts[i], elapsed_s);
    for (std::size_t period = 0; period < period_names.size(); ++period) {
      std::string text = fmt::format("{:.2f}", load.average.value(period));
      if (text == load.published[period]) continue;
      publish(fmt::format("load/{}/{}", load.name, period_names[period]), text);
      load.published[period] = std::move(text);
    }
  }
}

void SysTopics::publish_figure(std::string_view topic, std::int64_t value) {
  const auto known = published_.find(topic);
  if (known != published_.end() && known->second == value) return;
  published_.insert_or_assign(std::string(topic), value);
  publish(topic, fmt::format("{}", value));
}

void SysTopics::publish_peak(std::string_view topic, std::int64_t value) {
  const auto known = published_.find(topic);
  if (known == published_.end() || known->second < value) publish_figure(topic, value);
}

void SysTopics::publish(std::string_view topic, const std::string& payload) {
  const std::string name = std::string(root) + std::string(topic);
  Publication publication(MessageView{mqtt::TopicName::from_valid(name),
                                      mqtt::as_bytes(payload),
                                      mqtt::QoS::exactly_once,
                                      context_.here.config->delivery.retain_available,
                                      {},
                                      never,
                                      {}});
  context_.dispatcher.publish(publication);
}

}  // namespace broker
