#include "bench/load/load_client.h"

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <utility>

#include "bench/load/load_thread.h"
#include "cli/output/debug_trace.h"

namespace bench {
namespace {

constexpr std::uint32_t session_expiry_s = 3600;

TopicValues names_of(const LoadPlan& plan, std::uint32_t index) {
  TopicValues names;
  names.index = index;
  names.run = plan.run;
  return names;
}

}  // namespace

LoadClient::LoadClient(LoadThread& thread, const ClientGroup& group, std::uint32_t index,
                       std::shared_ptr<Ledger> ledger)
    : thread_(thread), group_(group), index_(index) {
  const LoadPlan& plan = thread.plan();
  TopicValues names = names_of(plan, index);
  client_id_ = plan.client_id.expand(names);
  if (plan.client_id_has_group && !client_id_.empty()) client_id_ = group.name + "-" + client_id_;
  if (!plan.credentials.empty()) {
    user_name_ = plan.credentials[index % plan.credentials.size()].user_name;
  } else {
    user_name_ = plan.client.connect.user_name.value_or("");
  }
  names.client_id = client_id_;
  names.user_name = user_name_;
  if (group.topic && !group.responds) sender_.emplace(thread, group, names);
  if (group.filter) {
    filter_ = group.filter->expand(names);
    receiver_.emplace(thread, group, std::move(ledger));
  }
  make_client();
}

void LoadClient::make_client() {
  mqtt::client::ClientHandler& handler = *this;
  client_.emplace(thread_.loop(), options(), handler);
  // One client of each group shows what all of them do.
  if (!thread_.plan().debug || index_ != 0) return;
  client_->set_trace([this](mqtt::ClientSession::Direction direction, const mqtt::Frame& frame) {
    std::string lines;
    cli::append_debug_lines(lines, client_id_, direction, frame,
                            thread_.plan().client.connect.version);
    std::fwrite(lines.data(), 1, lines.size(), stderr);
  });
}

mqtt::client::ClientOptions LoadClient::options() const {
  const LoadPlan& plan = thread_.plan();
  mqtt::client::ClientOptions options = plan.client;
  options.connect.client_id = client_id_;
  if (!plan.credentials.empty()) {
    const Credentials& credentials = plan.credentials[index_ % plan.credentials.size()];
    options.connect.user_name = credentials.user_name;
    options.connect.password = credentials.password;
  }
  if (!plan.sources.empty()) {
    options.endpoint.bind_address = plan.sources[index_ % plan.sources.size()];
  }
  if (options.endpoint.tls) {
    options.endpoint.on_tls_handshake = [this](std::chrono::nanoseconds time) {
      if (!thread_.counts_connects()) return;
      thread_.tally().tls.record(static_cast<std::uint64_t>(time.count()));
    };
  }
  if (group_.keeps_session && !forgets_) {
    options.connect.clean_start = false;
    if (mqtt::is_v5(options.connect.version)) {
      options.connect.properties.add(mqtt::PropertyId::session_expiry_interval, session_expiry_s);
    }
  }
  return options;
}

void LoadClient::connect() {
  wanted_ = true;
  connecting_ = true;
  started_ = now();
  client_->connect();
}

void LoadClient::disconnect() {
  wanted_ = false;
  client_->disconnect();
}

void LoadClient::drop() {
  if (std::exchange(connecting_, false)) thread_.on_connect_over();
  lose_connection();
  lose_readiness();
  wanted_ = false;
  if (sender_) sender_->set_client(nullptr);
  make_client();
}

void LoadClient::forget() {
  forgets_ = true;
  drop();
}

void LoadClient::on_connected(const mqtt::Connack& connack) {
  const Nanoseconds taken = now() - started_;
  connected_ = was_connected_ = true;
  ++thread_.state().connected;
  if (forgets_) return on_forgotten();
  Tally& tally = thread_.tally();
  ++tally.all_connected;
  if (thread_.counts_connects()) {
    ++tally.counts.connected;
    tally.connect.record(taken);
  }
  if (std::exchange(connecting_, false)) thread_.on_connect_over();
  if (!receiver_ || (subscribed_ && connack.session_present)) return become_ready();
  subscribed_ = false;
  if (group_.subscribes_later) return become_ready();
  subscribe();
}

void LoadClient::subscribe() {
  started_ = now();
  mqtt::SubscriptionRequest request;
  request.filter = filter_;
  request.options.qos = thread_.plan().qos;
  const auto sent = client_->subscribe(
      std::span(&request, 1), thread_.plan().subscribe_properties,
      [this](const mqtt::client::SubscribeResult& result) { on_subscribed(result); });
  if (sent) return;
  ++thread_.tally().counts.subscribe_failures;
  thread_.note_failure(fmt::format("cannot subscribe to {}: {}", filter_, text(sent.error())));
}

void LoadClient::on_subscribed(const mqtt::client::SubscribeResult& result) {
  if (result.error) return;  // the connection is lost; it will be tried again on the next
  Tally& tally = thread_.tally();
  if (result.reasons.empty() || is_error(result.reasons.front())) {
    ++tally.counts.subscribe_failures;
    thread_.note_failure(fmt::format("the broker rejected the subscription to {}: {}", filter_,
                                     result.reasons.empty()
                                         ? std::string_view("no answer")
                                         : name(result.reasons.front(), mqtt::PacketType::suback)));
    return;
  }
  tally.subscribe.record(now() - started_);
  subscribed_ = true;
  become_ready();
}

void LoadClient::become_ready() {
  if (sender_) {
    sender_->set_client(&*client_);
    thread_.pump_later(*sender_);
  }
  thread_.state().last_ready = now();
  if (!std::exchange(ready_, true)) ++thread_.state().ready;
}

/// The session that was there is over; this one ends with its connection.
void LoadClient::on_forgotten() {
  if (std::exchange(connecting_, false)) thread_.on_connect_over();
  --thread_.state().to_undo;
  disconnect();
}

void LoadClient::lose_connection() {
  if (std::exchange(connected_, false)) --thread_.state().connected;
}

void LoadClient::lose_readiness() {
  if (std::exchange(ready_, false)) --thread_.state().ready;
}

void LoadClient::on_message(const mqtt::Publish& message, mqtt::ArrivalNumber /*number*/) {
  if (group_.responds) return respond(message);
  if (receiver_) receiver_->on_message(message);
}

/// Back to the requester, whose number the message carries.
void LoadClient::respond(const mqtt::Publish& message) {
  const ReadHeader read = read_header(message.topic, message.payload);
  if (read.fault == HeaderFault::foreign) return;
  TopicValues names = names_of(thread_.plan(), read.header.sender);
  mqtt::Publish answer;
  const std::string topic = group_.topic->expand(names);
  answer.topic = topic;
  answer.qos = thread_.plan().qos;
  // The checksum covers the topic, which is another one now.
  std::vector<std::uint8_t> payload(message.payload.begin(), message.payload.end());
  const mqtt::ByteView filler = message.payload.subspan(MessageHeader::size);
  write_header(read.header, surroundings(topic, filler), payload);
  answer.payload = payload;
  if (!client_->publish(answer)) thread_.note_failure("a response could not be sent");
}

void LoadClient::on_disconnected(const mqtt::client::ConnectionEnd& end) {
  using Cause = mqtt::client::ConnectionEnd::Cause;
  Tally& tally = thread_.tally();
  if (sender_) sender_->set_client(nullptr);
  lose_connection();
  lose_readiness();
  if (std::exchange(connecting_, false)) {
    if (!forgets_) ++tally.counts.connect_failures;
    ++thread_.state().connect_failures;
    thread_.on_connect_over();
  } else if (end.cause != Cause::requested) {
    ++tally.counts.disconnects;
  }
  if (end.cause == Cause::requested) return;
  thread_.note_failure(std::string(end.text));
  if (wanted_) thread_.connect_again(*this);
}

void LoadClient::on_room() {
  if (sender_) thread_.pump_later(*sender_);
}

}  // namespace bench
