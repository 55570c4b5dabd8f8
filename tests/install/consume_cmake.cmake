# Configures, builds and runs the consumer with the installed CMake package; its own test runs it.
cmake_minimum_required(VERSION 3.25)
file(REMOVE_RECURSE ${build})
execute_process(COMMAND ${CMAKE_CTEST_COMMAND} --build-and-test ${consumer} ${build}
  --build-generator ${generator}
  --build-options -DCMAKE_PREFIX_PATH=${prefix} -DCMAKE_CXX_COMPILER=${compiler}
  --test-command ${CMAKE_CTEST_COMMAND} --output-on-failure --no-tests=error
  COMMAND_ERROR_IS_FATAL ANY)
