# Installs the tree into an empty prefix and looks whether each kind of file is there.
cmake_minimum_required(VERSION 3.25)
file(REMOVE_RECURSE ${prefix})
execute_process(COMMAND ${CMAKE_COMMAND} --install ${tree} --prefix ${prefix}
  OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)

foreach(kind IN ITEMS
    sbin/mqtt-broker bin/mqtt-pub bin/mqtt-sub bin/mqtt-rr bin/mqtt-passwd bin/mqtt-bench
    lib*/libmqtt_protocol.a lib*/pkgconfig/mqtt-client.pc lib*/cmake/mqtt/mqtt-config.cmake
    include/mqtt/protocol/packet.h include/mqtt/client/client.h
    share/man/man1/mqtt-pub.1 share/man/man1/mqtt-sub.1 share/man/man1/mqtt-rr.1 share/man/man1/mqtt-bench.1 share/man/man8/mqtt-broker.8 share/man/man5/mqtt-broker.conf.5
    share/bash-completion/completions/mqtt-pub share/zsh/site-functions/_mqtt-pub share/zsh/site-functions/_mqtt-bench
    share/fish/vendor_completions.d/mqtt-pub.fish
    share/doc/mqtt/README.md share/doc/mqtt/docs/configuration.md share/doc/mqtt/docs/upgrading.md
    share/doc/mqtt/examples/tls.conf share/doc/mqtt/examples/passwords-and-acl.acl share/doc/mqtt/examples/README.md)
  file(GLOB_RECURSE found ${prefix}/${kind})
  if(NOT found)
    message(SEND_ERROR "not installed: ${kind}")
  endif()
endforeach()

# Each document of the tree is installed, and the README's links lead somewhere.
file(GLOB documents RELATIVE ${source} ${source}/docs/*.md ${source}/examples/*)
foreach(document IN LISTS documents)
  if(NOT EXISTS ${prefix}/share/doc/mqtt/${document})
    message(SEND_ERROR "not installed: ${document}")
  endif()
endforeach()
file(READ ${prefix}/share/doc/mqtt/README.md readme)
string(REGEX MATCHALL "\\]\\([^):#]+" links "${readme}")
list(TRANSFORM links REPLACE "^\\]\\(" "")
foreach(link IN LISTS links)
  if(NOT EXISTS ${prefix}/share/doc/mqtt/${link} AND EXISTS ${source}/${link})
    message(SEND_ERROR "the installed README names ${link}, which is not installed")
  endif()
endforeach()
