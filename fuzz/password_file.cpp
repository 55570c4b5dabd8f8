// The password file: whatever it holds, it is users with hashes that can be written and read again,
// or errors with their lines. What an editor keeps of it is the same file. No hash is computed: the
// limits are what parsing has to keep.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "mqtt/credentials/password_file.h"
#include "mqtt/credentials/password_file_editor.h"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void check(const mqtt::PasswordFile& file) {
  for (const mqtt::PasswordFile::Entry& entry : file.entries()) {
    require(!entry.user.empty() && file.find(entry.user) == &entry);
    const mqtt::HashRecipe& recipe = entry.hash.recipe();
    require(recipe.iterations <= mqtt::HashLimits::iterations);
    require(recipe.memory_kib <= mqtt::HashLimits::memory_kib);
    const std::string text = entry.hash.text();
    const auto again = mqtt::PasswordHash::parse(text);
    require(again && again->text() == text);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto file = mqtt::PasswordFile::parse(text);
  if (file) {
    check(*file);
  } else {
    require(!file.error().empty());
    for (const mqtt::LineNote& error : file.error())
      require(error.line >= 1 && !error.text.empty());
  }
  auto editor = mqtt::PasswordFileEditor::read(text);
  if (!editor) return 0;
  const std::string kept = editor->text();
  require(kept == text || kept == std::string(text) + "\n");
  for (const auto& user : editor->users()) require(editor->secret_of(user.name) != nullptr);
  while (!editor->users().empty()) require(editor->remove(editor->users().front().name));
  return 0;
}
