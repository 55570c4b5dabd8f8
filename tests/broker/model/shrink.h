#pragma once

#include <algorithm>
#include <cstddef>

#include "broker/model/script.h"

namespace model {

/// A part of `script` for which `fails` is still true, as short as can be had with `tries` calls:
/// drops halves, then quarters, down to single steps (delta debugging).
template <class Fails>
Script shrunk(Script script, std::size_t tries, Fails fails) {
  for (std::size_t chunk = std::max<std::size_t>(1, script.size() / 2); tries != 0;) {
    bool dropped = false;
    for (std::size_t at = 0; at < script.size() && tries != 0; --tries) {
      Script without = script;
      const std::size_t end = std::min(script.size(), at + chunk);
      without.erase(without.begin() + static_cast<std::ptrdiff_t>(at),
                    without.begin() + static_cast<std::ptrdiff_t>(end));
      if (fails(without)) {
        script = std::move(without);
        dropped = true;
      } else {
        at += chunk;
      }
    }
    if (chunk == 1 && !dropped) break;
    if (chunk > 1) chunk = chunk / 2;
  }
  return script;
}

}  // namespace model
