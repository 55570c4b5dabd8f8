#include "access/files/access_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "access/files/guarded_file.h"

namespace broker {

/// Reads each file once, however many listeners name it.
class AccessFiles::Loader {
 public:
  Loader(const Config& config, std::vector<ConfigNote>& notes, const AccessFiles* before)
      : config_(config), notes_(notes), before_(before) {}

  tl::expected<std::shared_ptr<const AccessFiles>, Failure> load() {
    auto files = std::make_shared<AccessFiles>();
    for (const ListenerConfig& listener : config_.listeners) {
      OfListener& of_listener = files->listeners_.emplace_back();
      if (listener.gone && config_.per_listener_settings) {
        const std::size_t index = files->listeners_.size() - 1;
        if (before_ != nullptr && index < before_->listeners_.size())
          of_listener = before_->listeners_[index];
        continue;
      }
      of_listener.passwords =
          once(passwords_, {"password_file", config_.password_file_of(listener), listener},
               [](const std::string&, std::string_view text) {
                 return mqtt::PasswordFile::parse(text);
               });
      of_listener.proofs = proofs(of_listener.passwords);
      of_listener.rules =
          once(rules_, {"acl_file", config_.acl_file_of(listener), listener}, &AclRules::parse);
      of_listener.keys =
          once(keys_, {"psk_file", config_.psk_file_of(listener), listener},
               [](const std::string&, std::string_view text) { return PskFile::parse(text); });
    }
    if (!failure_.errors.empty()) return tl::unexpected(std::move(failure_));
    if (before_ != nullptr) take_over_proofs(*files);
    return files;
  }

 private:
  std::shared_ptr<PasswordProofs> proofs(
      const std::shared_ptr<const mqtt::PasswordFile>& passwords) {
    if (passwords == nullptr) return nullptr;
    auto& known = proofs_[passwords.get()];
    if (known == nullptr) known = std::make_shared<PasswordProofs>(*passwords);
    return known;
  }

  void take_over_proofs(AccessFiles& files) const {
    std::set<std::pair<const PasswordProofs*, const PasswordProofs*>> done;
    const std::size_t count = std::min(files.listeners_.size(), before_->listeners_.size());
    for (std::size_t i = 0; i < count; ++i) {
      PasswordProofs* const now = files.proofs(i);
      const PasswordProofs* const then = before_->proofs(i);
      const bool differ = now != nullptr && then != nullptr && now != then;
      if (differ && done.emplace(now, then).second) now->take_over(*then);
    }
  }

  /// A file and the key that names it.
  struct Named {
    std::string_view key;
    const std::string& path;
    const ListenerConfig& listener;
  };

  template <class Contents, class Parse>
  std::shared_ptr<const Contents> once(
      std::map<std::string, std::shared_ptr<const Contents>>& known, const Named& named,
      Parse parse) {
    const std::string& path = named.path;
    if (path.empty()) return nullptr;
    if (const auto position = known.find(path); position != known.end()) return position->second;
    std::shared_ptr<const Contents>& entry = known[path];
    const auto origin = config_.written_for(named.listener, named.key);
    const auto file = read_guarded_file(path, config_.log.file_may_be_symlink);
    if (!file) {
      failure_.not_readable = true;
      failure_.errors.push_back(
          not_usable(named.key, origin, path, file.error().reason, file.error().hint));
      return nullptr;
    }
    for (const std::string& warning : file->warnings)
      notes_.push_back({LogType::information, warning});
    auto contents = parse(path, file->text);
    if (!contents) {
      for (const mqtt::LineNote& error : contents.error())
        failure_.errors.push_back(in_file(named, origin, error));
      return nullptr;
    }
    for (const mqtt::LineNote& warning : contents->warnings()) {
      notes_.push_back(
          {LogType::warning, fmt::format("{}:{}: {}.", path, warning.line, warning.text)});
    }
    entry = std::make_shared<const Contents>(std::move(*contents));
    return entry;
  }

  static ConfigError in_file(const Named& named, std::optional<SourceLine> origin,
                             const mqtt::LineNote& note) {
    ConfigError error;
    error.fault = ConfigFault::in_named_file;
    error.where = {named.path, static_cast<unsigned>(note.line)};
    error.named_at = std::move(origin);
    error.key = named.key;
    error.accepted = note.text;
    return error;
  }

  const Config& config_;
  std::vector<ConfigNote>& notes_;
  const AccessFiles* before_;  ///< nullptr: none
  std::map<std::string, std::shared_ptr<const mqtt::PasswordFile>> passwords_;
  std::map<const mqtt::PasswordFile*, std::shared_ptr<PasswordProofs>> proofs_;
  std::map<std::string, std::shared_ptr<const AclRules>> rules_;
  std::map<std::string, std::shared_ptr<const PskFile>> keys_;
  Failure failure_;
};

tl::expected<std::shared_ptr<const AccessFiles>, AccessFiles::Failure> AccessFiles::load(
    const Config& config, std::vector<ConfigNote>& notes, const AccessFiles* before) {
  return Loader(config, notes, before).load();
}

const mqtt::PasswordFile* AccessFiles::passwords(std::size_t listener) const {
  return listener < listeners_.size() ? listeners_[listener].passwords.get() : nullptr;
}

PasswordProofs* AccessFiles::proofs(std::size_t listener) const {
  return listener < listeners_.size() ? listeners_[listener].proofs.get() : nullptr;
}

const AclRules* AccessFiles::rules(std::size_t listener) const {
  return listener < listeners_.size() ? listeners_[listener].rules.get() : nullptr;
}

std::shared_ptr<const PskFile> AccessFiles::keys(std::size_t listener) const {
  return listener < listeners_.size() ? listeners_[listener].keys : nullptr;
}

bool AccessFiles::any_rules() const {
  return std::ranges::any_of(listeners_, [](const OfListener& of) { return of.rules != nullptr; });
}

bool is_still_known(const AccessFiles& before, const AccessFiles& after, std::size_t listener,
                    std::string_view user_name, bool anonymous_allowed) {
  const mqtt::PasswordFile* file = after.passwords(listener);
  if (file == nullptr || user_name.empty()) return anonymous_allowed;
  const auto* entry = file->find(user_name);
  if (entry == nullptr || before.passwords(listener) == nullptr) return false;
  const auto* old_entry = before.passwords(listener)->find(user_name);
  return old_entry != nullptr && old_entry->hash == entry->hash;
}

}  // namespace broker
