// The server's side of a WebSocket connection, head and frames: whatever a client sends, and in
// whatever pieces it arrives, the bytes handed on, the bytes answered and the end are the same.
// The first byte of the input says whether the rest follows a good request or is the request
// itself.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "mqtt/io/loop.h"
#include "mqtt/io/websocket_stream.h"
#include "support/memory_stream.h"

namespace {

using namespace mqtt;
using namespace mqtt::io;
using test::MemoryStream;

constexpr std::string_view good_request =
    "GET /mqtt HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Protocol: mqtt\r\n\r\n";

void require(bool condition) {
  if (!condition) std::abort();
}

/// One end of the connection: notes what it is told, and holds it to the order of Stream.
class End final : public StreamHandler {
 public:
  explicit End(StreamPtr stream) : stream_(std::move(stream)) {
    stream_->set_handler(this);
    stream_->start();
  }

  void on_open() override {
    require(!open_ && !is_over());
    open_ = true;
  }
  void on_data(ByteView bytes) override {
    require(open_ && !is_over() && !bytes.empty());
    received_ += as_text(bytes);
  }
  void on_writable() override { require(open_ && !is_over()); }
  void on_end(const StreamEnd& end) override {
    require(!is_over());
    end_ = end;
  }

  Stream& stream() { return *stream_; }
  bool is_over() const { return end_.has_value(); }
  const std::string& received() const { return received_; }
  const std::optional<StreamEnd>& end() const { return end_; }

 private:
  StreamPtr stream_;
  bool open_ = false;
  std::string received_;
  std::optional<StreamEnd> end_;
};

struct Outcome {
  std::string payload;
  std::string answer;
  std::string end;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome converse(Loop& loop, std::string_view bytes, std::size_t chunk) {
  static const auto options = [] {
    auto made = std::make_shared<WebSocketServerOptions>();
    made->allows_origin = [](std::string_view origin) { return origin == "https://a"; };
    made->head_size_limit = 512;
    made->frame_size_limit = 1024;
    return std::shared_ptr<const WebSocketServerOptions>(std::move(made));
  }();
  auto [client_stream, below] = MemoryStream::pair(loop, {1024 * 1024, chunk});
  End client(std::move(client_stream));
  End server(WebSocketStream::server(loop, std::move(below), options));
  loop.run_once(false);
  client.stream().write(as_bytes(bytes));
  for (int turn = 0; turn < 6; ++turn) loop.run_once(false);
  client.stream().finish();
  for (int turn = 0; turn < 6; ++turn) loop.run_once(false);
  require(server.is_over());
  require(server.received().size() <= bytes.size());
  return {server.received(), client.received(),
          std::to_string(static_cast<int>(server.end()->cause)) + server.end()->text};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 4096) return 0;
  static Loop loop;
  std::string bytes;
  if (data[0] % 2 == 0) bytes = good_request;
  bytes.append(data + 1, data + size);
  const Outcome whole = converse(loop, bytes, bytes.size() + 1);
  require(whole == converse(loop, bytes, 1));
  require(whole == converse(loop, bytes, 1 + data[0] / 2));
  loop.run_once(false);
  return 0;
}
