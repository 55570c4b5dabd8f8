#include "probe/trials.h"

#include <array>
#include <utility>

#include "mqtt/protocol/reason_code.h"

namespace probe {

namespace {

using mqtt::QoS;

constexpr std::size_t rounds = 20;
constexpr std::string_view payload = "--probe";

std::string answer_of(const mqtt::client::SubscribeResult& result) {
  if (result.error) return std::string(text(*result.error));
  const mqtt::ReasonCode reason = result.reasons.front();
  return mqtt::is_error(reason) ? std::string(name(reason, mqtt::PacketType::suback))
                                : std::string();
}

std::string yes_or(const std::string& problem) {
  return problem.empty() ? "yes" : "no: " + problem;
}

}  // namespace

Trials::Trials(mqtt::client::Client& client, std::string topic, ProbeReport& report,
               std::function<void()> on_done)
    : client_(client), topic_(std::move(topic)), report_(report), on_done_(std::move(on_done)) {}

void Trials::begin() {
  next();
}

void Trials::next() {
  // The wildcard subscription comes last: before, it would catch the messages of the others.
  static constexpr std::array<Step, 10> steps{&Trials::try_qos_1,       &Trials::try_qos_2,
                                              &Trials::measure_ping,    &Trials::measure_publish,
                                              &Trials::try_shared,      &Trials::try_retain,
                                              &Trials::remove_retained, &Trials::try_subscription,
                                              &Trials::try_wildcard,    &Trials::unsubscribe};
  if (next_ == steps.size()) return on_done_();
  const Step step = steps[next_++];
  (this->*step)();
}

void Trials::add(std::string name, std::string label, std::string value) {
  report_.tried.push_back({std::move(name), std::move(label), std::move(value), false, false});
}

void Trials::on_ping_answered() {
  if (!on_ping_) return;
  const auto told = std::exchange(on_ping_, {});
  told();
}

void Trials::on_message(const mqtt::Publish& message) {
  if (!awaited_ || mqtt::as_text(message.payload) != *awaited_) return;
  has_come_ = true;
  came_retained_ = message.retain;
}

// What each step does with the connection.

void Trials::subscribe(const std::string& filter,
                       std::function<void(const mqtt::client::SubscribeResult&)> done) {
  mqtt::SubscriptionRequest request;
  request.filter = filter;
  request.options.qos = QoS::exactly_once;
  filters_.push_back(filter);
  const auto sent = client_.subscribe({&request, 1}, {}, done);
  if (sent) return;
  filters_.pop_back();
  mqtt::client::SubscribeResult result;
  result.error = sent.error();
  done(result);
}

void Trials::publish(const std::string& topic, QoS qos, bool retain, std::string_view text_payload,
                     std::function<void(const std::string&)> done) {
  mqtt::Publish message;
  message.topic = topic;
  message.qos = qos;
  message.retain = retain;
  message.payload = mqtt::as_bytes(text_payload);
  const auto sent = client_.publish(message, [done](const mqtt::client::PublishResult& result) {
    if (result.ok()) return done({});
    done(result.error ? std::string(text(*result.error))
                      : std::string(name(result.reason, mqtt::PacketType::puback)));
  });
  if (!sent) done(std::string(text(sent.error())));
}

void Trials::ping(std::function<void()> done) {
  on_ping_ = std::move(done);
  client_.ping();
}

// The steps.

void Trials::try_qos_1() {
  publish(topic_, QoS::at_least_once, false, payload, [this](const std::string& problem) {
    add("publish-qos-1", "Publish at QoS 1", yes_or(problem));
    next();
  });
}

void Trials::try_qos_2() {
  publish(topic_, QoS::exactly_once, false, payload, [this](const std::string& problem) {
    add("publish-qos-2", "Publish at QoS 2", yes_or(problem));
    next();
  });
}

void Trials::measure_ping() {
  rounds_left_ = rounds;
  const auto round = [this](const auto& self) -> void {
    ping([this, self, begin = Clock::now()] {
      report_.ping.add(Clock::now() - begin);
      if (--rounds_left_ == 0) return next();
      self(self);
    });
  };
  round(round);
}

void Trials::measure_publish() {
  rounds_left_ = rounds;
  const auto round = [this](const auto& self) -> void {
    publish(topic_, QoS::at_least_once, false, payload,
            [this, self, begin = Clock::now()](const std::string& problem) {
              if (problem.empty()) report_.publish.add(Clock::now() - begin);
              if (--rounds_left_ == 0 || !problem.empty()) return next();
              self(self);
            });
  };
  round(round);
}

/// A broker of MQTT 3.1.1 may take the filter for an ordinary one: only a message shows that it
/// knows what it means.
void Trials::try_shared() {
  const std::string topic = topic_ + "/shared";
  subscribe(
      "$share/mqtt-probe/" + topic, [this, topic](const mqtt::client::SubscribeResult& result) {
        if (const std::string problem = answer_of(result); !problem.empty()) {
          add("shared-subscription", "Shared subscription", yes_or(problem));
          return next();
        }
        awaited_ = "shared";
        has_come_ = false;
        publish(topic, QoS::at_least_once, false, *awaited_, [this](const std::string& problem) {
          // What the broker has for us comes before its answer.
          ping([this, problem] {
            add("shared-subscription", "Shared subscription",
                has_come_         ? "yes"
                : problem.empty() ? "no: the message did not come"
                                  : yes_or(problem));
            next();
          });
        });
      });
}

void Trials::try_retain() {
  const std::string topic = topic_ + "/retained";
  awaited_ = "retained";
  has_come_ = came_retained_ = false;
  publish(topic, QoS::at_least_once, true, *awaited_, [this, topic](const std::string& problem) {
    if (!problem.empty()) {
      add("retained-message", "Retained message", yes_or(problem));
      return next();
    }
    subscribe(topic, [this](const mqtt::client::SubscribeResult& result) {
      ping([this, problem_of_subscription = answer_of(result)] {
        const bool is_there = has_come_ && came_retained_;
        add("retained-message", "Retained message",
            is_there                          ? "yes"
            : problem_of_subscription.empty() ? "no: it did not come"
                                              : "unknown: " + problem_of_subscription);
        next();
      });
    });
  });
}

void Trials::remove_retained() {
  awaited_.reset();
  publish(topic_ + "/retained", QoS::at_least_once, true, {},
          [this](const std::string& /*problem*/) { next(); });
}

void Trials::try_subscription() {
  subscribe(topic_, [this](const mqtt::client::SubscribeResult& result) {
    const std::string problem = answer_of(result);
    add("subscribe", "Subscribe", yes_or(problem));
    if (problem.empty()) {
      const auto granted = static_cast<int>(result.reasons.front());
      report_.tried.push_back({"granted-qos", "Granted QoS", std::to_string(granted), true, false});
    }
    next();
  });
}

void Trials::try_wildcard() {
  subscribe(topic_ + "/#", [this](const mqtt::client::SubscribeResult& result) {
    add("wildcard-subscription", "Wildcard subscription", yes_or(answer_of(result)));
    next();
  });
}

void Trials::unsubscribe() {
  const std::vector<std::string_view> filters(filters_.begin(), filters_.end());
  if (filters.empty()) return next();
  const auto sent = client_.unsubscribe(
      filters, {}, [this](const mqtt::client::SubscribeResult& /*result*/) { next(); });
  if (!sent) next();
}

}  // namespace probe
