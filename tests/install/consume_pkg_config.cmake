# Compiles and runs the consumer with what pkg-config says, and nothing else.
cmake_minimum_required(VERSION 3.25)
file(GLOB_RECURSE file ${prefix}/mqtt-client.pc)
cmake_path(GET file PARENT_PATH folder)
set(ENV{PKG_CONFIG_PATH} ${folder})
execute_process(COMMAND pkg-config --cflags --libs mqtt-client mqtt-credentials
  OUTPUT_VARIABLE flags OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
separate_arguments(flags UNIX_COMMAND "${flags}")

file(REMOVE_RECURSE ${build})
file(MAKE_DIRECTORY ${build})
execute_process(COMMAND ${compiler} -std=c++20 ${consumer}/consumer.cpp -o ${build}/consumer ${flags}
  COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${build}/consumer COMMAND_ERROR_IS_FATAL ANY)
