#include "process/process_identity.h"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <system_error>

namespace broker {
namespace {

/// A whole number of digits alone.
std::optional<std::uint32_t> parse_number(std::string_view text, int base) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// 0 leaves things as they are.
tl::expected<std::optional<std::uint32_t>, std::string> parse_id(const char* variable,
                                                                 const char* text) {
  if (text == nullptr) return std::nullopt;
  const auto number = parse_number(text, 10);
  if (!number || *number > INT32_MAX) {
    return tl::unexpected(fmt::format("{} in the environment is no number: {}", variable, text));
  }
  return *number == 0 ? std::nullopt : number;
}

tl::unexpected<std::string> failure(std::string_view what) {
  return tl::unexpected(fmt::format("{}: {}", what, std::generic_category().message(errno)));
}

}  // namespace

ProcessIdentity::Environment ProcessIdentity::Environment::of_process() {
  return {std::getenv("PUID"), std::getenv("PGID"), std::getenv("SNAP_NAME")};
}

tl::expected<ProcessIdentity, std::string> ProcessIdentity::choose(const std::string& user,
                                                                   const Environment& environment,
                                                                   std::vector<ConfigNote>& notes) {
  const char* const snap = environment.snap_name;
  if (snap != nullptr && std::string_view(snap) == "mosquitto") return ProcessIdentity();
  if (environment.puid != nullptr || environment.pgid != nullptr) return by_numbers(environment);
  return by_name(user, notes);
}

tl::expected<ProcessIdentity, std::string> ProcessIdentity::by_numbers(
    const Environment& environment) {
  const auto uid = parse_id("PUID", environment.puid);
  if (!uid) return tl::unexpected(uid.error());
  const auto gid = parse_id("PGID", environment.pgid);
  if (!gid) return tl::unexpected(gid.error());
  ProcessIdentity identity;
  identity.uid_ = *uid;
  identity.gid_ = *gid;
  identity.name_ = fmt::format("user {}", uid->value_or(0));
  return identity;
}

tl::expected<ProcessIdentity, std::string> ProcessIdentity::by_name(
    const std::string& user, std::vector<ConfigNote>& notes) {
  std::string name = user;
  const passwd* entry = ::getpwnam(name.c_str());
  if (entry == nullptr && name == "mosquitto") {
    notes.push_back({LogType::warning, "There is no user mosquitto: nobody takes its place."});
    name = "nobody";
    entry = ::getpwnam(name.c_str());
  }
  if (entry == nullptr) return tl::unexpected(fmt::format("there is no user {}", name));
  if (entry->pw_uid == 0) {
    notes.push_back({LogType::warning,
                     "The broker runs as root: a user of its own would be safer, see \"user\"."});
    return ProcessIdentity();
  }
  ProcessIdentity identity;
  identity.uid_ = entry->pw_uid;
  identity.gid_ = entry->pw_gid;
  identity.groups_of_ = name;
  identity.name_ = "user " + name;
  return identity;
}

tl::expected<void, std::string> ProcessIdentity::assume() const {
  if (!groups_of_.empty() && ::initgroups(groups_of_.c_str(), *gid_) != 0) {
    return failure("cannot take the groups of " + name_);
  }
  if (gid_ && ::setgid(*gid_) != 0) return failure(fmt::format("cannot become group {}", *gid_));
  if (uid_ && ::setuid(*uid_) != 0) return failure("cannot become " + name_);
  return {};
}

tl::expected<std::optional<mode_t>, std::string> parse_umask(const char* text) {
  if (text == nullptr) return std::nullopt;
  const auto mask = parse_number(text, 8);
  if (!mask || *mask > 0777) {
    return tl::unexpected(
        fmt::format("UMASK_SET in the environment is no file mode mask: {}", text));
  }
  return static_cast<mode_t>(*mask);
}

}  // namespace broker
