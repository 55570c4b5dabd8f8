#pragma once

#include <functional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "mqtt/io/service_lookup.h"
#include "srv_record.h"

namespace mqtt::io {

class Loop;

/// Looks up the hosts of a domain's service with the system's resolver, on libuv's thread pool,
/// like addresses. May be destroyed at any time; the answer is lost then.
class ServiceResolver {
 public:
  /// At least one host, in the order in which to try them; or a ServiceError or libuv error.
  using Answer = tl::expected<std::vector<SrvRecord>, int>;

  ServiceResolver() = default;
  ~ServiceResolver();
  ServiceResolver(const ServiceResolver&) = delete;
  ServiceResolver& operator=(const ServiceResolver&) = delete;

  /// One request at a time. May answer during the call, but only with an error.
  void resolve(Loop& loop, const ServiceLookup& lookup, const std::string& domain,
               std::function<void(Answer)> on_answer);

 private:
  struct Request;
  /// Belongs to libuv until the answer.
  Request* request_ = nullptr;
};

}  // namespace mqtt::io
