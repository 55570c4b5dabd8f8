# What `cmake --install` puts down beside the programs, which install themselves: libraries, headers,
# the CMake package and pkg-config files, man pages, completions, documents and examples.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/mqtt)

# One export and one pkg-config file per library, so that who wants only the protocol needs neither
# libuv nor OpenSSL.
set(pc_protocol_description "MQTT packets and flows, without I/O")
set(pc_protocol_requires "")
set(pc_protocol_libs "")
set(pc_io_description "byte streams for MQTT on libuv: TCP, Unix, TLS, WebSocket")
set(pc_io_requires "mqtt-protocol libuv >= 1.44 openssl >= 3")
set(pc_io_libs "-lhttp_parser -lresolv")
set(pc_client_description "asynchronous MQTT client")
set(pc_client_requires "mqtt-protocol mqtt-io")
set(pc_client_libs "")
set(pc_credentials_description "password hashes and password files")
set(pc_credentials_requires "mqtt-protocol libcrypto >= 3 libargon2")
set(pc_credentials_libs "")
# Relative, so that an installed tree can be moved, and `cmake --install --prefix` means what it says.
file(RELATIVE_PATH pc_prefix /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
foreach(library IN ITEMS protocol io client credentials)
  install(TARGETS mqtt_${library} EXPORT mqtt-${library} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  install(EXPORT mqtt-${library} NAMESPACE mqtt:: DESTINATION ${package_dir})
  set(pc_name mqtt-${library})
  foreach(field IN ITEMS description requires libs)
    set(pc_${field} ${pc_${library}_${field}})
  endforeach()
  configure_file(cmake/mqtt.pc.in ${pc_name}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${pc_name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()
# The library's own; no other header includes it.
install(DIRECTORY libmqtt/include/mqtt DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  PATTERN property_validation.h EXCLUDE)

configure_package_config_file(cmake/mqtt-config.cmake.in mqtt-config.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(mqtt-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/mqtt-config.cmake ${PROJECT_BINARY_DIR}/mqtt-config-version.cmake
  DESTINATION ${package_dir})

foreach(section IN ITEMS 1 5 8)
  file(GLOB pages CONFIGURE_DEPENDS man/*.${section})
  install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()

# completions/<shell>/, each file named as its shell wants to find it.
foreach(shell IN ITEMS bash zsh fish)
  file(GLOB ${shell}_completions CONFIGURE_DEPENDS completions/${shell}/*)
endforeach()
install(FILES ${bash_completions} DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${zsh_completions} DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
install(FILES ${fish_completions} DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)

# As they lie in the tree, so that the documents' links to one another hold.
install(FILES LICENSE README.md CHANGELOG.md ARCHITECTURE.md CONTRIBUTING.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN *.md
  PATTERN conformance EXCLUDE)
install(DIRECTORY examples DESTINATION ${CMAKE_INSTALL_DOCDIR})
