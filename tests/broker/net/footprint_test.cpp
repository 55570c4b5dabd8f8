#include <catch2/catch.hpp>

#include "mqtt/io/tcp_stream.h"
#include "net/connection.h"
#include "net/opening/client_opening.h"
#include "session/session.h"

namespace {

// What every connected client costs, however idle it is. A member that few clients need belongs
// behind a pointer that they alone fill.
TEST_CASE("a connected client is made of three small objects", "[footprint]") {
  CHECK(sizeof(broker::Connection) <= 184);
  CHECK(sizeof(broker::Session) <= 120);
  CHECK(sizeof(mqtt::io::TcpStream) <= 280);
}

// And what one that has not logged in yet is counted for.
TEST_CASE("a connection that is not let in yet costs no more than it is counted for",
          "[footprint]") {
  CHECK(sizeof(broker::Connection) + sizeof(mqtt::io::TcpStream) + sizeof(broker::ClientOpening) <=
        broker::OpeningShare::bytes_when_open);
}

}  // namespace
