#include "websocket_upgrade.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace mqtt::io {
namespace {

constexpr std::string_view version = "13";
constexpr std::size_t key_size = 16;

std::string base64(std::span<const unsigned char> bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

/// Whether `text` is 16 bytes in base64.
bool is_key(std::string_view text) {
  constexpr std::size_t encoded_size = 24;
  constexpr std::size_t decoded_size = 18;  // the padding counts
  if (text.size() != encoded_size || !text.ends_with("==")) return false;
  std::array<unsigned char, decoded_size> decoded{};
  return EVP_DecodeBlock(decoded.data(), reinterpret_cast<const unsigned char*>(text.data()),
                         encoded_size) == decoded_size;
}

/// The server's proof that it understood the request: section 4.2.2, item 5.4.
std::string accept_for(std::string key) {
  key += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(key.data(), key.size(), digest.data(), &size, EVP_sha1(), nullptr);
  return base64(std::span(digest).first(size));
}

/// What a client that contacted the wrong kind of server may have meant.
std::string looks_like(std::optional<std::uint8_t> first_byte) {
  constexpr std::uint8_t tls_handshake = 0x16;
  constexpr std::uint8_t mqtt_connect = 0x10;
  if (first_byte == tls_handshake) return "; it looks like TLS";
  if (first_byte == mqtt_connect) return "; it looks like MQTT without WebSocket";
  return "";
}

class ServerUpgrade final : public WebSocketUpgrade {
 public:
  explicit ServerUpgrade(std::shared_ptr<const WebSocketServerOptions> options)
      : WebSocketUpgrade(HttpHead::Kind::request, options->head_size_limit),
        options_(std::move(options)) {}

  std::string opening() const override { return {}; }

 private:
  Verdict judge_malformed() const override {
    return refuse("400 Bad Request", "no HTTP request" + looks_like(head().first_byte()));
  }
  Verdict judge_too_long() const override {
    return refuse("431 Request Header Fields Too Large", "the request is too long");
  }

  Verdict judge_complete() const override {
    if (head().method() != "GET") {
      return refuse("405 Method Not Allowed", "the method is not GET", "Allow: GET\r\n");
    }
    if (!head().is_http_1_1()) {
      return refuse("505 HTTP Version Not Supported", "the version is not HTTP/1.1");
    }
    if (!head().field("Host")) return refuse("400 Bad Request", "no Host");
    if (!head().field_has("Upgrade", "websocket") || !head().field_has("Connection", "upgrade")) {
      return refuse_upgrade("this is no page, clients connect here with the sub-protocol mqtt");
    }
    if (head().field("Sec-WebSocket-Version") != version) {
      return refuse_upgrade("the WebSocket version is not 13");
    }
    const auto key = head().field("Sec-WebSocket-Key");
    if (!key || !is_key(*key)) return refuse("400 Bad Request", "no proper Sec-WebSocket-Key");
    const auto origin = head().field("Origin");
    if (origin && options_->allows_origin && !options_->allows_origin(*origin)) {
      return refuse("403 Forbidden", "the origin is not allowed");
    }
    // [MQTT-6.0.0-3] requires the client to offer "mqtt".
    const std::string protocol = choose_protocol();
    if (protocol.empty()) return refuse("400 Bad Request", "no sub-protocol mqtt offered");
    return accept(*key, protocol);
  }

  std::string choose_protocol() const {
    const auto offered = head().field("Sec-WebSocket-Protocol").value_or("");
    const auto names = split_http_list(offered);
    for (const std::string& known : options_->protocols) {
      if (std::find(names.begin(), names.end(), known) != names.end()) return known;
    }
    return {};
  }

  static Verdict accept(const std::string& key, const std::string& protocol) {
    // The answer names the sub-protocol [MQTT-6.0.0-4].
    return {
        "HTTP/1.1 101 Switching Protocols\r\n"
        "Upgrade: websocket\r\n"
        "Connection: Upgrade\r\n"
        "Sec-WebSocket-Accept: " +
            accept_for(key) +
            "\r\n"
            "Sec-WebSocket-Protocol: " +
            protocol + "\r\n\r\n",
        protocol, std::nullopt};
  }

  static Verdict refuse_upgrade(const std::string& reason) {
    return refuse("426 Upgrade Required", reason,
                  "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n", "Upgrade, close");
  }

  static Verdict refuse(const std::string& status, const std::string& reason,
                        const std::string& fields = "", const std::string& connection = "close") {
    const std::string body = "MQTT over WebSocket: " + reason + ".\n";
    return {"HTTP/1.1 " + status + "\r\nConnection: " + connection + "\r\n" + fields +
                "Content-Type: text/plain\r\nContent-Length: " + std::to_string(body.size()) +
                "\r\n\r\n" + body,
            "", reason};
  }

  std::shared_ptr<const WebSocketServerOptions> options_;
};

class ClientUpgrade final : public WebSocketUpgrade {
 public:
  explicit ClientUpgrade(WebSocketClientOptions options)
      : WebSocketUpgrade(HttpHead::Kind::response, options.head_size_limit),
        options_(std::move(options)) {
    std::array<unsigned char, key_size> nonce{};
    RAND_bytes(nonce.data(), static_cast<int>(nonce.size()));
    key_ = base64(nonce);
  }

  std::string opening() const override {
    std::string request =
        "GET " + options_.path + " HTTP/1.1\r\nHost: " + options_.host +
        "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " + key_ +
        "\r\nSec-WebSocket-Version: 13\r\n";
    if (!options_.protocols.empty()) {
      request += "Sec-WebSocket-Protocol: " + options_.protocols.front();
      for (std::size_t i = 1; i < options_.protocols.size(); ++i) {
        request.append(", ").append(options_.protocols[i]);
      }
      request += "\r\n";
    }
    for (const auto& [name, value] : options_.fields) {
      request.append(name).append(": ").append(value).append("\r\n");
    }
    return request + "\r\n";
  }

 private:
  Verdict judge_malformed() const override { return refuse("the answer is not HTTP"); }
  Verdict judge_too_long() const override { return refuse("the answer is too long"); }

  Verdict judge_complete() const override {
    if (head().status() != 101) {
      return refuse("the server answers with HTTP status " + std::to_string(head().status()));
    }
    if (!head().field_has("Upgrade", "websocket") || !head().field_has("Connection", "upgrade") ||
        head().field("Sec-WebSocket-Accept") != accept_for(key_)) {
      return refuse("the server has not understood");
    }
    if (head().field("Sec-WebSocket-Extensions")) {
      return refuse("the server uses an extension that was not offered");
    }
    const std::string protocol = head().field("Sec-WebSocket-Protocol").value_or("");
    const auto& offered = options_.protocols;
    if (!offered.empty() && std::find(offered.begin(), offered.end(), protocol) == offered.end()) {
      return refuse("the server does not agree on a sub-protocol");
    }
    return {"", protocol, std::nullopt};
  }

  static Verdict refuse(std::string reason) { return {"", "", std::move(reason)}; }

  WebSocketClientOptions options_;
  std::string key_;
};

}  // namespace

WebSocketUpgrade::Verdict WebSocketUpgrade::judge(HttpHead::Outcome outcome) const {
  switch (outcome) {
    case HttpHead::Outcome::complete:
      return judge_complete();
    case HttpHead::Outcome::too_long:
      return judge_too_long();
    case HttpHead::Outcome::malformed:
    case HttpHead::Outcome::need_more:
      break;
  }
  return judge_malformed();
}

std::unique_ptr<WebSocketUpgrade> server_upgrade(
    std::shared_ptr<const WebSocketServerOptions> options) {
  return std::make_unique<ServerUpgrade>(std::move(options));
}

std::unique_ptr<WebSocketUpgrade> client_upgrade(WebSocketClientOptions options) {
  return std::make_unique<ClientUpgrade>(std::move(options));
}

}  // namespace mqtt::io
