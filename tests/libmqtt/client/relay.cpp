#include "libmqtt/client/relay.h"

#include <utility>

#include "mqtt/io/tcp_stream.h"

namespace test {

using mqtt::io::SocketAddress;
using mqtt::io::StreamPtr;
using mqtt::io::TcpListener;
using mqtt::io::TcpStream;

/// The two ends of one connection.
class Relay::Pair {
 public:
  Pair(Relay& relay, int client_fd)
      : relay_(relay),
        client_(*this, TcpStream::accept(relay.loop_, client_fd)),
        server_(*this, TcpStream::connect(relay.loop_, {"127.0.0.1", relay.server_port_, {}})) {
    server_.stream->start();
  }

 private:
  /// What one end says waits here until the other takes it.
  struct End final : mqtt::io::StreamHandler {
    End(Pair& owner, StreamPtr connected) : pair(owner), stream(std::move(connected)) {
      stream->set_handler(this);
    }
    void on_open() override { pair.on_open(*this); }
    void on_data(mqtt::ByteView bytes) override { pair.on_data(*this, bytes); }
    void on_writable() override { flush(); }
    void on_end(const mqtt::io::StreamEnd&) override { pair.on_end(); }
    void flush() {
      const std::size_t taken = stream->write(waiting);
      waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(taken));
    }

    Pair& pair;
    StreamPtr stream;
    std::vector<std::uint8_t> waiting;
  };

  void on_open(End& end) {
    if (&end == &server_) client_.stream->start();
  }
  void on_data(End& from, mqtt::ByteView bytes) {
    if (&from == &server_ && relay_.swallows_answers_) {
      relay_.swallowed_ += bytes.size();
      return;
    }
    End& to = &from == &client_ ? server_ : client_;
    to.waiting.insert(to.waiting.end(), bytes.begin(), bytes.end());
    to.flush();
  }
  void on_end() {
    client_.stream.reset();
    server_.stream.reset();
  }

  Relay& relay_;
  End client_;
  End server_;
};

Relay::Relay(mqtt::io::Loop& loop, std::uint16_t server_port)
    : loop_(loop), server_port_(server_port) {
  mqtt::io::ListenerEvents events;
  events.on_accept = [this](int fd) { pairs_.push_back(std::make_unique<Pair>(*this, fd)); };
  listener_ = TcpListener::listen(loop, *SocketAddress::parse("127.0.0.1", 0), events).value();
}

Relay::~Relay() = default;

void Relay::cut() {
  pairs_.clear();
  swallows_answers_ = false;
  swallowed_ = 0;
}

}  // namespace test
