# The target check-headers: each header of the library, the programs and the tests compiles alone,
# and twice in a row. Part of `all` where MQTT_CHECK_HEADERS says so.
file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}
  libmqtt/include/*.h libmqtt/src/*.h apps/*.h tests/*.h)

set(sources)
foreach(header IN LISTS headers)
  set(source ${PROJECT_BINARY_DIR}/check-headers/${header}.cpp)
  file(CONFIGURE OUTPUT ${source} CONTENT
    "#include \"${PROJECT_SOURCE_DIR}/${header}\"\n#include \"${PROJECT_SOURCE_DIR}/${header}\"\n")
  list(APPEND sources ${source})
endforeach()

find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
add_library(check-headers OBJECT ${sources})
target_include_directories(check-headers PRIVATE
  ${PROJECT_SOURCE_DIR}/libmqtt/src ${PROJECT_SOURCE_DIR}/apps ${PROJECT_SOURCE_DIR}/apps/broker
  ${PROJECT_SOURCE_DIR}/tests)
target_link_libraries(check-headers PRIVATE
  mqtt::client mqtt::credentials fmt::fmt CLI11::CLI11 nlohmann_json::nlohmann_json)
mqtt_target(check-headers)
target_compile_options(check-headers PRIVATE -O0 -g0)
if(NOT MQTT_CHECK_HEADERS)
  set_target_properties(check-headers PROPERTIES EXCLUDE_FROM_ALL ON)
endif()
