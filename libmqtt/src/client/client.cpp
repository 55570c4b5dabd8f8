#include "mqtt/client/client.h"

#include <algorithm>
#include <utility>

#include "client_core.h"

namespace mqtt::client {

bool SubscribeResult::ok() const {
  return !error &&
         std::ranges::none_of(reasons, [](ReasonCode reason) { return is_error(reason); });
}

Client::Client(io::Loop& loop, ClientOptions options, ClientHandler& handler)
    : Client(loop, options, handler, transport_to(options.endpoint)) {}

Client::Client(io::Loop& loop, ClientOptions options, ClientHandler& handler, Transport transport)
    : core_(std::make_shared<Core>(loop, std::move(options), handler, std::move(transport))) {}

Client::~Client() {
  core_->abandon();
}

void Client::connect() {
  core_->connect();
}

bool Client::connected() const {
  return core_->connected();
}

tl::expected<void, SendError> Client::publish(const Publish& message, PublishDone done) {
  return core_->publish(message, std::move(done));
}

tl::expected<void, SendError> Client::publish(std::string_view topic, std::string_view payload,
                                              QoS qos, PublishDone done) {
  Publish message;
  message.topic = topic;
  message.payload = as_bytes(payload);
  message.qos = qos;
  return publish(message, std::move(done));
}

tl::expected<void, SendError> Client::subscribe(std::string_view filter, QoS qos,
                                                SubscribeDone done) {
  const SubscriptionRequest request{filter, {.qos = qos}};
  return subscribe({&request, 1}, {}, std::move(done));
}

tl::expected<void, SendError> Client::unsubscribe(std::string_view filter, SubscribeDone done) {
  return unsubscribe({&filter, 1}, {}, std::move(done));
}

tl::expected<void, SendError> Client::subscribe(std::span<const SubscriptionRequest> subscriptions,
                                                Properties properties, SubscribeDone done) {
  return core_->subscribe(subscriptions, properties, std::move(done));
}

tl::expected<void, SendError> Client::unsubscribe(std::span<const std::string_view> filters,
                                                  Properties properties, SubscribeDone done) {
  return core_->unsubscribe(filters, properties, std::move(done));
}

void Client::acknowledge(ArrivalNumber number, ReasonCode reason) {
  core_->acknowledge(number, reason);
}

void Client::ping() {
  core_->ping();
}

tl::expected<void, SendError> Client::authenticate(ByteView data, Properties more) {
  return core_->authenticate(data, more);
}

tl::expected<void, SendError> Client::reauthenticate(ByteView data, Properties more) {
  return core_->reauthenticate(data, more);
}

void Client::disconnect(ReasonCode reason, Properties properties) {
  core_->disconnect(reason, properties);
}

void Client::pause() {
  core_->pause();
}

void Client::resume() {
  core_->resume();
}

std::size_t Client::unfinished_messages() const {
  return core_->unfinished_messages();
}

std::size_t Client::waiting_bytes() const {
  return core_->waiting_bytes();
}

bool Client::congested() const {
  return core_->congested();
}

const ClientSession& Client::session() const {
  return core_->session();
}

ConnectParameters& Client::parameters() {
  return core_->session().parameters();
}

void Client::set_trace(ClientSession::Trace trace) {
  core_->session().set_trace(std::move(trace));
}

}  // namespace mqtt::client
