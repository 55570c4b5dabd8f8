// Subscribes to a topic, publishes to it, prints what comes back, and says goodbye.
//
//     hello [host [port]]        by default 127.0.0.1 1883

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "mqtt/client.h"

namespace {

class Hello final : mqtt::client::ClientHandler {
 public:
  Hello(mqtt::io::Loop& loop, mqtt::client::ClientOptions options)
      : client_(loop, std::move(options), *this) {
    client_.connect();
  }

  bool was_heard() const { return was_heard_; }

 private:
  void on_connected(const mqtt::Connack&) override {
    std::puts("connected");
    const auto sent =
        client_.subscribe(topic, mqtt::QoS::at_least_once, [this](const auto& result) {
          if (!result.ok()) return client_.disconnect();
          std::puts("subscribed");
          say_hello();
        });
    if (!sent) client_.disconnect();
  }

  void say_hello() {
    const auto sent =
        client_.publish(topic, "Hello, world", mqtt::QoS::exactly_once, [this](const auto& result) {
          std::puts(result.ok() ? "published" : "not published");
          was_published_ = true;
          leave_when_done();
        });
    if (!sent) client_.disconnect();
  }

  void on_message(const mqtt::Publish& message, mqtt::ArrivalNumber) override {
    const std::string_view text = mqtt::as_text(message.payload);
    std::printf("received: %.*s\n", static_cast<int>(text.size()), text.data());
    was_heard_ = true;
    leave_when_done();
  }

  void leave_when_done() {
    if (was_published_ && was_heard_) client_.disconnect();
  }

  /// With Cause::requested at the end of it all; otherwise something went wrong.
  void on_disconnected(const mqtt::client::ConnectionEnd& end) override {
    std::printf("disconnected%s%.*s\n", end.text.empty() ? "" : ": ",
                static_cast<int>(end.text.size()), end.text.data());
  }

  static constexpr std::string_view topic = "examples/hello";

  mqtt::client::Client client_;
  bool was_published_ = false;
  bool was_heard_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  mqtt::client::ClientOptions options;
  options.endpoint.host = argc > 1 ? argv[1] : "127.0.0.1";
  options.endpoint.port = static_cast<std::uint16_t>(argc > 2 ? std::atoi(argv[2]) : 1883);

  mqtt::io::Loop loop;
  const Hello hello(loop, std::move(options));
  loop.run();  // until the client has nothing more to wait for
  return hello.was_heard() ? EXIT_SUCCESS : EXIT_FAILURE;
}
