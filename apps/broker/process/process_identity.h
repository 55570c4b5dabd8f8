#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "config/config_error.h"

namespace broker {

/// Who a process that root has started goes on as, once it has read its configuration: whatever it
/// opens from then on, a reload too, it opens as that user. For the main thread, before any other
/// is started.
class ProcessIdentity {
 public:
  /// What the environment says about it; nullptr: nothing.
  struct Environment {
    const char* puid = nullptr;       ///< a user's number, in place of `user`
    const char* pgid = nullptr;       ///< a group's number
    const char* snap_name = nullptr;  ///< in mosquitto's snap root stays root

    static Environment of_process();
  };

  /// `user`: a name of the system's. A user mosquitto that does not exist becomes nobody, as the
  /// key has that value when it is not written; any other is an error. `notes` gets what the
  /// operator should hear.
  static tl::expected<ProcessIdentity, std::string> choose(const std::string& user,
                                                           const Environment& environment,
                                                           std::vector<ConfigNote>& notes);

  /// Absent: it stays.
  std::optional<uid_t> uid() const { return uid_; }
  std::optional<gid_t> gid() const { return gid_; }
  /// "user mosquitto" or "user 1000", for messages.
  const std::string& name() const { return name_; }

  /// Becomes it, with no way back. The error is for the log.
  tl::expected<void, std::string> assume() const;

 private:
  static tl::expected<ProcessIdentity, std::string> by_numbers(const Environment& environment);
  static tl::expected<ProcessIdentity, std::string> by_name(const std::string& user,
                                                            std::vector<ConfigNote>& notes);

  std::optional<uid_t> uid_;
  std::optional<gid_t> gid_;
  std::string groups_of_;  ///< the user whose further groups are taken; empty: they stay
  std::string name_;
};

/// The file mode mask that UMASK_SET in the environment asks for, in octal digits; nullopt if
/// `text` is nullptr.
tl::expected<std::optional<mode_t>, std::string> parse_umask(const char* text);

}  // namespace broker
