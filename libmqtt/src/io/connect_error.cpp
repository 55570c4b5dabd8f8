#include "connect_error.h"

#include <uv.h>

namespace mqtt::io {

std::string error_text(int error) {
  switch (error) {
    case no_such_service:
      return "the name servers know no such service";
    case service_not_offered:
      return "the domain does not offer this service";
    case no_name_server:
      return "no name server has answered";
    case bad_service_answer:
      return "the answer of the name server makes no sense";
    case bad_name_server:
      return "the address of the name server is not valid";
    // libuv has getaddrinfo's texts for these, which do not help a user who mistyped a name.
    case UV_EAI_NONAME:
    case UV_EAI_NODATA:
      return "unknown host name";
    case UV_EAI_AGAIN:
      return "the host name cannot be looked up now: no name server has answered";
    case UV_EAI_FAIL:
      return "the host name cannot be looked up: the name server has failed";
    case UV_EAI_ADDRFAMILY:
      return "the host name has no address of the family that is wanted";
    default:
      return uv_strerror(error);
  }
}

}  // namespace mqtt::io
