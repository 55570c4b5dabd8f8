#include "config/file_access.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace broker {
namespace {

std::string user_name(uid_t id) {
  const passwd* const entry = ::getpwuid(id);
  return entry != nullptr ? entry->pw_name : fmt::format("{}", id);
}

std::string group_name(gid_t id) {
  const group* const entry = ::getgrgid(id);
  return entry != nullptr ? entry->gr_name : fmt::format("{}", id);
}

std::string own_user() {
  return user_name(::geteuid());
}

/// Quoted for a shell where that is needed.
std::string as_argument(const std::string& path) {
  const bool plain = path.find_first_not_of(
                         "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./+@") ==
                     std::string::npos;
  if (plain) return path;
  std::string quoted = "'";
  for (const char c : path) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

/// "owner root:ssl-cert, mode 0640".
std::string ownership(const struct stat& status) {
  return fmt::format("owner {}:{}, mode {:04o}", user_name(status.st_uid),
                     group_name(status.st_gid), status.st_mode & 07777U);
}

bool may(const std::string& path, int what) {
  return ::faccessat(AT_FDCWD, path.c_str(), what, AT_EACCESS) == 0;
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

/// The first folder on the way to `path` that `refuses`; empty: none.
template <typename Refuses>
std::string first_folder(const std::string& path, Refuses refuses) {
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    const std::string folder = path.substr(0, slash);
    if (refuses(folder)) return folder;
  }
  return {};
}

struct Lacking {
  std::string path;
  const char* what;   ///< "read", "write" or "enter": what the user may not do
  const char* right;  ///< as chmod has it
};

FileRefusal explain(const Lacking& lacking, const std::string& reason) {
  struct stat status {};
  if (::stat(lacking.path.c_str(), &status) != 0) return {reason, {}};
  const std::string user = own_user();
  const std::string path = as_argument(lacking.path);
  const char* const kind = S_ISDIR(status.st_mode) ? "folder " : "";
  std::string text = fmt::format("{}: {}{} ({}), and user {} may not {} it", reason, kind,
                                 lacking.path, ownership(status), user, lacking.what);
  if (status.st_uid == ::geteuid()) {
    return {std::move(text), fmt::format("\"chmod u+{} {}\" allows it", lacking.right, path)};
  }
  if (lacking.path == "/root" || folder_of(lacking.path) == "/home") {
    return {std::move(text), "better keep such files in a folder below /etc"};
  }
  if (S_ISDIR(status.st_mode)) {
    const std::string group = group_name(::getegid());
    return {std::move(text), fmt::format("\"chgrp {} {} && chmod g+{} {}\" allows it", group, path,
                                         lacking.right, path)};
  }
  const bool owner_has_right =
      (status.st_mode & static_cast<mode_t>(lacking.right[0] == 'r' ? S_IRUSR : S_IWUSR)) != 0;
  return {std::move(text), owner_has_right
                               ? fmt::format("\"chown {} {}\" allows it", user, path)
                               : fmt::format("\"chown {} {} && chmod u+{} {}\" allows it", user,
                                             path, lacking.right, path)};
}

FileRefusal explain_missing(const std::string& path, const std::string& reason) {
  const std::string folder =
      first_folder(path, [](const std::string& one) { return !may(one, F_OK) && errno == ENOENT; });
  if (folder.empty()) return {reason, {}};
  return {fmt::format("{}: there is no folder {}", reason, folder), {}, true};
}

FileRefusal explain_lacking_right(const std::string& path, FileUse use, const std::string& reason) {
  const std::string folder =
      first_folder(path, [](const std::string& one) { return !may(one, X_OK) && errno == EACCES; });
  if (!folder.empty()) return explain({folder, "enter", "x"}, reason);
  const bool writes = use == FileUse::write;
  if (may(path, F_OK)) {
    if (may(path, writes ? W_OK : R_OK)) return {reason, {}};  // not a matter of its mode
    return writes ? explain({path, "write", "w"}, reason) : explain({path, "read", "r"}, reason);
  }
  return writes ? explain({folder_of(path), "write to", "wx"}, reason) : FileRefusal{reason, {}};
}

}  // namespace

FileRefusal explain_refusal(const std::string& path, int error, FileUse use) {
  const std::string reason = std::generic_category().message(error);
  if (error == ENOENT) return explain_missing(path, reason);
  if (error == EACCES) return explain_lacking_right(path, use, reason);
  return {reason, {}};
}

std::optional<FileRefusal> refuse_writing(const std::string& path, bool follow_symlinks) {
  struct stat status {};
  const int found =
      follow_symlinks ? ::stat(path.c_str(), &status) : ::lstat(path.c_str(), &status);
  if (found != 0 && errno != ENOENT) return explain_refusal(path, errno, FileUse::write);
  if (found == 0) {
    if (S_ISLNK(status.st_mode)) return symlink_refusal();
    if (!S_ISREG(status.st_mode)) return FileRefusal{"not a regular file", {}};
    if (!may(path, W_OK)) return explain_refusal(path, errno, FileUse::write);
    return std::nullopt;
  }
  if (!may(folder_of(path), W_OK | X_OK)) {
    return explain_refusal(path, errno, FileUse::write);
  }
  return std::nullopt;
}

FileRefusal symlink_refusal() {
  return {"it is a symbolic link",
          "MOSQUITTO_UNSAFE_ALLOW_SYMLINKS in the environment allows that"};
}

}  // namespace broker
