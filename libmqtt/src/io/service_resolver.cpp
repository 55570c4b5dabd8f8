#include "service_resolver.h"

#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <uv.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <memory>
#include <optional>
#include <random>
#include <utility>

#include "connect_error.h"
#include "mqtt/io/loop.h"
#include "mqtt/io/socket_address.h"

namespace mqtt::io {

struct ServiceResolver::Request {
  uv_work_t uv{};
  ServiceResolver* resolver = nullptr;  // nullptr: nobody waits for it any more
  // The request; the pool's thread reads it and writes the answer.
  std::string name;
  std::optional<SocketAddress> name_server;
  Answer answer = tl::unexpected<int>(no_name_server);
  std::function<void(Answer)> on_answer;
};

namespace {

constexpr std::uint16_t dns_port = 53;
/// The longest DNS message.
constexpr std::size_t longest_answer = 65'535;

/// "192.0.2.1" or "192.0.2.1:5353". The C library's interface accepts no IPv6 address.
std::optional<SocketAddress> parse_name_server(const std::string& text) {
  const std::size_t colon = text.find(':');
  std::uint16_t port = dns_port;
  if (colon != std::string::npos) {
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data() + colon + 1, end, port);
    if (error != std::errc() || rest != end || port == 0) return std::nullopt;
  }
  const auto address = SocketAddress::parse(text.substr(0, colon), port);
  return address && address->family() == AF_INET ? address : std::nullopt;
}

/// The resolver's state for one request.
class Questioner {
 public:
  explicit Questioner(const std::optional<SocketAddress>& name_server) {
    is_ready_ = res_ninit(&state_) == 0;
    if (!is_ready_ || !name_server) return;
    state_.nscount = 1;
    std::memcpy(&state_.nsaddr_list[0], name_server->get(), sizeof(sockaddr_in));
  }
  ~Questioner() {
    if (is_ready_) res_nclose(&state_);
  }
  Questioner(const Questioner&) = delete;
  Questioner& operator=(const Questioner&) = delete;

  ServiceResolver::Answer ask(const std::string& name) {
    if (!is_ready_) return tl::unexpected<int>(no_name_server);
    std::vector<std::uint8_t> answer(longest_answer);
    const int size = res_nsearch(&state_, name.c_str(), ns_c_in, ns_t_srv, answer.data(),
                                 static_cast<int>(answer.size()));
    if (size < 0) return tl::unexpected<int>(error());
    const std::size_t taken = std::min(static_cast<std::size_t>(size), answer.size());
    return parse_srv_answer(ByteView(answer).first(taken));
  }

 private:
  ServiceError error() const {
    switch (state_.res_h_errno) {
      case HOST_NOT_FOUND:
      case NO_DATA:
        return no_such_service;
      case NO_RECOVERY:
        return bad_service_answer;
      default:
        return no_name_server;
    }
  }

  struct __res_state state_ {};  // NOLINT(bugprone-reserved-identifier): its name in <resolv.h>
  bool is_ready_ = false;
};

std::uint32_t any_number(std::uint32_t most) {
  std::random_device device;
  return std::uniform_int_distribution<std::uint32_t>(0, most)(device);
}

}  // namespace

bool is_name_server(const std::string& text) {
  return parse_name_server(text).has_value();
}

ServiceResolver::~ServiceResolver() {
  if (request_ == nullptr) return;
  request_->resolver = nullptr;
  uv_cancel(reinterpret_cast<uv_req_t*>(&request_->uv));
}

void ServiceResolver::resolve(Loop& loop, const ServiceLookup& lookup, const std::string& domain,
                              std::function<void(Answer)> on_answer) {
  auto request = std::make_unique<Request>();
  request->uv.data = request.get();
  request->resolver = this;
  request->name = lookup.service + "." + domain;
  request->on_answer = std::move(on_answer);
  if (!lookup.name_server.empty()) {
    request->name_server = parse_name_server(lookup.name_server);
    if (!request->name_server) return request->on_answer(tl::unexpected<int>(bad_name_server));
  }
  const auto work = [](uv_work_t* uv) {
    auto& asked = *static_cast<Request*>(uv->data);
    asked.answer = Questioner(asked.name_server).ask(asked.name);
    if (asked.answer) order_by_weight(*asked.answer, any_number);
  };
  const auto answered = [](uv_work_t* uv, int status) {
    const std::unique_ptr<Request> done(static_cast<Request*>(uv->data));
    if (done->resolver == nullptr) return;
    done->resolver->request_ = nullptr;
    if (status != 0) return done->on_answer(tl::unexpected(status));
    done->on_answer(std::move(done->answer));
  };
  const int result = uv_queue_work(loop.uv(), &request->uv, work, answered);
  if (result != 0) return request->on_answer(tl::unexpected(result));
  request_ = request.release();
}

}  // namespace mqtt::io
