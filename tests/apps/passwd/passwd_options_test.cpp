#include "passwd/passwd_options.h"

#include <CLI/CLI.hpp>
#include <catch2/catch.hpp>

using mqtt::HashScheme;
using passwd::PasswdOptions;
using passwd::Task;

namespace {

using Words = std::vector<std::string>;

struct Outcome {
  PasswdOptions options;
  std::string error;  ///< empty: none
};

Outcome parse(const Words& words) {
  Outcome outcome;
  passwd::PasswdSwitches switches;
  const auto app = passwd::make_app(outcome.options, switches);
  Words operands;
  const auto parsed = cli::parse_command_line(*app, words, operands);
  if (!parsed) return {{}, parsed.error().text};
  const auto completed = passwd::complete(outcome.options, switches, operands);
  if (!completed) outcome.error = completed.error();
  return outcome;
}

PasswdOptions options(const Words& words) {
  const Outcome outcome = parse(words);
  INFO(outcome.error);
  REQUIRE(outcome.error.empty());
  return outcome.options;
}

}  // namespace

TEST_CASE("the forms of mqtt-passwd") {
  SECTION("a user") {
    const PasswdOptions set = options({"file", "bob"});
    CHECK(set.task == Task::set);
    CHECK(set.file == "file");
    CHECK(set.user == "bob");
    CHECK_FALSE(set.password);
  }
  SECTION("a user with a password") {
    const PasswdOptions set = options({"-b", "file", "bob", "secret"});
    CHECK(set.task == Task::set);
    CHECK(set.password == "secret");
  }
  SECTION("a new file, or standard output") {
    CHECK(options({"-c", "file", "bob"}).task == Task::create);
    CHECK_FALSE(options({"-c", "file", "bob"}).to_standard_output());
    CHECK(options({"-c", "-b", "-", "bob", "x"}).to_standard_output());
    CHECK_FALSE(options({"-b", "-", "bob", "x"}).to_standard_output());
  }
  SECTION("the others") {
    CHECK(options({"-D", "file", "bob"}).task == Task::remove);
    CHECK(options({"-U", "file"}).task == Task::upgrade);
    CHECK(options({"--verify", "-b", "file", "bob", "x"}).task == Task::verify);
    CHECK(options({"--list", "file"}).task == Task::list);
  }
}

TEST_CASE("what stands behind the first word that is no option is none either") {
  const PasswdOptions set = options({"-b", "file", "-c", "--help"});
  CHECK(set.user == "-c");
  CHECK(set.password == "--help");
  CHECK(options({"--", "-file", "bob"}).file == "-file");
  CHECK(options({"-b", "file", "bob", ""}).password == "");
}

TEST_CASE("the hash is chosen") {
  CHECK(options({"file", "bob"}).recipe.scheme == HashScheme::pbkdf2_sha512);
  CHECK(options({"file", "bob"}).recipe.iterations == 30'000);
  CHECK(options({"-H", "sha512", "file", "bob"}).recipe.scheme == HashScheme::sha512);
  CHECK(options({"-H", "sha512-pbkdf2", "-I", "1000", "file", "bob"}).recipe.iterations == 1000);
  const PasswdOptions argon2 =
      options({"-H", "argon2id", "--memory", "65536", "--passes", "3", "file", "bob"});
  CHECK(argon2.recipe.scheme == HashScheme::argon2id);
  CHECK(argon2.recipe.memory_kib == 65536);
  CHECK(argon2.recipe.passes == 3);
}

TEST_CASE("random passwords for machines") {
  const PasswdOptions two = options({"--generate", "file", "bob", "alice"});
  CHECK(two.generate);
  CHECK(two.task == Task::set);
  CHECK(two.file == "file");
  CHECK(two.users == Words{"bob", "alice"});
  CHECK(two.password_length == 24);
  CHECK(options({"-c", "--generate", "file", "bob"}).task == Task::create);
  CHECK(options({"--generate", "file", "-"}).users.empty());
  CHECK(options({"--generate", "--length", "16", "file", "bob"}).password_length == 16);
  CHECK(options({"--generate", "--only-new", "file", "bob"}).only_new);
  SECTION("their hashes are cheap, as nobody can guess them, unless told otherwise") {
    CHECK(two.recipe.iterations == 1000);
    CHECK(options({"--generate", "-I", "5000", "file", "bob"}).recipe.iterations == 5000);
  }
}

TEST_CASE("where the password comes from") {
  CHECK_FALSE(options({"file", "bob"}).password_descriptor);
  CHECK(options({"--password-stdin", "file", "bob"}).password_descriptor == 0);
  CHECK(options({"--password-fd", "3", "file", "bob"}).password_descriptor == 3);
}

TEST_CASE("what does not go together is refused") {
  const Words words = GENERATE(values<Words>({
      {},
      {"file"},
      {"-b", "file", "bob"},
      {"file", "bob", "secret"},
      {"-c", "-D", "file", "bob"},
      {"-c", "-U", "file"},
      {"-D", "-U", "file"},
      {"-D", "-b", "file", "bob", "x"},
      {"-U", "file", "bob"},
      {"-U", "--password-stdin", "file"},
      {"--list", "--verify", "file"},
      {"-b", "--password-stdin", "file", "bob", "x"},
      {"-H"},
      {"-H", "md5", "file", "bob"},
      {"-I", "0", "file", "bob"},
      {"-I", "5000001", "file", "bob"},
      {"-I", "10x", "file", "bob"},
      {"--memory", "1000000", "file", "bob"},
      {"-x", "file", "bob"},
      {"file", ""},
      {"", "bob"},
      {"file", "a:b"},
      {"file", "a\nb"},
      {"-b", "file", "bob", std::string(65536, 'x')},
      {"--generate", "file"},
      {"--generate"},
      {"--generate", "", "bob"},
      {"--generate", "file", "bob", "bob"},
      {"--generate", "file", "a:b"},
      {"--generate", "file", "-", "bob", "-"},
      {"--generate", "-b", "file", "bob", "x"},
      {"--generate", "--password-stdin", "file", "bob"},
      {"--generate", "-D", "file", "bob"},
      {"--generate", "-U", "file"},
      {"--generate", "--list", "file"},
      {"--generate", "--verify", "file", "bob"},
      {"-c", "--generate", "-", "bob"},
      {"-c", "--generate", "--only-new", "file", "bob"},
      {"--only-new", "file", "bob"},
      {"--length", "20", "file", "bob"},
      {"--generate", "--length", "15", "file", "bob"},
      {"--generate", "--length", "129", "file", "bob"},
  }));
  CAPTURE(words);
  CHECK_FALSE(parse(words).error.empty());
}

TEST_CASE("a name that can no longer be given can still be deleted") {
  CHECK(options({"-D", "file", "a:b"}).user == "a:b");
}
