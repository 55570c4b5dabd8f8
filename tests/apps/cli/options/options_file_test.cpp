#include "cli/options/options_file.h"

#include <CLI/CLI.hpp>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "cli/connection/connection_options.h"
#include "cli/options/command_line.h"
#include "cli/options/topic_check.h"

using Words = std::vector<std::string>;

namespace {

std::vector<Words> words_of(std::string_view text) {
  std::vector<Words> words;
  for (const cli::OptionsLine& line : cli::parse_options_file(text)) words.push_back(line.words);
  return words;
}

/// A folder that is the user's configuration folder as long as it lives.
class ConfigurationFolder {
 public:
  ConfigurationFolder() {
    std::string name = std::filesystem::temp_directory_path() / "mqtt-options-XXXXXX";
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
    setenv("XDG_CONFIG_HOME", path_.c_str(), 1);
  }
  ~ConfigurationFolder() {
    unsetenv("XDG_CONFIG_HOME");
    std::filesystem::remove_all(path_);
  }
  ConfigurationFolder(const ConfigurationFolder&) = delete;
  ConfigurationFolder& operator=(const ConfigurationFolder&) = delete;

  std::string write(const std::string& name, const std::string& text) const {
    const std::filesystem::path path = path_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
    return path;
  }

 private:
  std::filesystem::path path_;
};

/// A small tool with options files; what its setters heard, or the text of the refusal.
Words heard(const std::string& name, Words words) {
  Words all;
  const auto app = cli::make_app(name, "A tool", "");
  cli::add_value(*app, "-h,--host", "HOST", "", [&all](const std::string& value) {
    all.push_back("host=" + value);
    return cli::Verdict();
  });
  cli::add_value(*app, "-D,--property", "WORDS", "", [&all](const std::string& joined) {
    std::string text = "property";
    for (const std::string& word : cli::split_words(joined)) text += " <" + word + ">";
    all.push_back(text);
    return cli::Verdict();
  });
  cli::add_switch(*app, "-v,--verbose", "", [&all] {
    all.emplace_back("verbose");
    return cli::Verdict();
  });
  cli::bind_options_files(*app);
  const auto parsed = cli::parse_command_line(*app, std::move(words));
  if (!parsed) return {parsed.error().text};
  return all;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("An options file has one option in each line, with its value to the end of the line") {
  CHECK(words_of("-h host\n-v\n--message  two words \n") ==
        std::vector<Words>{{"-h", "host"}, {"-v"}, {"--message", " two words "}});
  SECTION("blank lines, blanks before an option, comments and line ends count for nothing") {
    CHECK(words_of("\n# -x\r\n  -h a\r\n   \n-v") == std::vector<Words>{{"-h", "a"}, {"-v"}});
    CHECK(words_of(" # no comment") == std::vector<Words>{{"#", "no comment"}});
    CHECK(words_of("-v  \n\t-v\t\n-h\tx\n") == std::vector<Words>{{"-v"}, {"-v"}, {"-h", "x"}});
    CHECK(words_of("").empty());
  }
  SECTION("a line may be as long as it likes") {
    const std::string value(5000, 'x');
    CHECK(words_of("-P " + value) == std::vector<Words>{{"-P", value}});
  }
  SECTION("the words of a property are cut, its last one keeps its spaces") {
    CHECK(words_of("-D publish content-type text/plain; charset=utf-8\n"
                   "--property connect User-Property a b c\n-D publish") ==
          std::vector<Words>{{"-D", "publish", "content-type", "text/plain; charset=utf-8"},
                             {"--property", "connect", "User-Property", "a", "b c"},
                             {"-D", "publish", "", ""}});
  }
  SECTION("another options file is not looked for") {
    CHECK(words_of("-o other\n-v") == std::vector<Words>{{"-v"}});
  }
  SECTION("lines are counted as an editor does") {
    const auto lines = cli::parse_options_file("# one\n\n-v\n");
    REQUIRE(lines.size() == 1);
    CHECK(lines.front().number == 3);
  }
}

TEST_CASE("The value of a line is trimmed, unless it is what is published") {
  using cli::FileValue;
  CHECK(cli::file_value(" \t a b \t", FileValue::text) == "a b");
  CHECK(cli::file_value(" a # b ", FileValue::text) == "a # b");
  CHECK(cli::file_value(" a \t", FileValue::content) == " a \t");
  CHECK(cli::file_value(" 1883\t", FileValue::number) == "1883");
  SECTION("behind a number a comment may stand, as where numbers are read up to a blank") {
    CHECK(cli::file_value("1883 # c", FileValue::number) == "1883");
    CHECK(cli::file_value("1883\t#", FileValue::number) == "1883");
    CHECK(cli::file_value("1883 c", FileValue::number) == "1883 c");
    CHECK(cli::file_value("1883#c", FileValue::number) == "1883#c");
  }
}

TEST_CASE("The options of the tools are told apart by what they take") {
  const ConfigurationFolder folder;
  const auto read = [&folder](const std::string& text) {
    folder.write("mqtt-tool", text);
    cli::ConnectionOptions options;
    const auto app = cli::make_app("mqtt-tool", "A tool", "");
    cli::bind_connection_options(*app, options, cli::check_topic_name, "Topic");
    cli::bind_options_files(*app);
    const auto parsed = cli::parse_command_line(*app, {"-t", "t"});
    INFO((parsed ? std::string() : parsed.error().text));
    REQUIRE(parsed);
    return options;
  };
  const std::string port =
      GENERATE("-p  1883", "-p 1883 ", "-p 1883\t", "-p 1883 # c", "-p\t1883", "--port 1883\r");
  CHECK(read(port + "\n").port == 1883);
  CHECK(read("-h  host \n").host == "host");
  CHECK(read("-k 30 # s\n").keep_alive_s == 30);
  CHECK(read("-P  a # b \n").password == " a # b ");
}

TEST_CASE("A tool reads its options file before its command line") {
  const ConfigurationFolder folder;
  SECTION("without one there is nothing to read") {
    CHECK(heard("mqtt-tool", {"-v"}) == Words{"verbose"});
  }
  SECTION("under its own name, or that of the tool it stands in for") {
    folder.write("mosquitto_tool", "-h old\n");
    CHECK(heard("mqtt-tool", {"-h", "x"}) == Words{"host=old", "host=x"});
    CHECK(heard("mqtt-other", {"-v"}) == Words{"verbose"});
    folder.write("mqtt-tool", "-h own\n-D publish user-property k v\n");
    CHECK(heard("mqtt-tool", {}) ==
          Words{"host=own", "property <publish> <user-property> <k> <v>"});
  }
  SECTION("option -o names another one instead") {
    folder.write("mqtt-tool", "-h own\n");
    const std::string other = folder.write("other", "-h other\n");
    CHECK(heard("mqtt-tool", {"-v", "-o", other}) == Words{"host=other", "verbose"});
    CHECK(contains(heard("mqtt-tool", {"-o", other, "-o", other}).front(), "-o"));
    CHECK(heard("mqtt-tool", {"-v", "-o", other + "-not-there"}) == Words{"verbose"});
  }
  SECTION("profiles come behind it, in their order") {
    folder.write("mqtt-tool", "-h own\n");
    folder.write("mqtt/profiles/work", "-h work\n");
    folder.write("mqtt/profiles/home", "-h home\n-v\n");
    CHECK(heard("mqtt-tool", {"-h", "x", "--profile", "work", "--profile=home"}) ==
          Words{"host=own", "host=work", "host=home", "verbose", "host=x"});
    const std::string text = heard("mqtt-tool", {"--profile", "worl"}).front();
    CHECK(contains(text, "did you mean \"work\""));
    CHECK(contains(text, "home"));
    CHECK(contains(heard("mqtt-tool", {"--profile", "../mqtt-tool"}).front(), "not the name"));
  }
  SECTION("what is wrong in it is said with file and line") {
    const std::string path = folder.write("mqtt-tool", "-v\n\n--hots x\n");
    CHECK(contains(heard("mqtt-tool", {}).front(), path + ":3: unknown option '--hots'"));
    folder.write("mqtt-tool", "-v yes\n");
    CHECK(contains(heard("mqtt-tool", {}).front(), path + ":1: \"yes\""));
    folder.write("mqtt-tool", "-h\n");
    CHECK(contains(heard("mqtt-tool", {}).front(), path + ":1: -h"));
  }
}

TEST_CASE("Without a configuration folder it is looked for in the home") {
  unsetenv("XDG_CONFIG_HOME");
  setenv("HOME", "/home/someone", 1);
  CHECK(cli::configuration_folder() == "/home/someone/.config");
  setenv("XDG_CONFIG_HOME", "/somewhere", 1);
  CHECK(cli::configuration_folder() == "/somewhere");
  unsetenv("XDG_CONFIG_HOME");
}
