// Sends a message to itself:  smallest [host [port]]
#include <mqtt/client.h>

#include <cstdlib>
#include <iostream>

int main(int argc, char** argv) {
  mqtt::client::ClientOptions options;
  if (argc > 1) options.endpoint.host = argv[1];
  if (argc > 2) options.endpoint.port = static_cast<std::uint16_t>(std::atoi(argv[2]));
  mqtt::io::Loop loop;
  mqtt::client::Callbacks on;
  mqtt::client::Client client(loop, options, on);
  on.connected = [&](const mqtt::Connack&) {
    client.subscribe("examples/smallest", mqtt::QoS::at_least_once);
    client.publish("examples/smallest", "Hello, world", mqtt::QoS::at_least_once);
  };
  on.message = [&](const mqtt::Publish& message) {
    std::cout << "received: " << mqtt::as_text(message.payload) << std::endl;
    client.disconnect();
  };
  on.disconnected = [](const auto& end) { std::cerr << end.text << std::endl; };
  client.connect();
  loop.run();
}
