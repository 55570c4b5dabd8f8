#include "passwd/password_tasks.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <system_error>
#include <utility>

#include "mqtt/credentials/password_file_editor.h"
#include "mqtt/credentials/random_password.h"
#include "passwd/exit_code.h"
#include "passwd/locked_file.h"
#include "passwd/password_input.h"
#include "passwd/user_names.h"

namespace passwd {
namespace {

using mqtt::PasswordFileEditor;
using mqtt::PasswordHash;

int status(ExitCode code) {
  return static_cast<int>(code);
}

void complain(const std::string& text) {
  fmt::print(stderr, "Error: {}.\n", text);
}

int fail(const std::string& text, ExitCode code = ExitCode::failure) {
  complain(text);
  return status(code);
}

int fail(const InputFailure& failure) {
  complain(failure.text);
  return failure.signal != 0 ? 128 + failure.signal : status(failure.code);
}

void warn(const LockedFile& file, std::size_t from = 0) {
  for (std::size_t i = from; i < file.warnings().size(); ++i) {
    fmt::print(stderr, "Warning: {}.\n", file.warnings()[i]);
  }
}

int fail(const std::string& path, const std::vector<mqtt::LineNote>& errors) {
  for (const mqtt::LineNote& error : errors) {
    fmt::print(stderr, "Error: {}:{}: {}.\n", path, error.line, error.text);
  }
  return fail("the file was left as it is");
}

Password password_of(const PasswdOptions& options) {
  if (options.password) return *options.password;
  if (options.password_descriptor) return read_password(*options.password_descriptor);
  const int prompt = options.to_standard_output() ? STDERR_FILENO : STDOUT_FILENO;
  return ask_password(prompt, options.task != Task::verify);
}

/// The file as it is, and what it says.
struct OpenFile {
  LockedFile update;
  PasswordFileEditor editor;
};

/// The status to end with if it cannot be opened or says nothing sensible.
tl::expected<OpenFile, int> open_file(const PasswdOptions& options) {
  const bool only_read = options.task == Task::verify || options.task == Task::list;
  auto update = only_read ? LockedFile::open_to_read(options.file) : LockedFile::open(options.file);
  if (!update) return tl::unexpected(fail(update.error()));
  warn(*update);
  const auto text = update->read();
  if (!text) return tl::unexpected(fail(text.error()));
  auto editor = PasswordFileEditor::read(*text);
  if (!editor) return tl::unexpected(fail(options.file, editor.error()));
  return OpenFile{std::move(*update), std::move(*editor)};
}

int save(LockedFile& update, const PasswordFileEditor& editor) {
  const std::size_t warnings = update.warnings().size();
  if (const auto replaced = update.replace(editor.text()); !replaced) return fail(replaced.error());
  warn(update, warnings);
  return status(ExitCode::success);
}

tl::expected<PasswordHash, int> new_hash(const PasswdOptions& options) {
  const Password password = password_of(options);
  if (!password) return tl::unexpected(fail(password.error()));
  auto hash = PasswordHash::create(mqtt::as_bytes(*password), options.recipe);
  if (!hash) return tl::unexpected(fail(hash.error()));
  return std::move(*hash);
}

int create(const PasswdOptions& options) {
  const auto hash = new_hash(options);
  if (!hash) return hash.error();
  PasswordFileEditor editor = *PasswordFileEditor::read("");
  editor.set(options.user, *hash);
  if (options.to_standard_output()) {
    fmt::print("{}", editor.text());
    const bool printed = std::fflush(stdout) == 0;
    return printed ? status(ExitCode::success) : fail("the line cannot be printed");
  }
  auto update = LockedFile::open_or_create(options.file);
  if (!update) return fail(update.error());
  warn(*update);
  const int saved = save(*update, editor);
  if (saved == 0) fmt::print("Adding password for user {}\n", options.user);
  return saved;
}

/// Why the file cannot be changed; empty: it can.
std::string refuse_file(const PasswdOptions& options) {
  if (::access(options.file.c_str(), R_OK | W_OK) == 0) return {};
  return fmt::format("cannot open {}: {}", options.file, std::generic_category().message(errno));
}

int set(const PasswdOptions& options) {
  if (const std::string reason = refuse_file(options); !reason.empty()) return fail(reason);
  // Asked before the file is locked: someone may think for long.
  const auto hash = new_hash(options);
  if (!hash) return hash.error();
  auto file = open_file(options);
  if (!file) return file.error();
  const bool known = file->editor.set(options.user, *hash);
  const int saved = save(file->update, file->editor);
  if (saved == 0)
    fmt::print("{} password for user {}\n", known ? "Updating" : "Adding", options.user);
  return saved;
}

/// What --generate has done so far.
struct Generated {
  std::string lines;  ///< USER:PASSWORD each
  std::size_t added = 0;
  std::size_t replaced = 0;

  bool any() const { return added + replaced != 0; }
};

/// The error is for stderr.
tl::expected<void, std::string> generate_for(const std::string& user, const PasswdOptions& options,
                                             PasswordFileEditor& editor, Generated& generated) {
  const auto password = mqtt::random_password(options.password_length);
  if (!password) return tl::unexpected(password.error());
  const auto hash = PasswordHash::create(mqtt::as_bytes(*password), options.recipe);
  if (!hash) return tl::unexpected(hash.error());
  ++(editor.set(user, *hash) ? generated.replaced : generated.added);
  generated.lines.append(user).append(":").append(*password).append("\n");
  return {};
}

/// What is printed stands in the file already: nobody hands out a password that no broker knows.
int print(const Generated& generated, const PasswdOptions& options) {
  const bool printed = std::fwrite(generated.lines.data(), 1, generated.lines.size(), stdout) ==
                           generated.lines.size() &&
                       std::fflush(stdout) == 0;
  if (!printed) {
    return fail(
        fmt::format("{} holds new passwords, but they cannot be printed: generate them "
                    "again",
                    options.file));
  }
  fmt::print(stderr, "{} users added, {} passwords replaced.\n", generated.added,
             generated.replaced);
  return status(ExitCode::success);
}

int generate_in(OpenFile& file, const std::vector<std::string>& users,
                const PasswdOptions& options) {
  Generated generated;
  for (const std::string& user : users) {
    if (options.only_new && file.editor.secret_of(user) != nullptr) continue;
    if (const auto done = generate_for(user, options, file.editor, generated); !done)
      return fail(done.error());
  }
  if (generated.any()) {
    if (const int saved = save(file.update, file.editor); saved != 0) return saved;
  }
  return print(generated, options);
}

tl::expected<std::vector<std::string>, std::string> users_of(const PasswdOptions& options) {
  if (!options.users.empty()) return options.users;
  const std::string text{std::istreambuf_iterator<char>(std::cin),
                         std::istreambuf_iterator<char>()};
  auto names = user_names_of(text);
  if (!names) return names;
  if (std::string reason = refuse_users(*names); !reason.empty())
    return tl::unexpected("standard input: " + reason);
  return names;
}

int generate(const PasswdOptions& options) {
  const bool is_new = options.task == Task::create;
  if (const std::string reason = is_new ? "" : refuse_file(options); !reason.empty())
    return fail(reason);
  const auto users = users_of(options);
  if (!users) return fail(users.error());
  if (!is_new) {
    auto file = open_file(options);
    return file ? generate_in(*file, *users, options) : file.error();
  }
  auto update = LockedFile::open_or_create(options.file);
  if (!update) return fail(update.error());
  warn(*update);
  OpenFile file{std::move(*update), *PasswordFileEditor::read("")};
  return generate_in(file, *users, options);
}

int remove(const PasswdOptions& options) {
  auto file = open_file(options);
  if (!file) return file.error();
  if (file->editor.remove(options.user)) return save(file->update, file->editor);
  fmt::print(stderr, "Warning: user {} is not in the file, nothing was deleted.\n", options.user);
  return status(ExitCode::failure);
}

int upgrade(const PasswdOptions& options) {
  auto file = open_file(options);
  if (!file) return file.error();
  if (file->editor.users().empty())
    return fail(fmt::format("there is no user in {}", options.file));
  const auto hashed = file->editor.hash_plain(options.recipe);
  if (!hashed) return fail(hashed.error());
  return *hashed == 0 ? status(ExitCode::success) : save(file->update, file->editor);
}

int verify(const PasswdOptions& options) {
  const auto file = open_file(options);
  if (!file) return file.error();
  const std::string* secret = file->editor.secret_of(options.user);
  if (secret == nullptr) {
    return fail(fmt::format("user {} is not in the file", options.user), ExitCode::does_not_fit);
  }
  const auto hash = PasswordHash::parse(*secret);
  if (!hash) return fail(fmt::format("the hash of user {}: {}", options.user, hash.error()));
  const Password password = password_of(options);
  if (!password) return fail(password.error());
  const auto fits = hash->fits(mqtt::as_bytes(*password));
  if (!fits) return fail(fits.error());
  if (!*fits) {
    return fail(fmt::format("this is not the password of user {}", options.user),
                ExitCode::does_not_fit);
  }
  fmt::print("The password of user {} fits.\n", options.user);
  return status(ExitCode::success);
}

std::string description_of(const std::string& secret) {
  const auto hash = PasswordHash::parse(secret);
  if (!hash) return "no hash";
  const mqtt::HashRecipe& recipe = hash->recipe();
  const std::string_view name = name_of(recipe.scheme);
  switch (recipe.scheme) {
    case mqtt::HashScheme::sha512:
      break;
    case mqtt::HashScheme::pbkdf2_sha512:
      return fmt::format("{}, {} iterations", name, recipe.iterations);
    case mqtt::HashScheme::argon2id:
      return fmt::format("{}, {} KiB, {} passes, {} lanes", name, recipe.memory_kib, recipe.passes,
                         recipe.lanes);
  }
  return std::string(name);
}

int list(const PasswdOptions& options) {
  const auto file = open_file(options);
  if (!file) return file.error();
  for (const PasswordFileEditor::User& user : file->editor.users()) {
    fmt::print("{}: {}\n", user.name, description_of(user.secret));
  }
  return std::fflush(stdout) == 0 ? status(ExitCode::success) : fail("the list cannot be printed");
}

}  // namespace

int run(const PasswdOptions& options) {
  if (options.generate) return generate(options);
  switch (options.task) {
    case Task::set:
      return set(options);
    case Task::create:
      return create(options);
    case Task::remove:
      return remove(options);
    case Task::upgrade:
      return upgrade(options);
    case Task::verify:
      return verify(options);
    case Task::list:
      break;
  }
  return list(options);
}

}  // namespace passwd
