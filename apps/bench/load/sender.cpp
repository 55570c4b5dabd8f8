#include "bench/load/sender.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "bench/load/load_thread.h"

namespace bench {

using mqtt::QoS;
using mqtt::SendError;

namespace {

constexpr Nanoseconds late_send = 1'000'000;

}  // namespace

Sender::Sender(LoadThread& thread, const ClientGroup& group, const TopicValues& names)
    : thread_(thread),
      plan_(thread.plan()),
      group_(group),
      names_(names),
      number_(static_cast<std::uint32_t>(names.index)),
      is_fixed_(!group.topic->is_per_message() && !thread.payload().is_per_message()) {
  topic_ = group.topic->expand(names_);
  surroundings_ = surroundings(topic_, thread.payload().filler());
}

void Sender::begin(std::optional<std::uint64_t> limit, std::uint32_t receivers) {
  receivers_ = receivers;
  if (!std::exchange(sending_, true)) ++thread_.state().sending;
  limit_ = limit ? sent_ + *limit : std::numeric_limits<std::uint64_t>::max();
  turns_ = 0;
  turns_due_ = 0;
  ends_when_sent_ = false;
  seen_at_ = now();
  thread_.pump_later(*this);
}

void Sender::end() {
  if (std::exchange(sending_, false)) --thread_.state().sending;
}

void Sender::end_after_due() {
  if (!sending_) return;
  limit_ = std::min(limit_, sent_ + (turns_due_ - turns_));
  ends_when_sent_ = true;
  finish_if_through();
  thread_.pump_later(*this);
}

/// All that `begin` allowed is sent and completed.
void Sender::finish_if_through() {
  if (sent_ == limit_ && (unfinished_ == 0 || ends_when_sent_)) end();
}

void Sender::pump() {
  if (client_ == nullptr || !sending_) return;
  if (clearing_) {
    while (cleared_ < limit_ && unfinished_ < plan_.window && clear_one()) {
    }
    if (cleared_ == limit_ && unfinished_ == 0) end();
    return;
  }
  present_ = now();
  while (may_send() && send_one()) {
  }
  finish_if_through();
}

bool Sender::may_send() const {
  if (sent_ == limit_) return false;
  if (plan_.is_open_loop()) return turns_ < turns_due_;
  if (receivers_ == 0) return unfinished_ < plan_.window;
  const std::uint64_t settled = deliveries_ / receivers_ + written_off_;
  return sent_ < settled + plan_.window && (!is_answered() || unfinished_ < plan_.window);
}

/// Whether someone tells what became of a message: the broker, or at QoS 0 the transport, where
/// nobody else limits the load.
bool Sender::is_answered() const {
  return plan_.qos != QoS::at_most_once || (receivers_ == 0 && !plan_.is_open_loop());
}

Nanoseconds Sender::time_of_next() const {
  return plan_.is_open_loop() ? thread_.timetable().due(number_, turns_) : present_;
}

bool Sender::send_one() {
  const Nanoseconds time = time_of_next();
  if (!is_fixed_) prepare_surroundings();
  PayloadBuffer& payload = thread_.payload();
  const bool is_measured = thread_.is_measured(time);
  write_header({plan_.run, number_, sent_, time, is_measured}, surroundings_, payload.bytes());
  mqtt::Publish message;
  message.qos = plan_.qos;
  message.retain = plan_.retain;
  message.topic = topic_;
  message.properties = plan_.publish_properties;
  message.payload = payload.bytes();

  mqtt::client::Client::PublishDone done;
  if (is_answered()) {
    // 0: the message does not belong to the measured part, whatever may be known when it is
    // completed.
    const Nanoseconds measured_time = is_measured ? time : 0;
    done = [this, measured_time](const mqtt::client::PublishResult& result) {
      on_completed(result, measured_time);
    };
  }
  // An error leaves the message for later: when the connection is back, or has room.
  if (!client_->publish(message, std::move(done))) return false;
  on_sent(time);
  return true;
}

void Sender::prepare_surroundings() {
  expand_topic(sent_);
  thread_.payload().expand(names_);
  surroundings_ = surroundings(topic_, thread_.payload().filler());
}

void Sender::expand_topic(std::uint64_t message) {
  names_.message = message;
  if (!group_.topic->is_per_message()) return;
  topic_.clear();
  group_.topic->expand_to(topic_, names_);
}

/// One topic has many messages unless %n makes it another one for each.
void Sender::begin_clearing() {
  if (!std::exchange(sending_, true)) ++thread_.state().sending;
  clearing_ = true;
  cleared_ = 0;
  limit_ = group_.topic->is_per_message() ? sent_ : std::min<std::uint64_t>(sent_, 1);
  thread_.state().to_undo += limit_;
  thread_.pump_later(*this);
}

bool Sender::clear_one() {
  expand_topic(cleared_);
  mqtt::Publish message;
  message.retain = true;
  message.topic = topic_;
  message.qos = QoS::at_least_once;  // so that it is known when all are gone
  const auto done = [this](const mqtt::client::PublishResult&) {
    --unfinished_;
    --thread_.state().to_undo;
    thread_.pump_later(*this);
  };
  if (!client_->publish(message, done)) return false;
  ++cleared_;
  ++unfinished_;
  return true;
}

void Sender::on_sent(Nanoseconds time) {
  ++sent_;
  ++turns_;
  Tally& tally = thread_.tally();
  ++tally.all_published;
  ++thread_.state().published;
  if (is_answered()) {
    ++unfinished_;
    ++thread_.state().unfinished;
  }
  if (!thread_.is_measured(time)) return;
  ++tally.counts.published;
  if (plan_.qos == QoS::at_most_once) ++measured_;
  if (plan_.is_open_loop() && present_ > time + late_send) ++tally.counts.delayed_sends;
}

void Sender::on_completed(const mqtt::client::PublishResult& result, Nanoseconds measured_time) {
  --unfinished_;
  --thread_.state().unfinished;
  if (!result.ok()) ++thread_.state().failed;
  finish_if_through();
  if (measured_time != 0) {
    Tally& tally = thread_.tally();
    if (!result.ok()) {
      ++tally.counts.publish_failures;
    } else if (plan_.qos != QoS::at_most_once) {
      ++tally.counts.acknowledged;
      ++measured_;
      const Nanoseconds present = now();
      tally.completion.record(present > measured_time ? present - measured_time : 0);
    }
  }
  thread_.pump_later(*this);
}

void Sender::write_off(Nanoseconds patience) {
  if (!sending_ || clearing_ || plan_.is_open_loop() || receivers_ == 0) return;
  if (deliveries_ != deliveries_seen_ || client_ == nullptr) {
    deliveries_seen_ = deliveries_;
    seen_at_ = now();
    return;
  }
  if (may_send() || sent_ == limit_ || now() < seen_at_ + patience) return;
  const std::uint64_t settled = deliveries_ / receivers_ + written_off_;
  if (sent_ <= settled) return;
  thread_.tally().written_off += sent_ - settled;
  written_off_ += sent_ - settled;
  seen_at_ = now();
  thread_.pump_later(*this);
}

}  // namespace bench
