#include "mqtt/client/client.h"

namespace mqtt::client {

void Callbacks::on_connected(const Connack& connack) {
  if (connected) connected(connack);
}

void Callbacks::on_message(const Publish& received, ArrivalNumber) {
  if (message) message(received);
}

void Callbacks::on_disconnected(const ConnectionEnd& end) {
  if (disconnected) disconnected(end);
}

void Callbacks::on_auth(const Auth& received) {
  if (auth) auth(received);
}

void Callbacks::on_room() {
  if (room) room();
}

}  // namespace mqtt::client
