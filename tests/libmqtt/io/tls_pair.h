#pragma once

#include <catch2/catch.hpp>
#include <memory>

#include "mqtt/io/tls_context.h"
#include "support/certificates.h"

namespace mqtt::io::test {

inline std::shared_ptr<const TlsContext> context_of(TlsContext::Options options) {
  auto made = TlsContext::make(std::move(options));
  if (!made) FAIL(made.error().text());
  return *made;
}

/// An authority, and a server called localhost that its clients believe.
struct TlsPair {
  mqtt::test::Authority authority;
  mqtt::test::Identity identity =
      authority.issue("CN=localhost", {"DNS:localhost,IP:127.0.0.1", 3600});
  std::shared_ptr<const TlsContext> server = context_of(server_options());
  std::shared_ptr<const TlsContext> client = context_of(client_options());

  TlsContext::Options server_options() const {
    TlsContext::Options options;
    options.role = TlsContext::Role::server;
    options.certificate_chain.text = identity.certificate;
    options.private_key.text = identity.key;
    return options;
  }
  TlsContext::Options client_options() const {
    TlsContext::Options options;
    options.ca.text = authority.certificate();
    options.verify_peer = true;
    return options;
  }
};

}  // namespace mqtt::io::test
