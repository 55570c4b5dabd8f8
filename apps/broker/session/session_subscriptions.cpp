/// SUBSCRIBE and UNSUBSCRIBE: filter by filter, waiting where an authoriser has to think and where
/// the turn has done enough, then one answer, then the retained messages.

#include <utility>

#include "mqtt/protocol/topic.h"
#include "runtime/heap_account.h"
#include "session/mount_point.h"
#include "session/packet_log.h"
#include "session/session.h"
#include "session/session_table.h"

namespace broker {
namespace {

Steps cost_of_check(const mqtt::TopicFilter& filter) {
  return 1 + filter.text().size() / 32;
}

/// Whether a client below the mount point sees a wildcard at the first level of its filter.
bool begins_with_wildcard(const mqtt::TopicFilter& mounted, std::size_t mount_point_size) {
  const std::string_view filter = mounted.filter().substr(mount_point_size);
  return filter.starts_with('+') || filter.starts_with('#');
}

}  // namespace

Checked<InputOutcome> Session::on_subscribe(const mqtt::UnreadFilters& packet) {
  return begin_request(packet, Access::subscribe);
}

Checked<InputOutcome> Session::on_unsubscribe(const mqtt::UnreadFilters& packet) {
  return begin_request(packet, Access::unsubscribe);
}

// --- The request

Checked<InputOutcome> Session::begin_request(const mqtt::UnreadFilters& packet, Access access) {
  pending_filters_ = std::make_unique<FilterRequest>(packet, version_, access);
  Steps& left = context_.work.left();
  const Steps before = left;
  const Checked<Progress> progress = work_through(*pending_filters_, left);
  context_.worker.count_work((before - left) / steps_of_a_unit);
  if (!progress) {
    pending_filters_.reset();
    return tl::unexpected(progress.error());
  }
  if (*progress == Progress::done) return InputOutcome::done;
  if (*progress == Progress::stopped) go_on_later();
  return InputOutcome::wait;
}

Checked<Session::Progress> Session::work_through(FilterRequest& request, Steps& left) {
  if (!request.checked()) {
    if (const Checked<> checked = check_filters(request, left); !checked)
      return tl::unexpected(checked.error());
    if (!request.checked()) return Progress::stopped;
  }
  const Progress progress = apply_filters(request, left);
  if (progress == Progress::done) {
    const std::unique_ptr<FilterRequest> done = std::move(pending_filters_);
    answer(*done, left);
  }
  return progress;
}

/// In the turns to come. A connection that is lost meanwhile takes its request along.
void Session::go_on_later() {
  context_.work.later(SlicedWork::Kind::asked, [&context = context_, id = id(),
                                                attachment = attachment_](Steps& left) {
    Session* session = context.sessions->find(id);
    const bool gone =
        session == nullptr || session->attachment_ != attachment || !session->pending_filters_;
    return gone || session->go_on_with_filters(left);
  });
}

/// False if more steps are needed. May end the session.
bool Session::go_on_with_filters(Steps& left) {
  const Checked<Progress> progress = work_through(*pending_filters_, left);
  if (!progress) {
    pending_filters_.reset();
    sink_->reject_input(progress.error().reason, progress.error().detail);
    return true;
  }
  if (*progress == Progress::done) sink_->continue_input();
  return *progress != Progress::stopped;
}

Checked<> Session::check_filters(FilterRequest& request, Steps& left) {
  while (!request.at_end()) {
    if (left == 0) return {};
    const auto entry = request.read();
    if (!entry) return tl::unexpected(Violation{entry.error().reason, entry.error().detail});
    spend(left, cost_of_check(entry->filter));
  }
  request.begin_to_apply();
  return {};
}

/// Filter by filter, in order. [MQTT-3.8.4-5] [MQTT-3.8.4-6] [MQTT-3.9.3-1] [MQTT-3.10.4-6]
/// [MQTT-3.11.3-1]
Session::Progress Session::apply_filters(FilterRequest& request, Steps& left) {
  TreeChanges changes;
  Progress progress = Progress::done;
  while (request.current || !request.at_end()) {
    if (left == 0) {
      progress = Progress::stopped;
      break;
    }
    const bool is_next = !request.current;
    if (is_next) request.current = *request.read();
    std::string filter = mounted_filter(listener().mount_point, request.current->filter.text());
    if (is_next) request.verdict = may_use_filter(filter, request.access());
    if (request.verdict == Verdict::later) {
      progress = Progress::asking;
      break;
    }
    spend(left, cost_of_change(filter));
    request.reasons.push_back(apply_filter(request, filter, changes));
    const auto log = request.subscribes() ? log_subscribed : log_unsubscribed;
    log(context_.log, client_id(), filter, request.reasons.back());
    request.current.reset();
  }
  put_into_effect(changes);
  return progress;
}

Verdict Session::may_use_filter(std::string_view filter, Access access) {
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
  if (!pending_filters_ || !pending_filters_->current) return;
  pending_filters_->verdict = allowed ? Verdict::allow : Verdict::deny;
  Steps& left = context_.work.left();
  if (left == 0 || !go_on_with_filters(left)) go_on_later();
}

/// [MQTT-2.2.1-6] [MQTT-3.8.4-1] [MQTT-3.8.4-2] [MQTT-3.10.4-4] [MQTT-3.10.4-5]
void Session::answer(FilterRequest& request, Steps& left) {
  if (request.subscribes()) {
    sink_->send(mqtt::Suback{request.packet_id(), {}, std::move(request.reasons)});
  } else {
    sink_->send(mqtt::Unsuback{request.packet_id(), {}, std::move(request.reasons)});
  }
  if (!outbound_ || !outbound_->replays) return;
  outbound_->replays->release();
  send_waiting(left);
  // Mostly nothing was retained: a client that waits for its first message keeps no flows.
  if (outbound_->unused()) outbound_.reset();
}

/// What it has changed so far stays. The client, which has no answer, is going to ask again.
void Session::abandon_request() {
  if (!std::exchange(pending_filters_, nullptr)) return;
  if (outbound_ && outbound_->replays) outbound_->replays->release();
}

// --- One filter of it

mqtt::ReasonCode Session::apply_filter(const FilterRequest& request, std::string filter,
                                       TreeChanges& changes) {
  if (request.verdict == Verdict::deny) return refused_filter(request);
  return request.subscribes() ? subscribe(request, std::move(filter), changes)
                              : unsubscribe(filter, changes);
}

/// MQTT 3.1 has no way to refuse a subscription: the client is told what it asked for.
mqtt::ReasonCode Session::refused_filter(const FilterRequest& request) const {
  if (version_ == mqtt::ProtocolVersion::v31 && request.subscribes()) {
    return static_cast<mqtt::ReasonCode>(request.current->options.qos);
  }
  return mqtt::is_v5(version_) ? mqtt::ReasonCode::not_authorized
                               : mqtt::ReasonCode::unspecified_error;
}

mqtt::ReasonCode Session::subscribe(const FilterRequest& request, std::string text,
                                    TreeChanges& changes) {
  const auto refuse = [this](mqtt::ReasonCode reason) {
    return mqtt::is_v5(version_) ? reason : mqtt::ReasonCode::unspecified_error;
  };
  // It was valid before it came below the mount point.
  if (!mqtt::TopicFilter::parse(text)) return refuse(mqtt::ReasonCode::topic_filter_invalid);
  mqtt::SubscriptionOptions options = request.current->options;
  options.qos = mqtt::min(options.qos, max_qos_);  // [MQTT-3.2.2-10]
  if (bridge_) options.no_local = options.retain_as_published = true;

  if (!subscriptions_) subscriptions_ = std::make_unique<SubscriptionSet>();
  auto known = subscriptions_->find(text);
  const bool is_new = known == subscriptions_->end();
  const std::uint32_t limit = config().limits.max_subscriptions_per_client;
  if (is_new && limit != 0 && subscriptions_->size() >= limit)
    return refuse(mqtt::ReasonCode::quota_exceeded);
  if (is_new && heap_account.exhausted()) {
    context_.counters.add(Count::memory_refused_subscriptions);
    return refuse(mqtt::ReasonCode::quota_exceeded);
  }
  if (is_new) known = subscriptions_->try_emplace(std::move(text)).first;
  known->second = Subscription{options, request.identifier()};

  const auto filter = *mqtt::TopicFilter::parse(known->first);
  // [MQTT-3.3.1-9] [MQTT-3.3.1-10] [MQTT-3.3.1-11] [MQTT-3.8.4-4]
  const bool replay =
      !filter.is_shared() && (options.retain_handling == mqtt::RetainHandling::always ||
                              (options.retain_handling == mqtt::RetainHandling::if_new && is_new));
  const std::size_t mounted = listener().mount_point.size();
  const bool skips_dollar = mounted != 0 && begins_with_wildcard(filter, mounted);
  changes.begun.push_back({filter,
                           {id(), options.qos, options.no_local, options.retain_as_published,
                            skips_dollar, request.identifier()},
                           replay});
  return static_cast<mqtt::ReasonCode>(options.qos);  // [MQTT-3.8.4-7]
}

/// Flows and queue stay: what was granted before is delivered. [MQTT-3.10.4-3]
mqtt::ReasonCode Session::unsubscribe(std::string_view text, TreeChanges& changes) {
  const auto known = subscriptions_ ? subscriptions_->find(text) : SubscriptionSet::iterator();
  if (!subscriptions_ || known == subscriptions_->end())
    return mqtt::ReasonCode::no_subscription_existed;
  cancel_replay(text);
  changes.ended.push_back(subscriptions_->extract(known));
  return mqtt::ReasonCode::success;
}

// --- Its effect

void Session::put_into_effect(TreeChanges& changes) {
  if (changes.empty()) return;
  // What is retained from here on has met the subscriptions already.
  std::uint64_t newest_retained = 0;
  context_.shared_trees.write([&] {
    for (const auto& begun : changes.begun)
      context_.subscriptions.subscribe(begun.filter, begun.receiver);
    for (const auto& ended : changes.ended) {
      if (const auto filter = mqtt::TopicFilter::parse(ended.key()))
        context_.subscriptions.unsubscribe(*filter, id());
    }
    newest_retained = context_.retained.newest();
  });
  for (const auto& begun : changes.begun) {
    if (begun.replay) begin_replay(begun, newest_retained);
  }
}

void Session::begin_replay(const TreeChanges::Begun& begun, std::uint64_t newest) {
  const mqtt::TopicFilter& filter = begun.filter;
  if (!filter.has_wildcard() && !context_.retained.contains(filter.filter()))
    return cancel_replay(filter.text());
  auto& replays = outbound().replays;
  if (!replays) replays = std::make_unique<RetainedReplays>();
  replays->hold();
  replays->begin({std::string(filter.text()),
                  static_cast<std::uint16_t>(listener().mount_point.size()), begun.receiver.qos,
                  begun.receiver.subscription_identifier, newest});
}

void Session::cancel_replay(std::string_view filter) {
  if (!outbound_ || !outbound_->replays) return;
  outbound_->replays->cancel(filter);
  if (outbound_->replays->empty()) outbound_->replays.reset();
}

}  // namespace broker
