#include "apps/bench/load/stub_broker.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "bench/load/clock.h"
#include "bench/load/message_header.h"
#include "mqtt/io/tcp_stream.h"
#include "mqtt/protocol/decode.h"
#include "mqtt/protocol/encode.h"
#include "mqtt/protocol/frame_reader.h"
#include "mqtt/protocol/topic.h"

namespace test {

using mqtt::Packet;
using mqtt::QoS;
using std::chrono::milliseconds;

class StubBroker::Connection final : mqtt::io::StreamHandler {
 public:
  Connection(StubBroker& broker, int fd)
      : broker_(broker),
        reader_(mqtt::max_encodable_size),
        stream_(mqtt::io::TcpStream::accept(broker.loop_, fd)),
        release_(broker.loop_, [this] { release(); }) {
    stream_->set_handler(this);
    stream_->start();
  }

  bool is_over() const { return stream_ == nullptr; }

  bool wants(std::string_view topic) const {
    return std::any_of(filters_.begin(), filters_.end(),
                       [&](const std::string& filter) { return mqtt::matches(filter, topic); });
  }

  /// One message to this subscriber, with at most one thing that goes wrong on the way.
  void deliver(mqtt::Publish message) {
    const Faults& faults = broker_.faults_;
    Injected& injected = broker_.injected_;
    const std::uint64_t number = ++delivered_;
    const auto is_hit = [&](std::uint64_t every) { return every != 0 && number % every == 0; };
    ++injected.forwarded;
    if (is_hit(faults.drop_every)) {
      ++injected.dropped;
      return;
    }
    std::vector<std::uint8_t> payload(message.payload.begin(), message.payload.end());
    message.payload = payload;
    if (is_hit(faults.corrupt_every)) {
      ++injected.corrupted;
      // Anywhere but in the two bytes that make it a message of the benchmark at all.
      payload[2 + number * 7 % (payload.size() - 2)] ^= 0x10;
      return leave(encoded(message));  // nobody can tell what it was: it overtakes nothing
    } else if (is_hit(faults.swap_every)) {
      ++injected.swapped;
      held_back_ = encoded(message);
      return;
    } else if (is_hit(faults.duplicate_every)) {
      ++injected.duplicated;
      leave(encoded(message));
      leave(encoded(message));
    } else {
      leave(encoded(message));
    }
    if (!held_back_.empty()) leave(std::exchange(held_back_, {}));
  }

 private:
  using Bytes = std::vector<std::uint8_t>;

  struct Waiting {
    bench::Nanoseconds arrived = 0;
    bench::Nanoseconds due = 0;
    Bytes bytes;
  };

  /// With a packet identifier of its own, each time.
  Bytes encoded(mqtt::Publish message) {
    if (message.qos != QoS::at_most_once) message.packet_id = next_packet_id();
    return mqtt::encoded(message, broker_.version_);
  }

  std::uint16_t next_packet_id() {
    if (++packet_id_ == 0) ++packet_id_;
    return packet_id_;
  }

  void leave(Bytes bytes) {
    if (broker_.faults_.delay.count() == 0) return send(bytes);
    const bench::Nanoseconds now = bench::now();
    waiting_.push_back({now, now + bench::to_nanoseconds(broker_.faults_.delay), std::move(bytes)});
    if (!release_.is_active()) release_.start(broker_.faults_.delay);
  }

  void release() {
    while (!waiting_.empty() && waiting_.front().due <= bench::now()) {
      send(waiting_.front().bytes);
      broker_.injected_.held.record(bench::now() - waiting_.front().arrived);
      waiting_.pop_front();
    }
    if (!waiting_.empty()) release_.start(milliseconds(1));
  }

  void send(const Packet& packet) { send(mqtt::encoded(packet, broker_.version_)); }

  void send(const Bytes& bytes) {
    if (!stream_) return;
    unsent_.insert(unsent_.end(), bytes.begin(), bytes.end());
    on_writable();
  }

  void on_writable() override {
    if (unsent_.empty()) return;
    const std::size_t taken = stream_->write(mqtt::ByteView(unsent_));
    unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<std::ptrdiff_t>(taken));
  }

  void on_data(mqtt::ByteView bytes) override {
    reader_.feed(bytes);
    for (auto next = reader_.next(); next.status == mqtt::FrameStatus::frame;
         next = reader_.next()) {
      const bool is_connect = next.frame.type_number() == 1;
      if (is_connect) {
        send(mqtt::Connack{});
        continue;
      }
      const auto packet = mqtt::decode(next.frame, broker_.version_);
      if (!packet) return stream_.reset();
      std::visit([this](const auto& one) { handle(one); }, *packet);
      if (!stream_) return;
    }
    reader_.keep_unread();
  }

  void on_end(const mqtt::io::StreamEnd&) override { stream_.reset(); }

  void handle(const mqtt::Subscribe& subscribe) {
    mqtt::Suback suback;
    suback.packet_id = subscribe.packet_id;
    for (const auto& one : subscribe.subscriptions) {
      filters_.emplace_back(mqtt::TopicFilter::parse(one.filter)->filter());
      suback.reasons.push_back(static_cast<mqtt::ReasonCode>(one.options.qos));
    }
    send(suback);
  }

  void handle(const mqtt::Publish& publish) {
    const bool refused = broker_.faults_.refuse_publish;
    if (publish.qos == QoS::at_least_once) {
      mqtt::Puback puback;
      puback.packet_id = publish.packet_id;
      if (refused) puback.reason = mqtt::ReasonCode::quota_exceeded;
      send(puback);
    } else if (publish.qos == QoS::exactly_once) {
      mqtt::Pubrec pubrec;
      pubrec.packet_id = publish.packet_id;
      send(pubrec);
    }
    if (!refused) broker_.route(publish);
  }

  void handle(const mqtt::Pubrec& pubrec) {
    mqtt::Pubrel pubrel;
    pubrel.packet_id = pubrec.packet_id;
    send(pubrel);
  }

  void handle(const mqtt::Pubrel& pubrel) {
    mqtt::Pubcomp pubcomp;
    pubcomp.packet_id = pubrel.packet_id;
    send(pubcomp);
  }

  void handle(const mqtt::Pingreq&) { send(mqtt::Pingresp{}); }
  void handle(const mqtt::Disconnect&) { stream_.reset(); }

  template <class Other>
  void handle(const Other&) {}

  StubBroker& broker_;
  mqtt::FrameReader reader_;
  mqtt::io::StreamPtr stream_;
  mqtt::io::Timer release_;
  std::vector<std::string> filters_;
  std::uint64_t delivered_ = 0;
  std::uint16_t packet_id_ = 0;
  Bytes held_back_;
  Bytes unsent_;
  std::deque<Waiting> waiting_;
};

StubBroker::StubBroker(const Faults& faults, mqtt::ProtocolVersion version)
    : faults_(faults), version_(version) {
  mqtt::io::ListenerEvents events;
  events.on_accept = [this](int fd) {
    connections_.push_back(std::make_unique<Connection>(*this, fd));
  };
  const auto address = mqtt::io::SocketAddress::parse("127.0.0.1", 0);
  listener_ = mqtt::io::TcpListener::listen(loop_, *address, std::move(events)).value();
  port_ = listener_->port();
  stop_watch_ = std::make_unique<mqtt::io::Timer>(loop_, [this] {
    if (stopping_) loop_.stop();
  });
  thread_ = std::thread([this] { run(); });
}

StubBroker::~StubBroker() {
  stop();
}

void StubBroker::run() {
  stop_watch_->start(milliseconds(5), milliseconds(5));
  loop_.run();
  connections_.clear();
  listener_.reset();
  stop_watch_.reset();
}

const Injected& StubBroker::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  return injected_;
}

void StubBroker::route(const mqtt::Publish& message) {
  for (const auto& connection : connections_) {
    if (!connection->is_over() && connection->wants(message.topic)) connection->deliver(message);
  }
}

}  // namespace test
