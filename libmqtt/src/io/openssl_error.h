#pragma once

#include <string>

namespace mqtt::io {

/// Takes this thread's queue of OpenSSL errors and returns their reasons as one text: "reason:
/// reason". Empty if the queue is.
std::string openssl_reasons();

/// Takes this thread's queue of OpenSSL errors and returns it as one text: "what: reason: reason".
/// Only `what` if the queue is empty.
std::string openssl_error(std::string what);

}  // namespace mqtt::io
