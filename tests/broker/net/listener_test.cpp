#include "net/listener.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "mqtt/io/loop.h"
#include "mqtt/io/tcp_listener.h"
#include "support/scratch_folder.h"
#include "support/socket_client.h"

using broker::Listener;
using broker::ListenerConfig;
using mqtt::io::SocketAddress;

namespace {

ListenerConfig on(const std::string& host, std::uint16_t port) {
  ListenerConfig config;
  config.host = host;
  config.port = port;
  return config;
}

ListenerConfig on_path(const std::string& path) {
  ListenerConfig config;
  config.port = 0;
  config.unix_path = path;
  return config;
}

std::unique_ptr<Listener> opened(const ListenerConfig& config,
                                 std::span<const Listener* const> leaving = {}) {
  auto listener = Listener::open(config, leaving);
  INFO((listener ? std::string() : listener.error().text()));
  REQUIRE(listener);
  return std::move(*listener);
}

bool somebody_listens(std::uint16_t port) {
  try {
    test::SocketClient client(port);
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

}  // namespace

TEST_CASE("A port that is taken is told with its address") {
  const auto first = opened(on("127.0.0.1", 0));
  const auto second = Listener::open(on("127.0.0.1", first->port()));
  REQUIRE_FALSE(second);
  CHECK(second.error().text() ==
        "127.0.0.1 port " + std::to_string(first->port()) + ": address already in use");
  SECTION("by one of two wildcard addresses as well") {
    const auto wildcard = Listener::open(on("", first->port()));
    REQUIRE_FALSE(wildcard);
    CHECK_THAT(wildcard.error().text(), Catch::Contains("address already in use"));
  }
}

TEST_CASE("A check finds what an opening would, and nobody notices it") {
  const auto check = [](const ListenerConfig& config) {
    return Listener::open(config, {}, nullptr, Listener::Purpose::check);
  };
  std::uint16_t port = 0;
  SECTION("an address that is free stays free, and nobody can connect there") {
    port = opened(on("127.0.0.1", 0))->port();
    const auto checked = check(on("127.0.0.1", port));
    REQUIRE(checked);
    CHECK_FALSE(somebody_listens(port));
    opened(on("127.0.0.1", port));
  }
  SECTION("two checks of one address are told apart from one") {
    port = opened(on("127.0.0.1", 0))->port();
    const auto one = check(on("127.0.0.1", port));
    const auto two = check(on("", port));
    REQUIRE((one && two));
    CHECK((*one)->overlaps(**two));
    CHECK((*two)->overlaps(**one));
    CHECK_FALSE((*one)->overlaps(*opened(on("127.0.0.2", port))));
  }
  SECTION("an address that is taken") {
    const auto other = opened(on("127.0.0.1", 0));
    const auto checked = check(on("127.0.0.1", other->port()));
    REQUIRE_FALSE(checked);
    CHECK(checked.error().error == EADDRINUSE);
    CHECK(checked.error().address.has_value());
  }
  SECTION("an interface that is not there") {
    ListenerConfig config = on("", 1883);
    config.bind_interface = "no-such-if0";
    const auto checked = check(config);
    REQUIRE_FALSE(checked);
    CHECK(checked.error().of_interface);
  }
  SECTION("a path: no file is made") {
    const test::ScratchFolder folder;
    const std::string path = (folder.path() / "socket").string();
    REQUIRE(check(on_path(path)));
    CHECK_FALSE(std::filesystem::exists(path));
    const auto live = opened(on_path(path));
    CHECK(check(on_path(path)));  // whether it is in use shows when it is opened
    CHECK_FALSE(check(on_path((folder.path() / "no folder" / "socket").string())));
    CHECK_FALSE(check(on_path(folder.file("file", "x"))));
  }
}

TEST_CASE("An address of a listener that leaves is taken over") {
  mqtt::io::Loop loop;
  auto old = opened(on("127.0.0.1", 0));
  const std::uint16_t port = old->port();
  const std::array<const Listener*, 1> leaving{old.get()};
  const test::SocketClient waiting(port);
  const auto fresh = opened(on("127.0.0.1", port), leaving);
  old.reset();
  CHECK(fresh->port() == port);
  CHECK(somebody_listens(port));
  SECTION("with the connections that wait there") {
    int accepted = 0;
    fresh->start(loop, {[&](int fd) {
                          ++accepted;
                          ::close(fd);
                        },
                        nullptr});
    while (accepted < 2) loop.run_once(true);  // and that of the line above
    CHECK(accepted == 2);
  }
}

TEST_CASE("An address that overlaps with that of a listener that leaves is opened beside it") {
  const auto from = GENERATE("0.0.0.0", "127.0.0.1");
  const std::string to = from == std::string("0.0.0.0") ? "127.0.0.1" : "0.0.0.0";
  auto old = opened(on(from, 0));
  const std::uint16_t port = old->port();
  CHECK_FALSE(Listener::open(on(to, port)));
  const std::array<const Listener*, 1> leaving{old.get()};
  auto fresh = opened(on(to, port), leaving);
  SECTION("and stays when the other has gone") {
    old.reset();
    fresh->share_port(false);
    CHECK(fresh->addresses() == std::vector{to + " port " + std::to_string(port)});
    CHECK(somebody_listens(port));
  }
  SECTION("or goes, and the other is as before") {
    fresh.reset();
    old->share_port(false);
    CHECK(somebody_listens(port));
    CHECK_FALSE(Listener::open(on(to, port)));
  }
}

TEST_CASE("The port of another program is not shared, whoever leaves") {
  const auto other = opened(on("127.0.0.1", 0));
  const auto old = opened(on("127.0.0.2", other->port()));
  const std::array<const Listener*, 1> leaving{old.get()};
  CHECK_FALSE(Listener::open(on("127.0.0.1", other->port()), leaving));
  CHECK_FALSE(Listener::open(on("0.0.0.0", other->port()), leaving));
}

TEST_CASE("The file of a Unix socket goes with the last listener on it") {
  const test::ScratchFolder folder;
  const std::string path = (folder.path() / "socket").string();
  auto old = opened(on_path(path));
  CHECK(old->addresses() == std::vector{path});
  CHECK(old->port() == 0);
  SECTION("which is taken over") {
    const std::array<const Listener*, 1> leaving{old.get()};
    auto fresh = opened(on_path(path), leaving);
    old.reset();
    CHECK(std::filesystem::exists(path));
    fresh.reset();
  }
  SECTION("which nobody else gets while it is there") {
    const auto other = Listener::open(on_path(path));
    REQUIRE_FALSE(other);
    CHECK(other.error().text() == path + ": address already in use");
    old.reset();
  }
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("A listener is made of sockets that listen already") {
  const auto address = *SocketAddress::parse("127.0.0.1", 0);
  auto made = mqtt::io::ListeningSocket::on_address(address, {});
  REQUIRE(made);
  auto adopted = mqtt::io::ListeningSocket::adopt(::dup(made->fd()));
  REQUIRE(adopted);
  CHECK(adopted->address().port() == made->address().port());
  std::vector<mqtt::io::ListeningSocket> sockets;
  sockets.push_back(std::move(*adopted));
  const Listener listener(std::move(sockets));
  CHECK(listener.port() == made->address().port());
  SECTION("and of nothing else") {
    const auto refused = mqtt::io::ListeningSocket::adopt(::socket(AF_INET, SOCK_STREAM, 0));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().error == EINVAL);
  }
}
