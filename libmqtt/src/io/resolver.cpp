#include "resolver.h"

#include <netdb.h>
#include <uv.h>

#include <memory>
#include <utility>

#include "mqtt/io/loop.h"

namespace mqtt::io {

struct Resolver::Request {
  uv_getaddrinfo_t uv{};
  Resolver* resolver = nullptr;  // nullptr: nobody waits for it any more
  std::uint16_t port = 0;
  std::function<void(Answer)> on_answer;
};

namespace {

std::vector<SocketAddress> addresses_of(const addrinfo* list, std::uint16_t port) {
  std::vector<SocketAddress> addresses;
  for (; list != nullptr; list = list->ai_next) {
    const SocketAddress found(list->ai_addr, list->ai_addrlen);
    // Parsed again with the port, which the request did not contain.
    if (auto address = SocketAddress::parse(found.address(), port)) addresses.push_back(*address);
  }
  return addresses;
}

}  // namespace

Resolver::~Resolver() {
  if (request_ == nullptr) return;
  request_->resolver = nullptr;
  uv_cancel(reinterpret_cast<uv_req_t*>(&request_->uv));
}

void Resolver::resolve(Loop& loop, const std::string& host, std::uint16_t port,
                       std::function<void(Answer)> on_answer) {
  if (auto address = SocketAddress::parse(host, port)) {
    on_answer(std::vector{*address});
    return;
  }
  auto request = std::make_unique<Request>();
  request->uv.data = request.get();
  request->resolver = this;
  request->port = port;
  request->on_answer = std::move(on_answer);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  const auto answered = [](uv_getaddrinfo_t* uv, int status, addrinfo* list) {
    const std::unique_ptr<Request> done(static_cast<Request*>(uv->data));
    const std::unique_ptr<addrinfo, decltype(&uv_freeaddrinfo)> owned(list, &uv_freeaddrinfo);
    if (done->resolver == nullptr) return;
    done->resolver->request_ = nullptr;
    if (status != 0) return done->on_answer(tl::unexpected(status));
    auto addresses = addresses_of(list, done->port);
    if (addresses.empty()) return done->on_answer(tl::unexpected<int>(UV_EAI_NODATA));
    done->on_answer(std::move(addresses));
  };
  const int result =
      uv_getaddrinfo(loop.uv(), &request->uv, answered, host.c_str(), nullptr, &hints);
  if (result != 0) return request->on_answer(tl::unexpected(result));
  request_ = request.release();
}

}  // namespace mqtt::io
