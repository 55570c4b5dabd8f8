#include <catch2/catch.hpp>
#include <functional>

#include "support/certificates.h"
#include "tls_connection.h"
#include "tls_pair.h"

namespace mqtt::io::test {
namespace {

using mqtt::test::Identity;

/// A server that demands certificates, and a client that comes back to it with its last session.
struct Returning {
  Returning() {
    client_options.max_version = GENERATE(TlsVersion::tls_1_2, TlsVersion::tls_1_3);
    server_options.ca.text = tls.authority.certificate();
    server_options.verify_peer = true;
  }

  void use(const Identity& device) {
    client_options.certificate_chain.text = device.certificate;
    client_options.private_key.text = device.key;
  }

  /// The contexts of the options as they are now.
  void begin() {
    server = context_of(server_options);
    client = context_of(client_options);
    session = nullptr;
  }

  enum class Outcome { refused, anew, resumed };

  Outcome connect() { return connect(server); }
  Outcome connect(const std::shared_ptr<const TlsContext>& to) {
    Tls connection(loop, client, to, {"localhost", true, session});
    connection.client.start();
    connection.server.start();
    connection.server.when_open = [&] { connection.server.send("hello"); };
    run_until(loop, [&] {
      const bool greeted = connection.client.received == "hello";
      return greeted || (connection.client.is_over() && connection.server.is_over());
    });
    if (!connection.server.open) return Outcome::refused;
    CHECK(connection.server_tls->peer_certificate()->common_name == "device");
    if (const TlsSession fresh = connection.client_tls->session()) session = fresh;
    return connection.server_tls->is_resumed() ? Outcome::resumed : Outcome::anew;
  }

  /// With what is good for a few seconds only. On a busy machine the first connections may come too
  /// late; then it is tried again with more of them.
  void begin_and_resume(const std::function<void(long seconds)>& prepare) {
    for (long seconds = 2; seconds < 64; seconds *= 2) {
      prepare(seconds);
      begin();
      if (connect() == Outcome::anew && connect() == Outcome::resumed) return;
    }
    FAIL("the session was never resumed");
  }

  /// Comes back until that does not help any more.
  bool is_refused_in_the_end() {
    bool late = false;
    Timer limit(loop, [&] { late = true; });
    limit.start(std::chrono::seconds(70));
    while (!late) {
      if (connect() == Outcome::refused) return true;
    }
    return false;
  }

  TlsPair tls;
  Loop loop;
  TlsContext::Options server_options = tls.server_options();
  TlsContext::Options client_options = tls.client_options();
  std::shared_ptr<const TlsContext> server;
  std::shared_ptr<const TlsContext> client;
  TlsSession session;
};

using Outcome = Returning::Outcome;

}  // namespace

TEST_CASE("a session is resumed again and again", "[tls]") {
  Returning returning;
  returning.use(returning.tls.authority.issue("CN=device"));
  returning.begin();
  CHECK(returning.connect() == Outcome::anew);
  for (int i = 0; i < 3; ++i) CHECK(returning.connect() == Outcome::resumed);
}

TEST_CASE("a session is not resumed", "[tls]") {
  Returning returning;
  returning.use(returning.tls.authority.issue("CN=device"));

  SECTION("with another server of the same name, rules and certificate") {
    returning.begin();
    CHECK(returning.connect() == Outcome::anew);
    CHECK(returning.connect(context_of(returning.server_options)) == Outcome::anew);
  }
  SECTION("with a server that asks for more") {
    const auto strict = context_of(returning.server_options);
    returning.server_options.verify_peer = false;
    const Identity device{returning.client_options.certificate_chain.text,
                          returning.client_options.private_key.text};
    returning.use({});
    returning.begin();
    Tls first(returning.loop, returning.client, returning.server);
    first.shake_hands();
    first.server.send("hello");
    run_until(returning.loop, [&] { return first.client.received == "hello"; });
    returning.session = first.client_tls->session();
    REQUIRE(returning.session);
    CHECK(returning.connect(strict) == Outcome::refused);
  }
  SECTION("once its certificate has expired") {
    returning.begin_and_resume([&](long seconds) {
      returning.use(returning.tls.authority.issue("CN=device", {"", seconds}));
    });
    CHECK(returning.is_refused_in_the_end());
  }
  SECTION("once the revocation list that cleared it has to be replaced") {
    const Identity other = returning.tls.authority.issue("CN=other");
    returning.begin_and_resume([&](long seconds) {
      returning.server_options.revoked.text =
          returning.tls.authority.revoke(other.certificate, seconds);
    });
    CHECK(returning.is_refused_in_the_end());
  }
}

TEST_CASE("a session is resumed although its certificate has expired where nobody minds", "[tls]") {
  Returning returning;
  returning.server_options.ignore_dates = true;
  returning.use(returning.tls.authority.issue("CN=device", {"", -60}));
  returning.begin();
  CHECK(returning.connect() == Outcome::anew);
  CHECK(returning.connect() == Outcome::resumed);
}

}  // namespace mqtt::io::test
