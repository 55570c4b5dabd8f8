#pragma once

#include <functional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "mqtt/io/service_lookup.h"
#include "srv_record.h"

namespace mqtt::io {

class Loop;

/// Asks for the hosts that offer a service of a domain, by the system's own resolver on libuv's
/// thread pool, as addresses of names are asked for. May be destroyed at any time; the answer is
/// lost then.
class ServiceResolver {
 public:
  /// At least one host, in the order in which to try them; or a ServiceError, or one of libuv.
  using Answer = tl::expected<std::vector<SrvRecord>, int>;

  ServiceResolver() = default;
  ~ServiceResolver();
  ServiceResolver(const ServiceResolver&) = delete;
  ServiceResolver& operator=(const ServiceResolver&) = delete;

  /// One question at a time. May answer at once, from within, but only with an error.
  void resolve(Loop& loop, const ServiceLookup& lookup, const std::string& domain,
               std::function<void(Answer)> on_answer);

 private:
  struct Request;
  /// Belongs to libuv until it is answered.
  Request* request_ = nullptr;
};

}  // namespace mqtt::io
