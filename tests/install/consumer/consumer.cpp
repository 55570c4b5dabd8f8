// A program of someone else: uses each library once and fails if one does not work.
#include <mqtt/client.h>
#include <mqtt/credentials/password_hash.h>
#include <mqtt/protocol/decode.h>
#include <mqtt/protocol/encode.h>

#include <cstdio>
#include <variant>
#include <vector>

namespace {

bool a_packet_survives_the_wire() {
  mqtt::Publish sent;
  sent.topic = "a/b";
  const std::vector<std::uint8_t> bytes = mqtt::encoded(sent, mqtt::ProtocolVersion::v5);
  const auto decoded = mqtt::decode(mqtt::ByteView(bytes), mqtt::ProtocolVersion::v5, 1000);
  const auto* received = std::get_if<mqtt::DecodedPacket>(&decoded);
  return received && received->size == bytes.size() &&
         std::get<mqtt::Publish>(received->packet).topic == "a/b";
}

bool a_client_says_that_nobody_is_there() {
  mqtt::io::Loop loop;
  auto cause = mqtt::client::ConnectionEnd::Cause::requested;
  mqtt::client::ClientOptions options;
  options.endpoint.unix_path = "/nonexistent/socket";
  mqtt::client::Callbacks on;
  on.disconnected = [&](const mqtt::client::ConnectionEnd& end) { cause = end.cause; };
  mqtt::client::Client client(loop, options, on);
  client.connect();
  loop.run();
  return cause == mqtt::client::ConnectionEnd::Cause::unreachable;
}

bool a_password_fits_its_hash() {
  const mqtt::HashRecipe recipe{mqtt::HashScheme::argon2id, 0, 64, 1, 1};
  const auto hash = mqtt::PasswordHash::create(mqtt::as_bytes("secret"), recipe);
  return hash && hash->fits(mqtt::as_bytes("secret")) == true;
}

}  // namespace

int main() {
  const bool wire = a_packet_survives_the_wire();
  const bool client = a_client_says_that_nobody_is_there();
  const bool password = a_password_fits_its_hash();
  std::printf("packet %s, client %s, password %s\n", wire ? "right" : "wrong",
              client ? "right" : "wrong", password ? "right" : "wrong");
  return wire && client && password ? 0 : 1;
}
