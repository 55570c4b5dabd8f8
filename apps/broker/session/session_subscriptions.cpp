/// SUBSCRIBE and UNSUBSCRIBE: filter by filter, waiting where an authoriser has to think, then one
/// answer, then the retained messages.

#include <algorithm>

#include "mqtt/protocol/topic.h"
#include "runtime/heap_account.h"
#include "session/mount_point.h"
#include "session/packet_log.h"
#include "session/session.h"
#include "session/session_table.h"

namespace broker {

Checked<InputOutcome> Session::on_subscribe(const mqtt::Subscribe& packet) {
  auto request = std::make_unique<FilterRequest>();
  request->packet_id = packet.packet_id;
  request->identifier =
      packet.properties.number(mqtt::PropertyId::subscription_identifier).value_or(0);
  for (const mqtt::SubscriptionRequest& wanted : packet.subscriptions) {
    request->filters.emplace_back(mounted_filter(listener().mount_point, wanted.filter),
                                  wanted.options);
  }
  return work_through(std::move(request));
}

Checked<InputOutcome> Session::on_unsubscribe(const mqtt::Unsubscribe& packet) {
  auto request = std::make_unique<FilterRequest>();
  request->access = Access::unsubscribe;
  request->packet_id = packet.packet_id;
  for (const std::string_view filter : packet.filters) {
    request->filters.emplace_back(mounted_filter(listener().mount_point, filter),
                                  mqtt::SubscriptionOptions{});
  }
  return work_through(std::move(request));
}

/// Filter by filter, in order. [MQTT-3.8.4-5] [MQTT-3.8.4-6] [MQTT-3.9.3-1] [MQTT-3.10.4-6]
/// [MQTT-3.11.3-1]
InputOutcome Session::work_through(std::unique_ptr<FilterRequest> request) {
  pending_filters_ = std::move(request);
  FilterRequest& current = *pending_filters_;
  while (current.reasons.size() < current.filters.size()) {
    const Verdict verdict =
        may_use_filter(current.filters[current.reasons.size()].first, current.access);
    if (verdict == Verdict::later) return InputOutcome::wait;
    apply_filter(current, verdict == Verdict::allow);
  }
  const std::unique_ptr<FilterRequest> done = std::move(pending_filters_);
  answer(*done);
  return InputOutcome::done;
}

Verdict Session::may_use_filter(const std::string& filter, Access access) {
  if (!context_.access.active()) return Verdict::allow;
  SessionContext& context = context_;
  const auto make_answer = [&]() -> Authoriser::Answer {
    return [&context, id = id(), attachment = attachment_](bool allowed) {
      Session* session = context.sessions->find(id);
      if (session != nullptr && session->attachment_ == attachment)
        session->filter_decided(allowed);
    };
  };
  return context_.access.authorise(
      {context_.worker, client_id(), user_name(), filter, access, listener_}, make_answer);
}

void Session::filter_decided(bool allowed) {
  if (!pending_filters_) return;
  apply_filter(*pending_filters_, allowed);
  if (work_through(std::move(pending_filters_)) == InputOutcome::done && sink_ != nullptr) {
    sink_->continue_input();
  }
}

void Session::apply_filter(FilterRequest& request, bool allowed) {
  const auto& [filter, options] = request.filters[request.reasons.size()];
  if (!allowed) {
    request.reasons.push_back(refused_filter(request, options.qos));
  } else if (request.access == Access::subscribe) {
    request.reasons.push_back(subscribe(request, filter, options));
  } else {
    request.reasons.push_back(unsubscribe(filter));
  }
  const auto log = request.access == Access::subscribe ? log_subscribed : log_unsubscribed;
  log(context_.log, client_id(), filter, request.reasons.back());
}

/// MQTT 3.1 has no way to refuse a subscription: the client is told what it asked for.
mqtt::ReasonCode Session::refused_filter(const FilterRequest& request, mqtt::QoS requested) const {
  if (version_ == mqtt::ProtocolVersion::v31 && request.access == Access::subscribe) {
    return static_cast<mqtt::ReasonCode>(requested);
  }
  return mqtt::is_v5(version_) ? mqtt::ReasonCode::not_authorized
                               : mqtt::ReasonCode::unspecified_error;
}

mqtt::ReasonCode Session::subscribe(FilterRequest& request, const std::string& text,
                                    mqtt::SubscriptionOptions options) {
  const auto filter = mqtt::TopicFilter::parse(text);
  if (!filter) {  // it was valid before it came below the mount point
    return mqtt::is_v5(version_) ? mqtt::ReasonCode::topic_filter_invalid
                                 : mqtt::ReasonCode::unspecified_error;
  }
  options.qos = mqtt::min(options.qos, max_qos_);  // [MQTT-3.2.2-10]
  if (bridge_) options.no_local = options.retain_as_published = true;

  if (!subscriptions_) subscriptions_ = std::make_unique<Subscriptions>();
  const std::uint32_t limit = config().limits.max_subscriptions_per_client;
  if (limit != 0 && subscriptions_->size() >= limit && !subscriptions_->contains(text)) {
    return mqtt::is_v5(version_) ? mqtt::ReasonCode::quota_exceeded
                                 : mqtt::ReasonCode::unspecified_error;
  }
  if (heap_account.exhausted() && !subscriptions_->contains(text)) {
    context_.counters.add(Count::memory_refused_subscriptions);
    return mqtt::is_v5(version_) ? mqtt::ReasonCode::quota_exceeded
                                 : mqtt::ReasonCode::unspecified_error;
  }
  const bool is_new =
      subscriptions_->insert_or_assign(text, Subscription{options, request.identifier}).second;
  const Receiver receiver{id(), options.qos, options.no_local, options.retain_as_published,
                          request.identifier};
  // What is retained from here on has met the subscription already.
  std::uint64_t newest_retained = 0;
  context_.shared_trees.write([&] {
    context_.subscriptions.subscribe(*filter, receiver);
    newest_retained = context_.retained.newest();
  });

  // [MQTT-3.3.1-9] [MQTT-3.3.1-10] [MQTT-3.3.1-11] [MQTT-3.8.4-4]
  const bool replay =
      !filter->is_shared() && (options.retain_handling == mqtt::RetainHandling::always ||
                               (options.retain_handling == mqtt::RetainHandling::if_new && is_new));
  if (replay) {
    RetainedReplay& begun = request.replays.emplace_back();
    begun.filter = text;
    begun.qos = options.qos;
    begun.subscription_identifier = request.identifier;
    begun.cursor.newest = newest_retained;
  }
  return static_cast<mqtt::ReasonCode>(options.qos);  // [MQTT-3.8.4-7]
}

/// Flows and queue stay: what was granted before is delivered. [MQTT-3.10.4-3]
mqtt::ReasonCode Session::unsubscribe(const std::string& text) {
  if (!subscriptions_ || subscriptions_->erase(text) == 0)
    return mqtt::ReasonCode::no_subscription_existed;
  if (const auto filter = mqtt::TopicFilter::parse(text)) {
    context_.shared_trees.write([&] { return context_.subscriptions.unsubscribe(*filter, id()); });
  }
  if (outbound_) {
    std::erase_if(outbound_->replays,
                  [&](const RetainedReplay& replay) { return replay.filter == text; });
  }
  return mqtt::ReasonCode::success;
}

/// [MQTT-2.2.1-6] [MQTT-3.8.4-1] [MQTT-3.8.4-2] [MQTT-3.10.4-4] [MQTT-3.10.4-5]
void Session::answer(FilterRequest& request) {
  if (sink_ == nullptr) return;
  if (request.access == Access::subscribe) {
    sink_->send(mqtt::Suback{request.packet_id, {}, std::move(request.reasons)});
  } else {
    sink_->send(mqtt::Unsuback{request.packet_id, {}, std::move(request.reasons)});
  }
  if (request.replays.empty()) return;
  std::ranges::move(request.replays, std::back_inserter(outbound().replays));
  send_waiting();
  // Mostly nothing was retained: a client that waits for its first message keeps no flows.
  if (outbound_->unused()) outbound_.reset();
}

}  // namespace broker
