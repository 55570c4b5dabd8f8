#include "rr/requester.h"

#include <fmt/format.h>

#include <span>
#include <utility>

#include "cli/options/exit_code.h"
#include "rr/latency_text.h"

namespace rr {

namespace {

using cli::ExitCode;
using cli::FinalWord;
using mqtt::PropertyId;
using mqtt::ReasonCode;

mqtt::client::ClientOptions client_options(const RrOptions& options) {
  auto client = cli::client_options(options.connection);
  mqtt::PropertyList& properties = client.connect.properties;
  if (is_v5(options.connection.version) &&
      !properties.view().contains(PropertyId::receive_maximum)) {
    properties.add(PropertyId::receive_maximum, 1);  // one response is wanted
  }
  return client;
}

}  // namespace

Requester::Requester(const RrOptions& options, std::string payload)
    : options_(options),
      payload_(std::move(payload)),
      run_(options.connection),
      client_(run_.loop(), client_options(options), *this),
      printer_(options.print),
      timeout_(run_.loop(), [this] { on_timeout(); }) {}

int Requester::run() {
  run_.catch_signals([this](int signal) { end_with({cli::signal_status(signal), {}}); });
  run_.trace(client_);
  run_.output().set_events({
      .on_written = {},
      .on_congested = {},
      .on_closed = [this] { on_output_closed(); },
  });
  if (options_.timeout_s) timeout_.start(std::chrono::seconds(*options_.timeout_s));
  client_.connect();
  return run_.run();
}

void Requester::on_connected(const mqtt::Connack& /*connack*/) {
  connected_once_ = true;
  if (run_.is_ending()) return;
  const mqtt::SubscriptionRequest request{*options_.response_topic,
                                          options_.retained.subscription(options_.connection.qos)};
  const auto sent = client_.subscribe(
      std::span(&request, 1), options_.connection.properties.subscribe,
      [this](const mqtt::client::SubscribeResult& result) { on_subscribed(result); });
  if (sent) return;
  end_with({status(ExitCode::subscription_denied),
            fmt::format("Error: cannot subscribe: {}\n", text(sent.error()))});
}

void Requester::on_subscribed(const mqtt::client::SubscribeResult& result) {
  if (run_.is_ending() || result.error) return;  // the end of the connection is told as well
  if (!is_error(result.reasons.front())) return send_request();
  end_with(
      {status(ExitCode::subscription_denied),
       fmt::format(
           "Error: the broker denied the subscription to {}: {}\n", *options_.response_topic,
           cli::reason_text(result.reasons.front(), mqtt::PacketType::suback, result.properties))});
}

void Requester::send_request() {
  mqtt::PropertyList properties = options_.connection.properties.publish;
  properties.add(PropertyId::response_topic, *options_.response_topic);
  mqtt::Publish message;
  message.qos = options_.connection.qos;
  message.topic = *options_.topic;
  message.properties = properties;  // MQTT 3.x leaves them out
  message.payload = mqtt::as_bytes(payload_);
  sent_at_ = std::chrono::steady_clock::now();
  const auto taken = client_.publish(
      message, [this](const mqtt::client::PublishResult& result) { on_published(result); });
  if (taken) return;
  end_with({status(ExitCode::message_rejected),
            fmt::format("Error: the request cannot be published: {}\n", text(taken.error()))});
}

void Requester::on_published(const mqtt::client::PublishResult& result) {
  if (result.ok() || result.error) return;  // the end of a connection is told as well
  end_with(
      {status(ExitCode::message_rejected),
       fmt::format("Error: the broker rejected the request: {}\n",
                   cli::reason_text(result.reason, mqtt::PacketType::puback, result.properties))});
}

void Requester::on_message(const mqtt::Publish& message, mqtt::ArrivalNumber /*number*/) {
  if (!sent_at_ || run_.is_ending()) return;
  if (options_.retained.drop && message.retain) return;
  const auto took = std::chrono::steady_clock::now() - *sent_at_;
  std::string complaints;
  printer_.print(run_.output().buffer(), message, complaints);
  if (!complaints.empty()) run_.complain("Error: " + complaints);
  if (options_.latency) {
    run_.output().buffer() += fmt::format("Latency: {}\n", latency_text(took));
  }
  end_with({});
}

void Requester::on_disconnected(const mqtt::client::ConnectionEnd& end) {
  run_.end_with(cli::final_word(end, options_.connection, connected_once_));
  run_.stop();
}

void Requester::on_output_closed() {
  if (!run_.is_ending()) end_with(cli::output_closed_word(run_.output()));
}

void Requester::on_timeout() {
  end_with({status(ExitCode::timeout), "Timed out\n"}, ReasonCode::disconnect_with_will_message);
}

void Requester::end_with(FinalWord word, ReasonCode reason) {
  run_.end_with(std::move(word));
  client_.disconnect(reason, options_.connection.properties.disconnect);
}

}  // namespace rr
