// A service of a domain is looked up and connected to.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "mqtt/io/tcp_listener.h"
#include "mqtt/io/tcp_stream.h"
#include "side.h"
#include "support/dns_server.h"

namespace mqtt::io::test {
namespace {

using mqtt::test::DnsServer;
using mqtt::test::srv;
using Zone = std::map<std::string, std::vector<mqtt::test::DnsRecord>>;

constexpr auto service_name = "_mqtt._tcp.example.test";

/// Someone listens, and greets whoever comes.
struct Host {
  explicit Host(Loop& loop, std::string greeting) {
    auto made = TcpListener::listen(loop, *SocketAddress::parse("127.0.0.1", 0),
                                    {[this, &loop, greeting](int fd) {
                                       side.emplace(TcpStream::accept(loop, fd));
                                       side->when_open = [this, greeting] { side->send(greeting); };
                                       side->start();
                                     },
                                     nullptr});
    REQUIRE(made);
    listener = std::move(*made);
  }
  std::uint16_t port() const { return listener->port(); }
  std::unique_ptr<TcpListener> listener;
  std::optional<Side> side;
};

std::uint16_t closed_port(Loop& loop) {
  auto listener =
      TcpListener::listen(loop, *SocketAddress::parse("127.0.0.1", 0), {close, nullptr});
  REQUIRE(listener);
  return (*listener)->port();
}

StreamPtr connect_by(Loop& loop, const std::string& name_server) {
  TcpTarget target;
  target.host = "example.test";
  target.service = ServiceLookup{"_mqtt._tcp", name_server};
  return TcpStream::connect(loop, target);
}

/// Why nothing came of it.
std::string failure_by(const std::string& name_server) {
  Loop loop;
  Side client(connect_by(loop, name_server));
  client.start();
  run_until(loop, [&] { return client.is_over(); });
  return client.end->text;
}

}  // namespace

TEST_CASE("a service is where the name server says", "[srv]") {
  Loop loop;
  Host host(loop, "welcome");
  DnsServer names({{service_name, {srv(0, 0, host.port(), "localhost")}}});
  Side client(connect_by(loop, names.address()));
  client.start();
  run_until(loop, [&] { return client.received == "welcome"; });
  CHECK(client.stream->peer().port == host.port());
  CHECK(names.questions().at(0) == service_name);
}

TEST_CASE("the hosts of a service are tried until one accepts", "[srv]") {
  Loop loop;
  Host second(loop, "second");
  Host third(loop, "third");
  SECTION("after one where nobody listens") {
    DnsServer names({{service_name,
                      {srv(3, 0, third.port(), "127.0.0.1"), srv(2, 9, second.port(), "127.0.0.1"),
                       srv(1, 0, closed_port(loop), "127.0.0.1")}}});
    Side client(connect_by(loop, names.address()));
    client.start();
    run_until(loop, [&] { return client.received == "second"; });
    CHECK_FALSE(third.side);
  }
  SECTION("and after one whose name is none") {
    DnsServer names(
        {{service_name,
          {srv(1, 0, 1883, std::string(63, 'x') + "..x"), srv(2, 0, second.port(), "127.0.0.1")}}});
    Side client(connect_by(loop, names.address()));
    client.start();
    run_until(loop, [&] { return client.received == "second"; });
  }
}

TEST_CASE("a service that cannot be reached is an end with a reason", "[srv]") {
  Loop loop;
  SECTION("when nobody listens on any of its hosts") {
    DnsServer names(
        {{service_name,
          {srv(1, 0, closed_port(loop), "127.0.0.1"), srv(2, 0, closed_port(loop), "127.0.0.1")}}});
    CHECK(failure_by(names.address()) == "connection refused");
  }
  SECTION("when the name servers know nothing of it") {
    DnsServer names({});
    CHECK(failure_by(names.address()) == "the name servers know no such service");
  }
  SECTION("when the domain has no records of that kind") {
    DnsServer names(Zone{{service_name, {}}});
    CHECK(failure_by(names.address()) == "the name servers know no such service");
  }
  SECTION("when the domain says that it does not offer it") {
    DnsServer names({{service_name, {srv(0, 0, 0, ".")}}});
    CHECK(failure_by(names.address()) == "the domain does not offer this service");
  }
  SECTION("when the name server is no address") {
    CHECK(failure_by("localhost:53") == "the address of the name server is not valid");
  }
}

TEST_CASE("a lookup may be given up", "[srv]") {
  Loop loop;
  DnsServer names({});
  {
    Side client(connect_by(loop, names.address()));
    client.start();
    loop.run_once(false);
  }
  run_ready(loop);
}

TEST_CASE("the address of a name server is IPv4, with or without a port", "[srv]") {
  CHECK(is_name_server("192.0.2.1"));
  CHECK(is_name_server("192.0.2.1:5353"));
  for (const char* const text : {"", "name", "192.0.2.1:", "192.0.2.1:0", "192.0.2.1:65536",
                                 "192.0.2.1:x", "::1", "[::1]:53"}) {
    CAPTURE(text);
    CHECK_FALSE(is_name_server(text));
  }
}

}  // namespace mqtt::io::test
