#include "session/subscriptions.h"

#include <utility>

#include "mqtt/protocol/topic.h"
#include "runtime/heap_account.h"
#include "session/ask.h"
#include "session/packet_log.h"

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

// --- The request

Checked<InputOutcome> Subscriptions::begin(const mqtt::UnreadFilters& packet, Access access) {
  request_ = std::make_unique<FilterRequest>(packet, core_.version, access);
  Steps& left = core_.context.work.left();
  const Steps before = left;
  const Checked<Progress> progress = work_through(left);
  core_.worker().count_work((before - left) / steps_of_a_unit);
  if (!progress) {
    request_.reset();
    return tl::unexpected(progress.error());
  }
  if (*progress == Progress::done) return core_.next_input();
  if (*progress == Progress::stopped) go_on_later();
  return InputOutcome::wait;
}

Checked<Subscriptions::Progress> Subscriptions::work_through(Steps& left) {
  if (!request_->checked()) {
    if (const Checked<> checked = check_filters(*request_, left); !checked)
      return tl::unexpected(checked.error());
    if (!request_->checked()) return Progress::stopped;
  }
  const Progress progress = apply_filters(left);
  if (progress == Progress::done) {
    const std::unique_ptr<FilterRequest> done = std::move(request_);
    answer(*done, left);
  }
  return progress;
}

/// In the turns to come. A connection that is lost meanwhile takes its request along.
void Subscriptions::go_on_later() {
  SessionContext& context = core_.context;
  context.work.later(SlicedWork::Kind::asked,
                     [&context, id = core_.id(), attachment = core_.attachment](Steps& left) {
                       Session* const session = context.sessions.find(id);
                       if (session == nullptr || session->core().attachment != attachment)
                         return true;
                       Subscriptions subscriptions = session->subscriptions();
                       return subscriptions.is_quiet() || subscriptions.go_on(left);
                     });
}

/// False if more steps are needed. May end the session.
bool Subscriptions::go_on(Steps& left) {
  const Checked<Progress> progress = work_through(left);
  if (!progress) {
    request_.reset();
    core_.sink()->reject_input(progress.error().reason, progress.error().detail);
    return true;
  }
  const bool is_done = *progress == Progress::done;
  const bool is_stopped = *progress == Progress::stopped;
  if (is_done && core_.next_input() == InputOutcome::done) core_.sink()->continue_input();
  return !is_stopped;
}

Checked<> Subscriptions::check_filters(FilterRequest& request, Steps& left) {
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
Subscriptions::Progress Subscriptions::apply_filters(Steps& left) {
  FilterRequest& request = *request_;
  TreeChanges changes;
  Progress progress = Progress::done;
  while (request.current || !request.at_end()) {
    if (left == 0) {
      progress = Progress::stopped;
      break;
    }
    const bool is_next = !request.current;
    if (is_next) request.current = *request.read();
    std::string filter = core_.topics().filter_to_local(request.current->filter.text());
    if (is_next) request.verdict = may_use(filter, request.access());
    if (request.verdict == Verdict::later) {
      progress = Progress::asking;
      break;
    }
    spend(left, cost_of_change(filter));
    request.reasons.push_back(apply(filter, changes));
    const auto log = request.subscribes() ? log_subscribed : log_unsubscribed;
    log(core_.log(), core_.client_id(), filter, request.reasons.back());
    request.current.reset();
  }
  put_into_effect(changes);
  return progress;
}

Verdict Subscriptions::may_use(std::string_view filter, Access access) {
  return ask(
      core_, access, filter, [] { return 0; },
      [](Session* session, int, Answered answered) {
        if (session != nullptr) session->subscriptions().on_decided(answered);
      });
}

void Subscriptions::on_decided(Answered answered) {
  if (!answered.same_connection || !request_ || !request_->current) return;
  request_->verdict = answered.allowed ? Verdict::allow : Verdict::deny;
  Steps& left = core_.context.work.left();
  if (left == 0 || !go_on(left)) go_on_later();
}

/// [MQTT-2.2.1-6] [MQTT-3.8.4-1] [MQTT-3.8.4-2] [MQTT-3.10.4-4] [MQTT-3.10.4-5]
void Subscriptions::answer(FilterRequest& request, Steps& left) {
  if (request.subscribes()) {
    core_.answer_in_order(mqtt::Suback{request.packet_id(), {}, std::move(request.reasons)});
  } else {
    core_.answer_in_order(mqtt::Unsuback{request.packet_id(), {}, std::move(request.reasons)});
  }
  outgoing_.release_replays(left);
}

void Subscriptions::on_connection_lost() {
  if (std::exchange(request_, nullptr)) outgoing_.abandon_held_replays();
}

// --- One filter of it

mqtt::ReasonCode Subscriptions::apply(std::string filter, TreeChanges& changes) {
  if (request_->verdict == Verdict::deny) return refused();
  return request_->subscribes() ? subscribe(std::move(filter), changes)
                                : unsubscribe(filter, changes);
}

/// MQTT 3.1 has no way to refuse a subscription: the client is told what it asked for.
mqtt::ReasonCode Subscriptions::refused() const {
  if (core_.version == mqtt::ProtocolVersion::v31 && request_->subscribes())
    return static_cast<mqtt::ReasonCode>(request_->current->options.qos);
  return core_.is_v5() ? mqtt::ReasonCode::not_authorized : mqtt::ReasonCode::unspecified_error;
}

mqtt::ReasonCode Subscriptions::subscribe(std::string text, TreeChanges& changes) {
  const auto refuse = [this](mqtt::ReasonCode reason) {
    return core_.is_v5() ? reason : mqtt::ReasonCode::unspecified_error;
  };
  // It was valid before it came below the mount point.
  if (!mqtt::TopicFilter::parse(text)) return refuse(mqtt::ReasonCode::topic_filter_invalid);
  mqtt::SubscriptionOptions options = request_->current->options;
  options.qos = mqtt::min(options.qos, core_.max_qos);  // [MQTT-3.2.2-10]
  if (core_.bridge) options.no_local = options.retain_as_published = true;

  if (!set_) set_ = std::make_unique<SubscriptionSet>();
  auto known = set_->find(text);
  const bool is_new = known == set_->end();
  const std::uint32_t limit = core_.config().limits.max_subscriptions_per_client;
  if (is_new && limit != 0 && set_->size() >= limit)
    return refuse(mqtt::ReasonCode::quota_exceeded);
  if (is_new && heap_account.exhausted()) {
    core_.counters().add(Count::memory_refused_subscriptions);
    return refuse(mqtt::ReasonCode::quota_exceeded);
  }
  if (is_new) known = set_->try_emplace(std::move(text)).first;
  known->second = Subscription{options, request_->identifier()};

  const auto filter = *mqtt::TopicFilter::parse(known->first);
  // [MQTT-3.3.1-9] [MQTT-3.3.1-10] [MQTT-3.3.1-11] [MQTT-3.8.4-4]
  const bool replay =
      !filter.is_shared() && (options.retain_handling == mqtt::RetainHandling::always ||
                              (options.retain_handling == mqtt::RetainHandling::if_new && is_new));
  changes.begun.push_back({filter, receiver_for(filter, known->second), replay});
  return static_cast<mqtt::ReasonCode>(options.qos);  // [MQTT-3.8.4-7]
}

/// How the tree knows the session under this filter.
Receiver Subscriptions::receiver_for(const mqtt::TopicFilter& filter,
                                     const Subscription& subscription) const {
  const std::size_t mounted = core_.topics().mount_point().size();
  const bool skips_dollar = mounted != 0 && begins_with_wildcard(filter, mounted);
  const mqtt::SubscriptionOptions& options = subscription.options;
  return {core_.id(),       options.qos,
          options.no_local, options.retain_as_published,
          skips_dollar,     subscription.identifier};
}

/// Flows and queue stay: what was granted before is delivered. [MQTT-3.10.4-3]
mqtt::ReasonCode Subscriptions::unsubscribe(std::string_view text, TreeChanges& changes) {
  const auto known = set_ ? set_->find(text) : SubscriptionSet::iterator();
  if (!set_ || known == set_->end()) return mqtt::ReasonCode::no_subscription_existed;
  outgoing_.cancel_replay(text);
  changes.ended.push_back(set_->extract(known));
  return mqtt::ReasonCode::success;
}

// --- Its effect

void Subscriptions::put_into_effect(TreeChanges& changes) {
  if (changes.empty()) return;
  SessionContext& context = core_.context;
  // What is retained from here on has met the subscriptions already.
  std::uint64_t newest_retained = 0;
  context.shared_trees.write([&] {
    for (const auto& begun : changes.begun)
      context.subscriptions.subscribe(begun.filter, begun.receiver);
    for (const auto& ended : changes.ended) {
      if (const auto filter = mqtt::TopicFilter::parse(ended.key()))
        context.subscriptions.unsubscribe(*filter, core_.id());
    }
    newest_retained = context.retained.newest();
  });
  for (const auto& begun : changes.begun) {
    if (begun.replay) begin_replay(begun, newest_retained);
  }
}

void Subscriptions::begin_replay(const TreeChanges::Begun& begun, std::uint64_t newest) {
  const mqtt::TopicFilter& filter = begun.filter;
  if (!filter.has_wildcard() && !core_.context.retained.contains(filter.filter()))
    return outgoing_.cancel_replay(filter.text());
  outgoing_.begin_replay({std::string(filter.text()),
                          static_cast<std::uint16_t>(core_.topics().mount_point().size()),
                          begun.receiver.qos, begun.receiver.subscription_identifier, newest});
}

void Subscriptions::restore(SubscriptionSet set) {
  if (set.empty()) return;
  set_ = std::make_unique<SubscriptionSet>(std::move(set));
  core_.context.shared_trees.write([this] {
    for (const auto& [text, subscription] : *set_) {
      if (const auto filter = mqtt::TopicFilter::parse(text))
        core_.context.subscriptions.subscribe(*filter, receiver_for(*filter, subscription));
    }
  });
}

}  // namespace broker
