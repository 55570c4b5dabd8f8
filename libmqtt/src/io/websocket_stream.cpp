#include "mqtt/io/websocket_stream.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "buffer_cursor.h"
#include "websocket_frame.h"
#include "websocket_upgrade.h"

namespace mqtt::io {
namespace {

/// How much payload is masked or unmasked at a time, on the stack.
constexpr std::size_t mask_step = 16'384;
/// The maximum size of our frames, so that output that the stream below does not accept is bounded.
constexpr std::size_t own_frame_limit = write_buffer_limit - websocket_header_limit;
/// The maximum number of pieces of our frames: the header, then buffers of the owner.
constexpr std::size_t gather_limit = 64;
constexpr std::size_t control_payload_limit = 125;

/// Section 7.4: the codes allowed in a close frame.
bool may_be_sent(unsigned code) {
  if (code >= 3000 && code < 5000) return true;
  return code >= 1000 && code <= 1014 && (code < 1004 || code > 1006);
}

std::string printable(std::string_view text) {
  std::string shown(text);
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return shown;
}

}  // namespace

/// The state after the upgrade; moves with the stream.
struct WebSocketStream::Connection {
  bool is_server = false;
  std::uint64_t frame_size_limit = 0;
  std::string protocol;

  WebSocketHeaderReader reader;
  WebSocketFrameHeader frame;  // the latest whose header has come
  std::uint64_t left = 0;      // bytes of its payload still to come
  std::string control;         // payload of a control frame so far
  bool is_in_frame = false;    // between a header and the end of its payload
  bool is_in_message = false;  // the last data frame was not the final one of its message
  bool is_input_over = false;  // the peer's close frame has come, or what broke the rules

  struct Violation {
    WebSocketClose code;
    std::string_view reason;
  };
  /// What is wrong with `frame`, given the previous ones.
  std::optional<Violation> find_violation() const;
};

std::optional<WebSocketStream::Connection::Violation> WebSocketStream::Connection::find_violation()
    const {
  constexpr auto protocol_error = WebSocketClose::protocol_error;
  if (frame.reserved != 0) return Violation{protocol_error, "reserved bits"};
  if (frame.mask.has_value() != is_server) return Violation{protocol_error, "masking"};
  switch (frame.opcode) {
    case WebSocketOpcode::continuation:
      if (!is_in_message) return Violation{protocol_error, "nothing to continue"};
      break;
    case WebSocketOpcode::binary:
      if (is_in_message) return Violation{protocol_error, "unfinished message"};
      break;
    case WebSocketOpcode::text:  // [MQTT-6.0.0-1]
      return Violation{WebSocketClose::unacceptable_data, "text frame"};
    case WebSocketOpcode::close:
    case WebSocketOpcode::ping:
    case WebSocketOpcode::pong:
      if (!frame.is_final) return Violation{protocol_error, "fragmented control frame"};
      if (frame.length > control_payload_limit) {
        return Violation{protocol_error, "long control frame"};
      }
      break;
    default:
      return Violation{protocol_error, "unknown opcode"};
  }
  if (frame.length > frame_size_limit) return Violation{WebSocketClose::too_big, "long frame"};
  return std::nullopt;
}

/// A WebSocket connection between two loops.
class WebSocketStream::Detached final : public DetachedStream {
 public:
  Detached(std::unique_ptr<DetachedStream> below, std::unique_ptr<Connection> connection,
           std::vector<std::uint8_t> unread)
      : below_(std::move(below)), connection_(std::move(connection)), unread_(std::move(unread)) {}

  StreamPtr attach(Loop& loop) override {
    return StreamPtr(new WebSocketStream(loop, below_->attach(loop), std::move(connection_),
                                         std::move(unread_)));
  }

 private:
  std::unique_ptr<DetachedStream> below_;
  std::unique_ptr<Connection> connection_;
  std::vector<std::uint8_t> unread_;
};

// Making.

WebSocketStream::WebSocketStream(Loop& loop, StreamPtr below,
                                 std::unique_ptr<WebSocketUpgrade> upgrade,
                                 std::unique_ptr<Connection> connection)
    : StreamLayer(loop, std::move(below)),
      upgrade_(std::move(upgrade)),
      connection_(std::move(connection)) {}

WebSocketStream::WebSocketStream(Loop& loop, StreamPtr below,
                                 std::unique_ptr<Connection> connection,
                                 std::vector<std::uint8_t> unread)
    : StreamLayer(loop, std::move(below), std::move(unread)), connection_(std::move(connection)) {}

WebSocketStream::~WebSocketStream() = default;

WebSocketStream::Pointer WebSocketStream::server(
    Loop& loop, StreamPtr below, std::shared_ptr<const WebSocketServerOptions> options) {
  auto connection = std::make_unique<Connection>();
  connection->is_server = true;
  connection->frame_size_limit = options->frame_size_limit;
  return Pointer(new WebSocketStream(loop, std::move(below), server_upgrade(std::move(options)),
                                     std::move(connection)));
}

WebSocketStream::Pointer WebSocketStream::client(Loop& loop, StreamPtr below,
                                                 WebSocketClientOptions options) {
  auto connection = std::make_unique<Connection>();
  connection->frame_size_limit = options.frame_size_limit;
  return Pointer(new WebSocketStream(loop, std::move(below), client_upgrade(std::move(options)),
                                     std::move(connection)));
}

const std::string& WebSocketStream::protocol() const {
  return connection_->protocol;
}

// Opening.

void WebSocketStream::begin() {
  const std::string opening = upgrade_->opening();
  if (!opening.empty()) send(as_bytes(opening));
}

void WebSocketStream::take_head() {
  ByteView bytes = input();
  const HttpHead::Outcome outcome = upgrade_->head().take(bytes);
  take_input(input().size() - bytes.size());
  if (outcome == HttpHead::Outcome::need_more) return;
  WebSocketUpgrade::Verdict verdict = upgrade_->judge(outcome);
  if (!verdict.reply.empty()) send(as_bytes(verdict.reply));
  if (verdict.refusal) {
    return leave({StreamEnd::Cause::protocol, "WebSocket: " + *verdict.refusal});
  }
  connection_->protocol = std::move(verdict.protocol);
  upgrade_.reset();
  opened();
}

// Receiving.

void WebSocketStream::on_input() {
  while (wants_input() && !input().empty()) {
    if (state() == State::opening) {
      take_head();
    } else if (upgrade_ || connection_->is_input_over) {
      take_input(input().size());  // nothing that counts can follow
    } else if (!connection_->is_in_frame) {
      take_header();
    } else if (connection_->frame.is_control()) {
      take_control();
    } else {
      take_data();
    }
  }
}

void WebSocketStream::take_header() {
  Connection& c = *connection_;
  ByteView bytes = input();
  const auto outcome = c.reader.take(bytes);
  take_input(input().size() - bytes.size());
  if (outcome == WebSocketHeaderReader::Outcome::need_more) return;
  if (outcome == WebSocketHeaderReader::Outcome::malformed) {
    return refuse(WebSocketClose::protocol_error, "malformed length");
  }
  c.frame = c.reader.header();
  if (const auto violation = c.find_violation()) return refuse(violation->code, violation->reason);
  c.left = c.frame.length;
  c.is_in_frame = true;
  if (!c.frame.is_control()) c.is_in_message = !c.frame.is_final;
  if (c.left != 0) return;
  c.is_in_frame = false;
  if (c.frame.is_control()) on_control();
}

void WebSocketStream::take_data() {
  Connection& c = *connection_;
  const std::uint64_t step = c.frame.mask ? std::min<std::uint64_t>(c.left, mask_step) : c.left;
  const ByteView bytes =
      input().first(static_cast<std::size_t>(std::min<std::uint64_t>(input().size(), step)));
  const std::uint64_t offset = c.frame.length - c.left;
  take_input(bytes.size());
  c.left -= bytes.size();
  c.is_in_frame = c.left != 0;
  if (state() != State::open) return;  // our farewell is said: discarded
  if (!c.frame.mask) return deliver(bytes);
  std::array<std::uint8_t, mask_step> plain;  // NOLINT(*-member-init)
  apply_websocket_mask(*c.frame.mask, offset, bytes, plain);
  deliver({plain.data(), bytes.size()});
}

void WebSocketStream::take_control() {
  Connection& c = *connection_;
  // At most 125 bytes, as the header has been checked.
  const ByteView bytes =
      input().first(static_cast<std::size_t>(std::min<std::uint64_t>(input().size(), c.left)));
  const std::uint64_t offset = c.frame.length - c.left;
  take_input(bytes.size());
  c.left -= bytes.size();
  std::array<std::uint8_t, control_payload_limit> plain{};
  const MutableByteView unmasked = MutableByteView(plain).first(bytes.size());
  apply_websocket_mask(c.frame.mask.value_or(WebSocketMask{}), offset, bytes, unmasked);
  c.control += as_text(unmasked);
  if (c.left == 0) on_control();
}

void WebSocketStream::on_control() {
  Connection& c = *connection_;
  c.is_in_frame = false;
  const std::string payload = std::exchange(c.control, {});
  if (c.frame.opcode == WebSocketOpcode::close) return on_close(payload);
  // A peer that sends pings without reading gets no more answers than fit.
  const bool may_answer = state() == State::open && unsent() < write_buffer_limit;
  if (c.frame.opcode == WebSocketOpcode::ping && may_answer) {
    send_control(WebSocketOpcode::pong, as_bytes(payload));
  }
}

void WebSocketStream::on_close(std::string_view payload) {
  if (payload.size() == 1) return refuse(WebSocketClose::protocol_error, "malformed close frame");
  std::string text;
  if (!payload.empty()) {
    const ByteView bytes = as_bytes(payload);
    const unsigned code = static_cast<unsigned>(bytes[0]) << 8 | bytes[1];
    if (!may_be_sent(code)) return refuse(WebSocketClose::protocol_error, "invalid close code");
    if (code != 1000) {
      text = "WebSocket: closed with code " + std::to_string(code);
      if (payload.size() > 2) text += " (" + printable(payload.substr(2)) + ")";
    }
  }
  connection_->is_input_over = true;
  if (state() == State::finishing) return go_on_with_farewell();
  send_control(WebSocketOpcode::close, as_bytes(payload.substr(0, 2)));
  leave({StreamEnd::Cause::closed_by_peer, std::move(text)});
}

void WebSocketStream::refuse(WebSocketClose code, std::string_view reason) {
  connection_->is_input_over = true;
  if (state() == State::finishing) return go_on_with_farewell();
  send_close(code, reason);
  leave({StreamEnd::Cause::protocol, "WebSocket: " + std::string(reason)});
}

// Sending.

std::size_t WebSocketStream::encode(std::span<const ByteView> buffers) {
  return connection_->is_server ? encode_plain(buffers) : encode_masked(buffers);
}

/// A server's frames are not masked, so data that the stream below accepts is not copied.
std::size_t WebSocketStream::encode_plain(std::span<const ByteView> buffers) {
  BufferCursor cursor(buffers);
  std::size_t taken = 0;
  while (!cursor.is_at_end() && unsent() == 0 && state() == State::open) {
    std::array<ByteView, gather_limit> pieces;
    std::size_t count = 1;
    std::size_t size = 0;
    while (!cursor.is_at_end() && count < pieces.size() && size < own_frame_limit) {
      pieces[count] = cursor.take(own_frame_limit - size);
      size += pieces[count++].size();
    }
    std::array<std::uint8_t, websocket_header_limit> header{};
    const WebSocketFrameHeader frame{.mask = std::nullopt, .length = size};
    pieces.front() = ByteView(header).first(write_websocket_header(frame, header));
    send(std::span(pieces).first(count));
    taken += size;
  }
  return taken;
}

std::size_t WebSocketStream::encode_masked(std::span<const ByteView> buffers) {
  std::array<std::uint8_t, mask_step> payload;  // NOLINT(*-member-init)
  BufferCursor cursor(buffers);
  std::size_t taken = 0;
  while (!cursor.is_at_end() && unsent() == 0 && state() == State::open) {
    std::size_t size = 0;
    while (!cursor.is_at_end() && size < payload.size()) {
      const ByteView part = cursor.take(payload.size() - size);
      std::copy(part.begin(), part.end(), payload.begin() + static_cast<std::ptrdiff_t>(size));
      size += part.size();
    }
    send_masked(WebSocketOpcode::binary, MutableByteView(payload).first(size));
    taken += size;
  }
  return taken;
}

/// Masks the payload in place.
void WebSocketStream::send_masked(WebSocketOpcode opcode, MutableByteView payload) {
  WebSocketFrameHeader frame{.opcode = opcode, .mask = WebSocketMask{}, .length = payload.size()};
  if (RAND_bytes(frame.mask->data(), static_cast<int>(frame.mask->size())) != 1) {
    return leave({StreamEnd::Cause::error, "WebSocket: no random numbers"});
  }
  apply_websocket_mask(*frame.mask, 0, payload, payload);
  std::array<std::uint8_t, websocket_header_limit> header{};
  const std::size_t header_size = write_websocket_header(frame, header);
  const std::array<ByteView, 2> pieces = {ByteView(header).first(header_size), payload};
  send(pieces);
}

/// A control frame.
void WebSocketStream::send_control(WebSocketOpcode opcode, ByteView payload) {
  std::array<std::uint8_t, control_payload_limit> copy{};
  const MutableByteView own = MutableByteView(copy).first(std::min(payload.size(), copy.size()));
  std::copy_n(payload.begin(), own.size(), own.begin());
  if (!connection_->is_server) return send_masked(opcode, own);
  std::array<std::uint8_t, websocket_header_limit> header{};
  const WebSocketFrameHeader frame{.opcode = opcode, .mask = std::nullopt, .length = own.size()};
  const std::size_t header_size = write_websocket_header(frame, header);
  const std::array<ByteView, 2> pieces = {ByteView(header).first(header_size), own};
  send(pieces);
}

void WebSocketStream::send_close(WebSocketClose code, std::string_view reason) {
  const auto number = static_cast<std::uint16_t>(code);
  std::string payload = {static_cast<char>(number >> 8), static_cast<char>(number & 0xFF)};
  payload += reason;
  send_control(WebSocketOpcode::close, as_bytes(payload));
}

// Ending.

void WebSocketStream::say_farewell() {
  send_close(WebSocketClose::normal, "");
}

bool WebSocketStream::is_farewell_answered() const {
  return connection_->is_input_over;
}

StreamEnd WebSocketStream::end_from_below(const StreamEnd& end) const {
  if (end.cause != StreamEnd::Cause::closed_by_peer) return end;
  if (state() == State::opening) {
    return {StreamEnd::Cause::error, "WebSocket: connection closed during the handshake"};
  }
  return {StreamEnd::Cause::error, "WebSocket: connection closed without a close frame"};
}

std::unique_ptr<DetachedStream> WebSocketStream::make_detached(
    std::unique_ptr<DetachedStream> below, std::vector<std::uint8_t> unread) {
  return std::make_unique<Detached>(std::move(below), std::move(connection_), std::move(unread));
}

}  // namespace mqtt::io
