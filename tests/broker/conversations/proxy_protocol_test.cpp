/// Listeners behind a proxy that says who the client is: whose address and name count, and what
/// becomes of connections whose header is not as the listener wants it.

#include <catch2/catch.hpp>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "mqtt/credentials/password_hash.h"
#include "mqtt/protocol/encode.h"
#include "support/broker_fixture.h"
#include "support/log_file.h"

using namespace test;
using mqtt::ReasonCode;
using std::chrono::seconds;

namespace {

Bytes text(std::string_view characters) {
  return {characters.begin(), characters.end()};
}

/// Version 1, from this port of 192.0.2.1.
Bytes line(int port = 56324) {
  return text("PROXY TCP4 192.0.2.1 198.51.100.2 " + std::to_string(port) + " 1883\r\n");
}

/// Version 2, from port 56324 of 192.0.2.1; `fields` in BytesNotation.
Bytes block(const std::string& fields = "") {
  return hex("0d0a0d0a000d0a515549540a 21 11 (c0000201 c6336402 dc04 075b " + fields + ")");
}

Bytes block_with_tls(const std::string& fields) {
  return block("20 (" + fields + ")");
}

const char* const verified =
    "07 00000000 21 ('TLSv1.3') 22 ('a client') 23 ('TLS_AES_256_GCM_SHA384')";
const char* const without_name = "07 00000000 21 ('TLSv1.3')";
const char* const not_verified = "03 00000012 21 ('TLSv1.3') 22 ('a client')";

Bytes operator+(Bytes first, const mqtt::Packet& packet) {
  const auto second = mqtt::encoded(packet, mqtt::ProtocolVersion::v311);
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

/// Lets everyone in and notes what it was asked.
class Curious final : public broker::Authenticator {
 public:
  struct Asked {
    std::string user_name, password, peer_address;
    bool vouched_for = false;
  };
  explicit Curious(std::shared_ptr<std::vector<Asked>> asked) : asked_(std::move(asked)) {}

  std::unique_ptr<Request> authenticate(const broker::Credentials& credentials,
                                        Answer answer) override {
    asked_->push_back({std::string(credentials.user_name.value_or("(none)")),
                       std::string(credentials.password.value_or("(none)")),
                       std::string(credentials.peer_address), credentials.vouched_for});
    answer(ReasonCode::success);
    return nullptr;
  }

 private:
  std::shared_ptr<std::vector<Asked>> asked_;
};

constexpr const char* identity =
    "enable_proxy_protocol 2\nrequire_certificate true\nuse_identity_as_username true";

}  // namespace

TEST_CASE("A client behind a proxy has the address that the proxy says", "[proxy]") {
  const unsigned workers = GENERATE(1U, 4U);
  const LogFile log;
  SECTION("version 1") {
    BrokerFixture broker(workers, "enable_proxy_protocol 1" + log.config());
    Peer peer = broker.peer();
    peer.send(line() + connect("a"));
    peer.expect(connack(0));
    peer.send(disconnect());
    peer.expect_closed();
    broker.stop();
    CHECK(log.has("New client connected from 192.0.2.1:56324 as a (p4, c1, k60)."));
    CHECK(log.has("Client a [192.0.2.1:56324] disconnected."));
  }
  SECTION("version 2, whatever pieces it comes in") {
    BrokerFixture broker(workers, "enable_proxy_protocol 2" + log.config());
    Peer peer = broker.peer();
    for (const std::uint8_t byte : block("04 (00*7)") + connect("a")) {
      peer.send(mqtt::ByteView(&byte, 1));
    }
    peer.expect(connack(0));
    broker.stop();
    CHECK(log.has("New client connected from 192.0.2.1:56324 as a (p4, c1, k60)."));
  }
  SECTION("also if it moves to the worker where its identifier lives") {
    BrokerFixture broker(workers, "enable_proxy_protocol 1" + log.config());
    for (int port = 1000; port < 1016; ++port) {
      Peer peer = broker.peer();
      peer.send(line(port) + connect("same"));
      peer.expect(connack(0));
      peer.send(subscribe(1, "x", 0));
      peer.expect(suback(1, {0}));
    }
    broker.stop();
    for (int port = 1000; port < 1016; ++port) {
      CHECK(log.has("New client connected from 192.0.2.1:" + std::to_string(port) +
                    " as same (p4, c1, k60)."));
    }
  }
  SECTION("unless the proxy does not know it") {
    BrokerFixture broker(workers, "enable_proxy_protocol 1" + log.config());
    Peer peer = broker.peer();
    peer.send(text("PROXY UNKNOWN\r\n") + connect("a"));
    peer.expect(connack(0));
    broker.stop();
    CHECK(log.count("New client connected from 127.0.0.1:") == 1);
  }
}

TEST_CASE("Whoever decides about a client behind a proxy hears its address", "[proxy]") {
  auto asked = std::make_shared<std::vector<Curious::Asked>>();
  broker::Broker::Parts parts;
  parts.authenticator = std::make_unique<Curious>(asked);
  BrokerFixture broker(1, "enable_proxy_protocol 2", std::move(parts));
  Peer peer = broker.peer();
  peer.send(block_with_tls(verified) + connect("a").user("bob").password("secret"));
  peer.expect(connack(0));
  broker.stop();
  REQUIRE(asked->size() == 1);
  CHECK(asked->front().peer_address == "192.0.2.1");
  CHECK(asked->front().user_name == "bob");
  CHECK(asked->front().password == "secret");
  CHECK_FALSE(asked->front().vouched_for);
}

TEST_CASE("The TLS between client and proxy is logged", "[proxy]") {
  const LogFile log;
  BrokerFixture broker(1, "enable_proxy_protocol 2" + log.config());
  const auto client = [&](const char* id, const Bytes& header) {
    Peer peer = broker.peer();
    peer.send(header + connect(id));
    peer.expect(connack(0));
  };
  client("a", block_with_tls(verified));
  client("b", block_with_tls(without_name));
  client("c", block_with_tls("01 00000000"));
  client("d", block());
  broker.stop();
  CHECK(log.has("Client a negotiated TLSv1.3 cipher TLS_AES_256_GCM_SHA384 with its proxy."));
  CHECK(log.has("Client b negotiated TLSv1.3 with its proxy."));
  CHECK(log.has("Client c negotiated TLS with its proxy."));
  CHECK(log.count("Client d negotiated") == 0);
}

TEST_CASE("The name of a certificate that a proxy has verified is the user name", "[proxy]") {
  const unsigned workers = GENERATE(1U, 4U);
  const LogFile log;
  const std::string no_anonymous =
      GENERATE(as<std::string>{}, "", "\nlistener_allow_anonymous false");
  const bool has_users = GENERATE(false, true);
  const mqtt::HashRecipe cheap{mqtt::HashScheme::pbkdf2_sha512, 10, 64, 1, 1};
  const auto hash = mqtt::PasswordHash::create(mqtt::as_bytes("whatever"), cheap)->text();
  const std::string users =
      has_users ? "\npassword_file " + log.folder.file("users", "bob:" + hash + "\n") : "";
  BrokerFixture broker(workers, identity + no_anonymous + users + log.config());
  SECTION("and proof enough") {
    Peer peer = broker.peer();
    peer.send(block_with_tls(verified) + connect("a").user("bob").password("whatever"));
    peer.expect(connack(0));
    broker.stop();
    CHECK(log.has("New client connected from 192.0.2.1:56324 as a (p4, c1, k60, u'a client')."));
  }
  SECTION("and nobody comes in without one") {
    Peer old = broker.peer();
    old.send(block_with_tls(without_name) + connect("a").user("bob").password("whatever"));
    old.expect("20 02 00 04");
    old.expect_closed();
    Peer peer = broker.peer();
    peer.send(block_with_tls(
        GENERATE(as<std::string>{}, "07 00000000 22 ()", "07 00000000 22 (ff)", without_name)));
    peer.send(connect("a").v5());
    peer.expect("20 03 00 86 00");
    peer.expect_closed();
  }
  SECTION("and stays when the rules are read again") {
    Peer peer = broker.peer();
    peer.send(block_with_tls(verified) + connect("a"));
    peer.expect(connack(0));
    broker.reconfigure(identity + std::string("\nlistener_allow_anonymous false") + users +
                       log.config());
    peer.expect_nothing();
  }
}

TEST_CASE("An authenticator hears the name that a proxy vouches for, and no password", "[proxy]") {
  auto asked = std::make_shared<std::vector<Curious::Asked>>();
  broker::Broker::Parts parts;
  parts.authenticator = std::make_unique<Curious>(asked);
  BrokerFixture broker(1, identity, std::move(parts));
  Peer peer = broker.peer();
  peer.send(block_with_tls(verified) + connect("a").user("bob").password("secret"));
  peer.expect(connack(0));
  broker.stop();
  REQUIRE(asked->size() == 1);
  CHECK(asked->front().user_name == "a client");
  CHECK(asked->front().password == "(none)");
  CHECK(asked->front().vouched_for);
}

TEST_CASE("Without require_certificate the user name of CONNECT counts", "[proxy]") {
  const LogFile log;
  BrokerFixture broker(1, "enable_proxy_protocol 2\nuse_identity_as_username true" + log.config());
  Peer peer = broker.peer();
  peer.send(block_with_tls(verified) + connect("a").user("bob"));
  peer.expect(connack(0));
  broker.stop();
  CHECK(log.has("New client connected from 192.0.2.1:56324 as a (p4, c1, k60, u'bob')."));
}

TEST_CASE("The client identifier may be the name that a proxy vouches for", "[proxy]") {
  const LogFile log;
  BrokerFixture broker(1, identity + std::string("\nuse_username_as_clientid true") + log.config());
  Peer peer = broker.peer();
  peer.send(block_with_tls(verified) + connect("a").user("bob"));
  peer.expect(connack(0));
  broker.stop();
  CHECK(
      log.has("New client connected from 192.0.2.1:56324 as a client (p4, c1, k60, u'a client')."));
}

TEST_CASE("A listener may want to hear of TLS or of a certificate", "[proxy]") {
  const LogFile log;
  const std::string refused = "PROXY header: it does not speak of ";
  SECTION("of TLS") {
    BrokerFixture broker(
        1, "enable_proxy_protocol 2\nproxy_protocol_v2_require_tls true" + log.config());
    Peer good = broker.peer();
    good.send(block_with_tls(not_verified) + connect("a"));
    good.expect(connack(0));
    Peer plain = broker.peer();
    plain.send(block() + connect("b"));
    plain.expect_closed();
    plain.close();
    broker.stop();
    CHECK(log.count("Connection from 127.0.0.1:") == 1);
    CHECK(log.count("New client connected") == 1);
  }
  SECTION("of a certificate") {
    BrokerFixture broker(1, "enable_proxy_protocol 2\nrequire_certificate true" + log.config());
    Peer good = broker.peer();
    good.send(block_with_tls(verified) + connect("a"));
    good.expect(connack(0));
    for (const char* tls : {not_verified, "01 00000000", "00 00000000"}) {
      Peer bad = broker.peer();
      bad.send(block_with_tls(tls) + connect("b"));
      bad.expect_closed();
    }
    broker.stop();
    CHECK(log.count("Connection from 127.0.0.1:") == 3);
    CHECK(log.count("New client connected") == 1);
  }
}

TEST_CASE("A header that is not in order closes the connection with a line in the log", "[proxy]") {
  const LogFile log;
  BrokerFixture broker(1, "enable_proxy_protocol 2" + log.config());
  const auto closed = [&](const Bytes& bytes) {
    Peer peer = broker.peer();
    peer.send(bytes);
    peer.expect_closed();
  };
  SECTION("which says what is wrong") {
    const auto said = [&](const Bytes& bytes, const std::string& reason) {
      closed(bytes);
      broker.stop();
      const auto lines = log.lines();
      REQUIRE(lines.size() == 1);
      CHECK(lines[0].starts_with("Connection from 127.0.0.1:"));
      CHECK(lines[0].ends_with(
          " to listener 0 127.0.0.1 not taken from the proxy: PROXY header: " + reason + "."));
    };
    SECTION("there is none") {
      said(Bytes{} + connect("a"), "there is none");
    }
    SECTION("it is the other one") {
      said(line() + connect("a"), "it is of version 1, and 2 is expected");
    }
    SECTION("it is too long") {
      said(hex("0d0a0d0a000d0a515549540a 21 11 ffff"), "it is longer than 500 bytes");
    }
    SECTION("it lies about its lengths") {
      said(block("20 ffff 00"), "a field in it is cut off");
    }
  }
  SECTION("but not each time") {
    for (int i = 0; i < 25; ++i) closed(text("x"));
    // Whoever comes later is answered later than those have ended.
    Peer peer = broker.peer();
    peer.send(block() + connect("a"));
    peer.expect(connack(0));
    broker.advance(seconds(1));
    closed(text("x"));
    broker.stop();
    CHECK(log.count("Connection from 127.0.0.1:") == 11);
    CHECK(log.has("15 more connections not taken from proxies were not logged."));
  }
  SECTION("and so does one that is cut off") {
    Peer peer = broker.peer();
    peer.send(hex("0d0a0d0a00"));
    peer.finish_sending();
    peer.expect_closed();
    broker.stop();
    REQUIRE(log.lines().size() == 1);
    CHECK(log.lines()[0].ends_with("PROXY header: the connection was closed within it."));
  }
}

TEST_CASE("A header has to come in time, and CONNECT with it", "[proxy]") {
  const LogFile log;
  BrokerFixture broker(1, "enable_proxy_protocol 2" + log.config());
  Peer peer = broker.peer();
  Peer other = broker.peer();
  other.send(block() + connect("a"));
  other.expect(connack(0));  // so the first one has been accepted
  std::string end = "not taken from the proxy: exceeded timeout.";
  SECTION("nothing comes") {}
  SECTION("a part of it comes") {
    peer.send(hex("0d0a0d0a000d0a51"));
  }
  SECTION("CONNECT does not come") {
    peer.send(block());
    end = "Client 192.0.2.1 [192.0.2.1:56324] disconnected: exceeded timeout.";
  }
  other.expect_nothing();
  broker.advance(seconds(29));
  other.expect_nothing();
  CHECK(log.lines().size() == 1);
  broker.advance(seconds(2));
  peer.expect_closed();
  broker.stop();
  const auto lines = log.lines();
  CHECK(std::count_if(lines.begin(), lines.end(),
                      [&](const std::string& one) { return one.ends_with(end); }) == 1);
}

TEST_CASE("A proxy's health checks are closed without a word", "[proxy]") {
  const LogFile log;
  const int version = GENERATE(1, 2);
  BrokerFixture broker(
      1, "enable_proxy_protocol " + std::to_string(version) + log.config("notice\nlog_type debug"));
  Peer peer = broker.peer();
  if (version == 2) {
    SECTION("with LOCAL") {
      peer.send(hex("0d0a0d0a000d0a515549540a 20 00 ()"));
    }
    SECTION("with LOCAL and more") {
      peer.send(hex("0d0a0d0a000d0a515549540a 20 11 (00*12) 10"));
    }
  } else {
    SECTION("with a header that names nobody") {
      peer.send(text("PROXY UNKNOWN\r\n"));
      peer.finish_sending();
    }
    SECTION("with nothing at all") {
      peer.finish_sending();
    }
    SECTION("with a reset") {
      peer.reset();
      peer = broker.peer();
      peer.finish_sending();
    }
  }
  peer.expect_closed();
  peer.close();
  broker.stop();
  for (const std::string& one : log.lines()) {
    CHECK_THAT(one, Catch::StartsWith("Health check of listener 0 127.0.0.1 from "));
  }
  CHECK_FALSE(log.lines().empty());
}

TEST_CASE("Another rule about proxies is for new connections", "[proxy]") {
  BrokerFixture broker(1, "enable_proxy_protocol 1");
  Peer old = broker.peer();
  old.send(line() + connect("old"));
  old.expect(connack(0));
  broker.reconfigure("");
  Peer plain = broker.peer();
  plain.open(connect("plain"));
  broker.reconfigure("enable_proxy_protocol 2\nproxy_protocol_v2_require_tls true");
  Peer late = broker.peer();
  late.send(block() + connect("late"));
  late.expect_closed();
  old.expect_nothing();
  plain.expect_nothing();
}
