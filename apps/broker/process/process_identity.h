#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "config/config_error.h"

namespace broker {

/// The user that a process started by root becomes after reading its configuration. Everything
/// opened after that, also on a reload, is opened as that user. For the main thread, before any
/// other thread is started.
class ProcessIdentity {
 public:
  /// The environment variables; nullptr: not set.
  struct Environment {
    const char* puid = nullptr;       ///< a user ID, instead of `user`
    const char* pgid = nullptr;       ///< a group ID
    const char* snap_name = nullptr;  ///< in mosquitto's snap root stays root

    static Environment of_process();
  };

  /// `user`: a user name. If the user mosquitto does not exist, nobody is used, since mosquitto is
  /// the key's default; any other missing user is an error. `notes` gets messages for the operator.
  static tl::expected<ProcessIdentity, std::string> choose(const std::string& user,
                                                           const Environment& environment,
                                                           std::vector<ConfigNote>& notes);

  /// Absent: unchanged.
  std::optional<uid_t> uid() const { return uid_; }
  std::optional<gid_t> gid() const { return gid_; }
  /// "user mosquitto" or "user 1000", for messages.
  const std::string& name() const { return name_; }

  /// Changes to it irrevocably. The error is for the log.
  tl::expected<void, std::string> assume() const;

 private:
  static tl::expected<ProcessIdentity, std::string> by_numbers(const Environment& environment);
  static tl::expected<ProcessIdentity, std::string> by_name(const std::string& user,
                                                            std::vector<ConfigNote>& notes);

  std::optional<uid_t> uid_;
  std::optional<gid_t> gid_;
  std::string groups_of_;  ///< the user whose supplementary groups are set; empty: unchanged
  std::string name_;
};

/// The file mode creation mask from UMASK_SET in the environment, in octal digits; nullopt if
/// `text` is nullptr.
tl::expected<std::optional<mode_t>, std::string> parse_umask(const char* text);

}  // namespace broker
