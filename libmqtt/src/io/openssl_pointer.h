#pragma once

#include <memory>

namespace mqtt::io {

/// Owns an object of OpenSSL that `free_function` frees.
template <auto free_function>
struct OpensslFree {
  template <class T>
  void operator()(T* object) const {
    free_function(object);
  }
};
template <class T, auto free_function>
using OpensslPointer = std::unique_ptr<T, OpensslFree<free_function>>;

}  // namespace mqtt::io
