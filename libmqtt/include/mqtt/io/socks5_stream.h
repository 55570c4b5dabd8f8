#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mqtt/io/stream_layer.h"

namespace mqtt::io {

/// The request to a SOCKS5 proxy.
struct Socks5Request {
  std::string host;  ///< a name, which the proxy looks up, or an address; at most 255 bytes
  std::uint16_t port = 0;
  /// Offered to the proxy if set, at most 255 bytes each.
  std::optional<std::string> user_name;
  std::string password;
};

/// A byte stream through a SOCKS5 proxy (RFC 1928, and RFC 1929 for the password): requests the
/// connection, then passes data through. The stream below leads to the proxy.
class Socks5Stream final : public StreamLayer {
 public:
  using Pointer = std::unique_ptr<Socks5Stream, StreamDeleter>;

  /// `below` has not been started.
  static Pointer client(Loop& loop, StreamPtr below, Socks5Request request);

 private:
  class Detached;
  /// The answer being awaited.
  enum class Step : std::uint8_t { methods, password, connection };

  Socks5Stream(Loop& loop, StreamPtr below, Socks5Request request);
  Socks5Stream(Loop& loop, StreamPtr below, std::vector<std::uint8_t> unread);

  void begin() override;
  void on_input() override;
  std::size_t encode(std::span<const ByteView> buffers) override { return pass(buffers); }
  void say_farewell() override {}
  bool is_farewell_answered() const override { return true; }
  StreamEnd end_from_below(const StreamEnd& end) const override;
  std::unique_ptr<DetachedStream> make_detached(std::unique_ptr<DetachedStream> below,
                                                std::vector<std::uint8_t> unread) override;

  /// The length of the awaited answer, as far as known from its first bytes.
  std::size_t answer_size() const;
  void on_answer();
  void on_methods();
  void on_connection();
  void send_password();
  void send_request();
  void refuse(std::string_view reason);

  Socks5Request request_;
  Step step_ = Step::methods;
  std::string answer_;  // the part received so far
};

}  // namespace mqtt::io
