#pragma once

#include <memory>
#include <utility>

#include "mqtt/io/tls_stream.h"
#include "side.h"
#include "support/memory_stream.h"

namespace mqtt::io::test {

/// Both sides of a TLS connection in memory.
struct Tls {
  Tls(Loop& own_loop, const std::shared_ptr<const TlsContext>& client_context,
      const std::shared_ptr<const TlsContext>& server_context,
      TlsStream::ClientOptions options = {"localhost", true, nullptr})
      : Tls(own_loop, MemoryStream::pair(own_loop), client_context, server_context,
            std::move(options)) {}

  /// Until both are open, or one is over and the other has heard of it.
  void shake_hands() {
    client.start();
    server.start();
    run_until(loop, [&] {
      return (client.open && server.open) || (client.is_over() && server.is_over());
    });
    run_ready(loop);
  }

  Loop& loop;
  TlsStream* client_tls;
  TlsStream* server_tls;
  Side client;
  Side server;

 private:
  Tls(Loop& own_loop, std::pair<StreamPtr, StreamPtr> below,
      const std::shared_ptr<const TlsContext>& client_context,
      const std::shared_ptr<const TlsContext>& server_context, TlsStream::ClientOptions options)
      : Tls(own_loop,
            TlsStream::client(own_loop, std::move(below.first), client_context, std::move(options)),
            TlsStream::server(own_loop, std::move(below.second), server_context)) {}
  Tls(Loop& own_loop, TlsStream::Pointer client_stream, TlsStream::Pointer server_stream)
      : loop(own_loop),
        client_tls(client_stream.get()),
        server_tls(server_stream.get()),
        client(std::move(client_stream)),
        server(std::move(server_stream)) {}
};

}  // namespace mqtt::io::test
