#pragma once

#include <string>

namespace mqtt::io {

/// Why a service of a domain was not found: in addition to libuv's errors, outside their range.
enum ServiceError : int {
  no_such_service = -6001,      ///< the name servers know no such record
  service_not_offered = -6002,  ///< the domain says that it has no such service
  no_name_server = -6003,       ///< none answered, or none could
  bad_service_answer = -6004,   ///< what came is no answer
  bad_name_server = -6005,      ///< ServiceLookup::name_server is no address
};

/// The text of one of these, or of a libuv error.
std::string error_text(int error);

}  // namespace mqtt::io
