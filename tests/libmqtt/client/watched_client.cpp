#include "libmqtt/client/watched_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace test {
namespace {

using Cause = mqtt::client::ConnectionEnd::Cause;

std::string code_of(mqtt::ReasonCode reason) {
  return fmt::format("0x{:02x}", static_cast<unsigned>(reason));
}

const char* name_of(Cause cause) {
  switch (cause) {
    case Cause::requested:
      return "requested";
    case Cause::unreachable:
      return "unreachable";
    case Cause::refused:
      return "refused";
    case Cause::by_server:
      return "by server";
    case Cause::lost:
      return "lost";
    case Cause::timed_out:
      return "timed out";
    case Cause::protocol_error:
      return "protocol error";
  }
  return "?";
}

std::string in_words(const tl::expected<void, mqtt::SendError>& result) {
  return result ? "" : std::string(mqtt::text(result.error()));
}

}  // namespace

std::string WatchedClient::publish(const std::string& topic, const std::string& payload, int qos,
                                   bool retain) {
  mqtt::Publish message;
  message.topic = topic;
  message.payload = mqtt::as_bytes(payload);
  message.qos = static_cast<mqtt::QoS>(qos);
  message.retain = retain;
  const std::string name = payload.substr(0, payload.find(' '));
  return in_words(client->publish(message, [this, name](const mqtt::client::PublishResult& result) {
    std::string event = "published " + name;
    if (result.error) event += fmt::format(": {}", mqtt::text(*result.error));
    if (result.reason != mqtt::ReasonCode::success) event += " " + code_of(result.reason);
    tell(event);
  }));
}

mqtt::client::Client::SubscribeDone WatchedClient::told_as(const std::string& what) {
  return [this, what](const mqtt::client::SubscribeResult& result) {
    std::string event = what;
    if (result.error) event += fmt::format(": {}", mqtt::text(*result.error));
    for (const auto reason : result.reasons) event += " " + code_of(reason);
    tell(event);
  };
}

std::string WatchedClient::subscribe(const std::vector<std::string>& filters, int qos) {
  std::vector<mqtt::SubscriptionRequest> requests;
  for (const auto& filter : filters) {
    requests.push_back({filter, mqtt::SubscriptionOptions{static_cast<mqtt::QoS>(qos)}});
  }
  return in_words(client->subscribe(requests, {}, told_as("subscribed")));
}

std::string WatchedClient::unsubscribe(const std::vector<std::string>& filters) {
  const std::vector<std::string_view> views(filters.begin(), filters.end());
  return in_words(client->unsubscribe(views, {}, told_as("unsubscribed")));
}

std::string WatchedClient::next(const std::string& wanted, Line line) {
  turn_until(
      loop_, wanted, [this] { return !told_.empty(); }, line);
  const std::string first = told_.front();
  told_.erase(told_.begin());
  return first;
}

void WatchedClient::see(const std::string& event, Line line) {
  const std::string first = next(event, line);
  if (first != event) fail(line, "expected to be told: " + event + "\nbut was told: " + first);
}

void WatchedClient::see_in_any_order(std::vector<std::string> events, Line line) {
  while (!events.empty()) {
    const std::string first = next(events.front(), line);
    const auto expected = std::find(events.begin(), events.end(), first);
    if (expected == events.end()) fail(line, "was also told: " + first);
    events.erase(expected);
  }
}

void WatchedClient::see_nothing(Line line) {
  settle(loop_);
  if (!told_.empty()) fail(line, "was also told: " + told_.front());
}

void WatchedClient::tell(const std::string& event) {
  told_.push_back(event);
  if (on_anything) on_anything(event);
}

void WatchedClient::on_connected(const mqtt::Connack& connack) {
  tell(connack.session_present ? "connected, session present" : "connected");
}

void WatchedClient::on_message(const mqtt::Publish& message, mqtt::ArrivalNumber) {
  tell(fmt::format("message '{}' '{}' QoS {}{}", message.topic, mqtt::as_text(message.payload),
                   static_cast<int>(message.qos), message.retain ? " retain" : ""));
}

void WatchedClient::on_disconnected(const mqtt::client::ConnectionEnd& end) {
  end_text = end.text;
  std::string event = fmt::format("ended: {}", name_of(end.cause));
  if (end.reason != mqtt::ReasonCode::success) event += " " + code_of(end.reason);
  tell(event + (end.retry_in ? ", retry" : ""));
}

void WatchedClient::on_auth(const mqtt::Auth& auth) {
  const auto data = auth.properties.text(mqtt::PropertyId::authentication_data);
  tell(fmt::format("auth {} '{}'", code_of(auth.reason), data.value_or("")));
}

void WatchedClient::on_room() {
  tell("room");
}

}  // namespace test
