#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <vector>

#include "mqtt/io/tcp_listener.h"
#include "mqtt/io/tcp_stream.h"
#include "side.h"
#include "socket_pair.h"

namespace mqtt::io::test {
namespace {

SocketAddress loopback(std::uint16_t port = 0) {
  return *SocketAddress::parse("127.0.0.1", port);
}

/// A port of loopback where nobody listens.
std::uint16_t closed_port(Loop& loop) {
  auto listener = TcpListener::listen(loop, loopback(), {close, nullptr});
  REQUIRE(listener);
  return (*listener)->port();
}

/// Listens, accepts one connection as a Side, and greets it.
struct Greeter {
  explicit Greeter(Loop& loop, const SocketAddress& address = loopback()) {
    auto made = TcpListener::listen(loop, address,
                                    {[this, &loop](int fd) {
                                       side.emplace(TcpStream::accept(loop, fd));
                                       side->when_open = [this] { side->send("welcome"); };
                                       side->start();
                                     },
                                     nullptr});
    REQUIRE(made);
    listener = std::move(*made);
  }
  std::unique_ptr<TcpListener> listener;
  std::optional<Side> side;
};

}  // namespace

static_assert(sizeof(TcpStream) <= sizeof(uv_tcp_t) + 32, "one per idle connection");

TEST_CASE("a client connects to a listener", "[tcp]") {
  Loop loop;
  SECTION("by IPv4 address") {
    Greeter greeter(loop);
    Side client(TcpStream::connect(loop, {"127.0.0.1", greeter.listener->port(), "", {}}));
    client.start();
    run_until(loop, [&] { return client.received == "welcome"; });
    CHECK(client.stream->peer().address == "127.0.0.1");
    CHECK(client.stream->peer().port == greeter.listener->port());
    CHECK(greeter.side->stream->peer().address == "127.0.0.1");
  }
  SECTION("by IPv6 address") {
    Greeter greeter(loop, *SocketAddress::parse("::1", 0));
    Side client(TcpStream::connect(loop, {"::1", greeter.listener->port(), "", {}}));
    client.start();
    run_until(loop, [&] { return client.received == "welcome"; });
    CHECK(client.stream->peer().address == "::1");
  }
  SECTION("by name, whichever of its addresses is listened on") {
    Greeter greeter(loop);
    Side client(TcpStream::connect(loop, {"localhost", greeter.listener->port(), "", {}}));
    client.start();
    run_until(loop, [&] { return client.received == "welcome"; });
  }
  SECTION("from an address of its choice") {
    Greeter greeter(loop);
    Side client(TcpStream::connect(loop, {"127.0.0.1", greeter.listener->port(), "127.0.0.3", {}}));
    client.start();
    run_until(loop, [&] { return client.received == "welcome"; });
    CHECK(greeter.side->stream->peer().address == "127.0.0.3");
  }
}

TEST_CASE("small writes leave at once unless asked otherwise", "[tcp]") {
  Loop loop;
  const auto no_delay_of = [](int fd) {
    int value = -1;
    socklen_t length = sizeof value;
    REQUIRE(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, &length) == 0);
    return value != 0;
  };
  const auto [client, server] = tcp_socket_pair();
  const StreamPtr with = TcpStream::accept(loop, client);
  const StreamPtr without = TcpStream::accept(loop, server, {.no_delay = false});
  CHECK(no_delay_of(client));
  CHECK_FALSE(no_delay_of(server));
}

TEST_CASE("a failed attempt to connect ends the stream with the reason", "[tcp]") {
  Loop loop;
  TcpTarget target{"127.0.0.1", closed_port(loop), "", {}};
  std::string reason;
  SECTION("nobody listens") {
    reason = "connection refused";
  }
  SECTION("nobody listens on any address of the name") {
    target.host = "localhost";
    reason = "connection refused";
  }
  SECTION("no such name") {
    target.host = "no-such-host.invalid";
    reason = "";  // what the name service says depends on where the test runs
  }
  SECTION("an empty name") {
    target.host = "";
    reason = "";
  }
  SECTION("an address to come from that is not ours") {
    target.bind_address = "192.0.2.1";
    reason = "address not available";
  }
  SECTION("an address to come from of another family") {
    target.bind_address = "::1";
    reason = "address not available";
  }
  Side client(TcpStream::connect(loop, target));
  client.start();
  run_until(loop, [&] { return client.is_over(); });
  CHECK_FALSE(client.open);
  CHECK(client.end->cause == StreamEnd::Cause::error);
  CHECK_FALSE(client.end->text.empty());
  if (!reason.empty()) CHECK(client.end->text == reason);
}

TEST_CASE("an attempt to connect can be dropped at any moment", "[tcp]") {
  Loop loop;
  Greeter greeter(loop);
  const std::string host = GENERATE("127.0.0.1", "localhost", "no-such-host.invalid");
  StreamPtr client = TcpStream::connect(loop, {host, greeter.listener->port(), "", {}});
  SECTION("before it begins") {}
  SECTION("after the start") {
    client->start();
  }
  SECTION("after a turn of the loop") {
    client->start();
    loop.run_once(false);
  }
  SECTION("by its end") {
    client->start();
    client->finish();
  }
  client.reset();
}

TEST_CASE("a descriptor that is none ends the stream with an error", "[tcp]") {
  Loop loop;
  Side side(TcpStream::accept(loop, 1 << 20));
  side.start();
  run_until(loop, [&] { return side.is_over(); });
  CHECK(side.end->cause == StreamEnd::Cause::error);
}

TEST_CASE("what a peer sent before its connection broke is delivered", "[tcp]") {
  Loop loop;
  const auto [client, server] = tcp_socket_pair();
  Side side(TcpStream::accept(loop, server));
  side.start();
  run_until(loop, [&] { return side.open; });

  // The client leaves without having read: the kernel resets the connection.
  side.write("never read");
  const std::string words = "publish and leave";
  REQUIRE(send(client, words.data(), words.size(), 0) == static_cast<ssize_t>(words.size()));
  SECTION("to one who only reads") {
    close(client);
  }
  SECTION("to one who learns of it by writing") {
    close(client);
    side.write("into the void");
    side.write("into the void");
  }
  run_until(loop, [&] { return side.is_over(); });
  CHECK(side.received == words);
  CHECK(side.end->cause != StreamEnd::Cause::finished);
}

TEST_CASE("a listener takes a port", "[tcp]") {
  Loop loop;
  SECTION("that the system chooses") {
    auto listener = TcpListener::listen(loop, loopback(), {close, nullptr});
    REQUIRE(listener);
    CHECK((*listener)->port() != 0);
    CHECK((*listener)->address().address() == "127.0.0.1");
  }
  SECTION("unless another has it") {
    auto first = TcpListener::listen(loop, loopback(), {close, nullptr});
    REQUIRE(first);
    auto second = TcpListener::listen(loop, (*first)->address(), {close, nullptr});
    REQUIRE_FALSE(second);
    CHECK(second.error() == "address already in use");
  }
  SECTION("on the wildcard addresses of both families side by side") {
    // Someone else may have the port in the other family: then it is tried with another one.
    bool side_by_side = false;
    for (int tries = 0; tries < 20 && !side_by_side; ++tries) {
      auto v6 = TcpListener::listen(loop, *SocketAddress::parse("::", 0), {close, nullptr});
      REQUIRE(v6);
      side_by_side = TcpListener::listen(loop, *SocketAddress::parse("0.0.0.0", (*v6)->port()),
                                         {close, nullptr})
                         .has_value();
    }
    CHECK(side_by_side);
  }
}

TEST_CASE("a listener's host stands for addresses", "[tcp]") {
  CHECK(TcpListener::resolve("127.0.0.1", 1883)->front().address() == "127.0.0.1");
  CHECK(TcpListener::resolve("127.0.0.1", 1883)->front().port() == 1883);
  CHECK(TcpListener::resolve("", 1883, AF_INET)->front().address() == "0.0.0.0");
  CHECK(TcpListener::resolve("", 1883)->size() == 2);
  CHECK_FALSE(TcpListener::resolve("no-such-host.invalid", 1883));
}

TEST_CASE("a listener may be paused and destroyed", "[tcp]") {
  Loop loop;
  int accepted = 0;
  std::unique_ptr<TcpListener> listener;
  std::function<void()> when_accepted;
  auto made = TcpListener::listen(loop, loopback(),
                                  {[&](int fd) {
                                     close(fd);
                                     ++accepted;
                                     if (when_accepted) when_accepted();
                                   },
                                   nullptr});
  REQUIRE(made);
  listener = std::move(*made);
  std::vector<Side> clients;
  clients.reserve(3);
  for (int i = 0; i < 3; ++i) {
    clients.emplace_back(TcpStream::connect(loop, {"127.0.0.1", listener->port(), "", {}}));
    clients.back().stream->set_handler(&clients.back());
    clients.back().start();
  }
  SECTION("inside its call") {
    when_accepted = [&] { listener.reset(); };
    run_until(loop, [&] { return accepted > 0; });
    run_ready(loop);
    CHECK(accepted == 1);
  }
  SECTION("and goes on when resumed") {
    when_accepted = [&] { listener->pause(); };
    run_until(loop, [&] { return accepted == 1; });
    run_ready(loop);
    CHECK(accepted == 1);
    when_accepted = nullptr;
    listener->resume();
    run_until(loop, [&] { return accepted == 3; });
  }
}

TEST_CASE("a listener without descriptors turns connections away and says so", "[tcp]") {
  Loop loop;
  int accepted = 0;
  std::string reason;
  auto listener = TcpListener::listen(loop, loopback(),
                                      {[&](int fd) {
                                         close(fd);
                                         ++accepted;
                                       },
                                       [&](const std::string& text) { reason = text; }});
  REQUIRE(listener);
  const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  // None is left; or few, which are for the rest of the process (an eighth of more than 32).
#ifdef MQTT_UNDEFINED_SANITIZER  // it opens pipes to look at memory, and takes their absence for an
                                 // error
  const rlim_t left = 4;
#else
  const rlim_t left = GENERATE(rlim_t{0}, rlim_t{1}, rlim_t{4});
#endif
  std::vector<int> hoard;
  for (int i = 0; i < 32; ++i) hoard.push_back(dup(0));
  rlimit tight = before;
  tight.rlim_cur = static_cast<rlim_t>(hoard.back()) + 1 + left;
  REQUIRE(setrlimit(RLIMIT_NOFILE, &tight) == 0);
  const SocketAddress address = (*listener)->address();
  REQUIRE(connect(client, address.get(), address.length()) == 0);

  run_until(loop, [&] { return !reason.empty() || accepted > 0; });
  REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
  for (const int fd : hoard) close(fd);
  CHECK(accepted == 0);
  CHECK(reason == "too many open files");
  char byte = 0;
  CHECK(recv(client, &byte, 1, 0) <= 0);
  close(client);

  SECTION("and accepts again when there are some") {
    Side next(TcpStream::connect(loop, {"127.0.0.1", (*listener)->port(), "", {}}));
    next.start();
    run_until(loop, [&] { return accepted == 1; });
  }
}

TEST_CASE("a stream in a hurry does not wait for the peer's end once its own bytes have left",
          "[tcp]") {
  Loop loop;
  loop.set_farewell_patience(std::chrono::hours(1));
  loop.set_end_patience(std::chrono::milliseconds(1));
  Greeter greeter(loop);
  Side client(TcpStream::connect(loop, {"127.0.0.1", greeter.listener->port(), "", {}}));
  client.start();
  run_until(loop, [&] { return client.received == "welcome"; });
  greeter.side->finish();
  // The client has heard of the end, and keeps its socket open all the same.
  run_until(loop, [&] { return client.is_over() && greeter.side->is_over(); });
  CHECK(greeter.side->end->cause == StreamEnd::Cause::finished);
}

}  // namespace mqtt::io::test
