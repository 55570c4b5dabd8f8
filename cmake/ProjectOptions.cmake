# What every target of this project is compiled with. Options reach a target through
# `mqtt_target(<target>)`, so that nothing leaks into the interface of an installed library.

set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

# What makes builds faster is used where it is there, and asked for nowhere. ccache has to be told that
# a precompiled header's definitions and times do not matter to it, nor in which folder a clone lies.
find_program(MQTT_CCACHE ccache)
if(MQTT_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_SLOPPINESS=pch_defines,time_macros
    CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${MQTT_CCACHE})
endif()
find_program(MQTT_MOLD mold)
if(MQTT_MOLD AND PROJECT_IS_TOP_LEVEL)
  add_link_options(-fuse-ld=mold)
endif()

if(MQTT_SANITIZE)
  add_compile_options(-fsanitize=${MQTT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${MQTT_SANITIZE})
endif()

# Tests, and under a sanitizer the tools, gain little from an optimiser, which takes most of the time
# that they need to compile. Presets name what makes them quick to compile; it comes after all other
# options.
set(MQTT_TEST_OPTIONS "" CACHE STRING "Compile options of the tests, after all others")
set(MQTT_TOOL_OPTIONS "" CACHE STRING "Compile options of the tools, after all others")

function(mqtt_target target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
    -Wsign-conversion -Wnon-virtual-dtor -Woverloaded-virtual -Wold-style-cast)
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    # g++ 12 sees uninitialised memory in every optional that is moved and not engaged, and overlaps and
    # overruns in strings that are added or moved.
    target_compile_options(${target} PRIVATE
      -Wno-maybe-uninitialized -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
  endif()
  if(MQTT_WARNINGS_AS_ERRORS)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()

function(mqtt_test_target target)
  mqtt_target(${target})
  target_compile_options(${target} PRIVATE ${MQTT_TEST_OPTIONS})
endfunction()

function(mqtt_tool_target target)
  mqtt_target(${target})
  target_compile_options(${target} PRIVATE ${MQTT_TOOL_OPTIONS})
endfunction()
