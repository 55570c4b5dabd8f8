#include "access/authenticator.h"

namespace broker {

std::string_view to_text(LoginFailure failure) {
  switch (failure) {
    case LoginFailure::none:
      return {};
    case LoginFailure::anonymous:
      return "anonymous clients are not allowed";
    case LoginFailure::no_password_file:
      return "there is no password file";
    case LoginFailure::unknown_user:
      return "no such user";
    case LoginFailure::no_password:
      return "no password was sent";
    case LoginFailure::wrong_password:
      return "wrong password";
    case LoginFailure::changed_meanwhile:
      return "the password file changed meanwhile";
    case LoginFailure::busy:
      return "too many passwords wait to be checked";
    case LoginFailure::no_memory:
      return "not enough memory to check the password";
  }
  return {};
}

}  // namespace broker
