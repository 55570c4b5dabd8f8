#include "mqtt/io/socks5_stream.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <utility>

namespace mqtt::io {
namespace {

constexpr char socks_version = 5;
constexpr char password_version = 1;
constexpr char connect_command = 1;
constexpr std::size_t longest_text = 255;

enum class Method : std::uint8_t { none = 0, password = 2, no_acceptable = 0xFF };
enum class AddressType : std::uint8_t { ipv4 = 1, name = 3, ipv6 = 4 };

/// RFC 1928, section 6, from 1 on.
constexpr std::array<std::string_view, 8> refusals = {
    "general failure",       "not allowed",
    "network unreachable",   "host unreachable",
    "connection refused",    "time to live expired",
    "command not supported", "address type not supported",
};

char octet(std::size_t number) {
  return static_cast<char>(number & 0xFF);
}

std::uint8_t byte_at(const std::string& text, std::size_t at) {
  return static_cast<std::uint8_t>(text[at]);
}

/// The text with its length before it.
std::string counted(const std::string& text) {
  return octet(text.size()) + text;
}

/// Address type and address: a name goes to the proxy as it is.
std::string address_field(const std::string& host) {
  std::array<char, 16> address{};
  if (::inet_pton(AF_INET, host.c_str(), address.data()) == 1) {
    return static_cast<char>(AddressType::ipv4) + std::string(address.data(), 4);
  }
  if (::inet_pton(AF_INET6, host.c_str(), address.data()) == 1) {
    return static_cast<char>(AddressType::ipv6) + std::string(address.data(), address.size());
  }
  return static_cast<char>(AddressType::name) + counted(host);
}

}  // namespace

class Socks5Stream::Detached final : public DetachedStream {
 public:
  Detached(std::unique_ptr<DetachedStream> below, std::vector<std::uint8_t> unread)
      : below_(std::move(below)), unread_(std::move(unread)) {}

  StreamPtr attach(Loop& loop) override {
    return StreamPtr(new Socks5Stream(loop, below_->attach(loop), std::move(unread_)));
  }

 private:
  std::unique_ptr<DetachedStream> below_;
  std::vector<std::uint8_t> unread_;
};

Socks5Stream::Socks5Stream(Loop& loop, StreamPtr below, Socks5Request request)
    : StreamLayer(loop, std::move(below)), request_(std::move(request)) {}

Socks5Stream::Socks5Stream(Loop& loop, StreamPtr below, std::vector<std::uint8_t> unread)
    : StreamLayer(loop, std::move(below), std::move(unread)) {}

Socks5Stream::Pointer Socks5Stream::client(Loop& loop, StreamPtr below, Socks5Request request) {
  return Pointer(new Socks5Stream(loop, std::move(below), std::move(request)));
}

// Opening.

void Socks5Stream::begin() {
  const bool fits = !request_.host.empty() && request_.host.size() <= longest_text &&
                    request_.user_name.value_or("").size() <= longest_text &&
                    request_.password.size() <= longest_text;
  if (!fits) return leave({StreamEnd::Cause::error, "proxy: host, user or password is too long"});
  std::string methods{static_cast<char>(Method::none)};
  if (request_.user_name) methods += static_cast<char>(Method::password);
  send(as_bytes(socks_version + counted(methods)));
}

std::size_t Socks5Stream::answer_size() const {
  constexpr std::size_t up_to_address = 4;
  constexpr std::size_t port = 2;
  if (step_ != Step::connection) return 2;
  const bool is_refusal = answer_.size() > 1 && answer_[1] != 0;
  if (is_refusal) return answer_.size();  // the rest says nothing
  if (answer_.size() <= up_to_address) return up_to_address + 1;
  switch (static_cast<AddressType>(byte_at(answer_, 3))) {
    case AddressType::ipv4:
      return up_to_address + 4 + port;
    case AddressType::ipv6:
      return up_to_address + 16 + port;
    case AddressType::name:
      return up_to_address + 1 + byte_at(answer_, up_to_address) + port;
  }
  return answer_.size();  // refused by `on_connection`
}

void Socks5Stream::on_input() {
  while (wants_input() && !input().empty()) {
    if (state() != State::opening) {
      const ByteView bytes = input();
      take_input(bytes.size());
      deliver(bytes);
      continue;
    }
    const ByteView bytes = input().first(std::min(input().size(), answer_size() - answer_.size()));
    answer_ += as_text(bytes);
    take_input(bytes.size());
    if (answer_.size() == answer_size()) on_answer();
  }
}

void Socks5Stream::on_answer() {
  switch (step_) {
    case Step::methods:
      on_methods();
      break;
    case Step::password:
      if (answer_[1] != 0) return refuse("user name or password refused");
      send_request();
      break;
    case Step::connection:
      on_connection();
      break;
  }
  answer_.clear();
}

void Socks5Stream::on_methods() {
  if (answer_[0] != socks_version) return refuse("it does not speak SOCKS5");
  switch (static_cast<Method>(byte_at(answer_, 1))) {
    case Method::none:
      return send_request();
    case Method::password:
      if (request_.user_name) return send_password();
      break;
    case Method::no_acceptable:
      break;
  }
  refuse(request_.user_name ? "no way to authenticate is acceptable" : "it wants authentication");
}

void Socks5Stream::send_password() {
  step_ = Step::password;
  send(as_bytes(password_version + counted(*request_.user_name) + counted(request_.password)));
}

void Socks5Stream::send_request() {
  step_ = Step::connection;
  const std::string head{socks_version, connect_command, '\0'};
  const std::string port{octet(std::size_t{request_.port} >> 8), octet(request_.port)};
  send(as_bytes(head + address_field(request_.host) + port));
}

void Socks5Stream::on_connection() {
  if (answer_[0] != socks_version) return refuse("it does not speak SOCKS5");
  const std::size_t code = byte_at(answer_, 1);
  if (code != 0) {
    return refuse(code <= refusals.size() ? refusals[code - 1] : "refused for an unknown reason");
  }
  const auto type = static_cast<AddressType>(byte_at(answer_, 3));
  if (type != AddressType::ipv4 && type != AddressType::ipv6 && type != AddressType::name) {
    return refuse("unknown address type");
  }
  opened();
}

void Socks5Stream::refuse(std::string_view reason) {
  leave({StreamEnd::Cause::error, "proxy: " + std::string(reason)});
}

// The end.

StreamEnd Socks5Stream::end_from_below(const StreamEnd& end) const {
  if (state() != State::opening) return end;
  if (end.cause != StreamEnd::Cause::closed_by_peer) return {end.cause, "proxy: " + end.text};
  return {StreamEnd::Cause::error, "proxy: connection closed during the handshake"};
}

std::unique_ptr<DetachedStream> Socks5Stream::make_detached(std::unique_ptr<DetachedStream> below,
                                                            std::vector<std::uint8_t> unread) {
  return std::make_unique<Detached>(std::move(below), std::move(unread));
}

}  // namespace mqtt::io
