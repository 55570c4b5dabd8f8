#include "libmqtt/client/fake_server.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "libmqtt/client/turning.h"
#include "mqtt/protocol/encode.h"
#include "mqtt/protocol/frame_reader.h"
#include "support/shown_packets.h"

namespace test {

using mqtt::io::SocketAddress;
using mqtt::io::TcpListener;
using mqtt::io::TcpStream;

FakeServer::FakeServer(mqtt::io::Loop& loop, mqtt::ProtocolVersion version)
    : loop_(loop), version_(version) {
  mqtt::io::ListenerEvents events;
  events.on_accept = [this](int fd) {
    stream_ = TcpStream::accept(loop_, fd);
    if (layers_) stream_ = layers_(std::move(stream_));
    stream_->set_handler(this);
    stream_->start();
    ended_ = false;
    received_.clear();
  };
  listener_ = TcpListener::listen(loop, *SocketAddress::parse("127.0.0.1", 0), events).value();
}

void FakeServer::accept(Line line) {
  turn_until(
      loop_, "a connection", [this] { return accepted_ != 0; }, line);
  --accepted_;
}

void FakeServer::expect(const mqtt::Packet& packet, Line line) {
  const Bytes wanted = mqtt::encoded(packet, version_);
  const auto is_whole = [this] {
    return mqtt::read_frame(received_, mqtt::max_encodable_size).status !=
           mqtt::FrameStatus::need_more;
  };
  turn_until(
      loop_, "a packet", [&] { return is_whole() || ended_; }, line);
  if (received_.size() < wanted.size() ||
      !std::equal(wanted.begin(), wanted.end(), received_.begin())) {
    fail(line, "expected " + text_of(packet) + "\nbut the client sent\n" +
                   text_of(mqtt::ByteView(received_), version_));
  }
  received_.erase(received_.begin(),
                  received_.begin() + static_cast<std::ptrdiff_t>(wanted.size()));
}

void FakeServer::welcome(const mqtt::Packet& connack, Line line) {
  accept(line);
  turn_until(
      loop_, "CONNECT", [this] { return !received_.empty(); }, line);
  const auto frame = mqtt::read_frame(received_, mqtt::max_encodable_size);
  if (frame.frame.type_number() != 1) fail(line, "expected CONNECT");
  received_.erase(received_.begin(),
                  received_.begin() + static_cast<std::ptrdiff_t>(frame.frame.size));
  send(connack);
}

void FakeServer::send(const mqtt::Packet& packet) {
  send(mqtt::ByteView(mqtt::encoded(packet, version_)));
}

void FakeServer::send(mqtt::ByteView bytes) {
  REQUIRE(stream_->write(bytes) == bytes.size());
}

void FakeServer::expect_closed(Line line) {
  turn_until(
      loop_, "the end of the connection", [this] { return ended_; }, line);
  expect_nothing(line);
}

void FakeServer::expect_nothing(Line line) {
  settle(loop_);
  if (!received_.empty()) {
    fail(line, "the client also sent\n" + text_of(mqtt::ByteView(received_), version_));
  }
}

void FakeServer::close() {
  stream_.reset();
  ended_ = true;
}

void FakeServer::swallow(std::size_t size, Line line) {
  turn_until(
      loop_, "bytes", [&] { return received_.size() >= size; }, line);
  received_.erase(received_.begin(), received_.begin() + static_cast<std::ptrdiff_t>(size));
}

void FakeServer::on_open() {
  ++accepted_;
}

void FakeServer::on_data(mqtt::ByteView bytes) {
  received_.insert(received_.end(), bytes.begin(), bytes.end());
}

void FakeServer::on_end(const mqtt::io::StreamEnd&) {
  close();
}

}  // namespace test
