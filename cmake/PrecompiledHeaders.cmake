# What most files include is read once for all of them, which takes a third off the time to compile. Our
# presets ask for it; every header still includes what it needs, as the target check-headers proves.
#
#   mqtt_precompiled_headers(<set> <header>...)   makes a set: a target, to which options may be added
#   mqtt_precompile(<target> <set>)               gives it to a target that has the same options
option(MQTT_PRECOMPILE "Read what most files include once (our presets do)" OFF)

# These make such files known to ccache.
set(mqtt_precompiled_options $<IF:$<CXX_COMPILER_ID:Clang>,SHELL:-Xclang -fno-pch-timestamp,-fpch-preprocess>)
set(mqtt_standard_headers <algorithm> <array> <atomic> <bit> <charconv> <chrono> <cstdint> <deque>
  <filesystem> <functional> <map> <memory> <mutex> <optional> <shared_mutex> <span> <string> <string_view>
  <thread> <unordered_map> <unordered_set> <utility> <variant> <vector> <tl/expected.hpp>)

function(mqtt_precompiled_headers set)
  if(NOT MQTT_PRECOMPILE)
    return()
  endif()
  file(CONFIGURE OUTPUT ${set}.cpp CONTENT "")
  add_library(${set} OBJECT ${CMAKE_CURRENT_BINARY_DIR}/${set}.cpp)
  target_compile_options(${set} PRIVATE ${mqtt_precompiled_options})
  target_precompile_headers(${set} PRIVATE ${ARGN})
endfunction()

function(mqtt_precompile target set)
  if(NOT MQTT_PRECOMPILE)
    return()
  endif()
  target_precompile_headers(${target} REUSE_FROM ${set})
  target_compile_options(${target} PRIVATE ${mqtt_precompiled_options})
endfunction()
