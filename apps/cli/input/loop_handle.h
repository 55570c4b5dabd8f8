#pragma once

#include <uv.h>

#include <memory>

#include "mqtt/io/loop.h"

namespace cli {

/// Closes a libuv handle and frees it when the loop is done with it.
struct LoopHandleDeleter {
  template <typename Handle>
  void operator()(Handle* handle) const {
    uv_close(reinterpret_cast<uv_handle_t*>(handle),
             [](uv_handle_t* closed) { delete reinterpret_cast<Handle*>(closed); });
  }
};

/// A libuv handle that its owner may drop at any moment, also inside the handle's callback. Must
/// not outlive the loop.
template <typename Handle>
using LoopHandle = std::unique_ptr<Handle, LoopHandleDeleter>;

/// A handle of a kind that is made from nothing but the loop (timer, prepare, check, idle, signal);
/// `owner` is what its callbacks find in `data`.
template <typename Handle>
LoopHandle<Handle> make_loop_handle(mqtt::io::Loop& loop, int (*init)(uv_loop_t*, Handle*),
                                    void* owner) {
  auto handle = std::make_unique<Handle>();
  init(loop.uv(), handle.get());  // cannot fail for these kinds
  handle->data = owner;
  return LoopHandle<Handle>(handle.release());
}

}  // namespace cli
