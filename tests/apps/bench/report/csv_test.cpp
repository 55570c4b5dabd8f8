#include "bench/report/csv.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "apps/bench/samples/folder.h"
#include "apps/bench/samples/sample_result.h"
#include "bench/report/text_file.h"

namespace bench {
namespace {

/// The cells of a row of CSV that ends with a line feed.
std::vector<std::string> cells_of(const std::string& row) {
  std::vector<std::string> cells(1);
  bool is_quoted = false;
  for (const char c : row) {
    if (c == '"') {
      is_quoted = !is_quoted;
    } else if (!is_quoted && c == '\n') {
      break;
    } else if (!is_quoted && c == ',') {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  return cells;
}

std::map<std::string, std::string> row_of(const Result& result) {
  const auto names = cells_of(csv_header());
  const auto cells = cells_of(csv_row(result));
  REQUIRE(names.size() == cells.size());
  std::map<std::string, std::string> row;
  for (std::size_t i = 0; i < names.size(); ++i) row[names[i]] = cells[i];
  CHECK(row.size() == names.size());  // no name twice
  return row;
}

}  // namespace

TEST_CASE("a run is one row of settings, counts and metrics") {
  const auto row = row_of(samples::pair_result());
  CHECK(row.at("scenario") == "pair");
  CHECK(row.at("started_at") == "2026-03-01T12:00:00.250Z");
  CHECK(row.at("window") == "20");
  CHECK(row.at("rate_per_s").empty());
  CHECK(row.at("passed") == "1");
  CHECK(row.at("rate") == "1000");
  CHECK(row.at("loss") == "0");
  CHECK(row.at("cpu/msg_ns") == "2000");
  CHECK(row.at("bytes/connection") == "700");
  CHECK(row.at("end-to-end.max_ns") == "5000000");
  CHECK(row.at("tls.p99_ns").empty());
  CHECK(row.at("connect-rate") == "2500");
}

TEST_CASE("a cell with commas and quotes is quoted") {
  Result result;
  result.settings.command_line = "a \"b\", c";
  CHECK(csv_row(result).starts_with(",\"a \"\"b\"\", c\","));
}

TEST_CASE("runs fill one table") {
  const samples::Folder folder;
  const std::string path = folder.file("runs.csv");
  const Result result = samples::pair_result();
  REQUIRE(append_csv(path, result));
  REQUIRE(append_csv(path, result));
  const std::string row = csv_row(result);
  CHECK(read_file(path) == csv_header() + row + row);

  SECTION("a last row that was cut short stays alone") {
    std::filesystem::resize_file(path, csv_header().size() + 3);
    REQUIRE(append_csv(path, result));
    CHECK(read_file(path) == csv_header() + row.substr(0, 3) + "\n" + row);
  }
  SECTION("a table of other columns is left alone") {
    REQUIRE(write_file(path, "a,b\n1,2\n"));
    const auto appended = append_csv(path, result);
    REQUIRE_FALSE(appended);
    CHECK(appended.error() == "\"" + path +
                                  "\" has different columns from those of this version of mqtt-bench; "
                                  "choose another file");
    CHECK(read_file(path) == std::string("a,b\n1,2\n"));
  }
  SECTION("a file that cannot be written is named") {
    const std::string nowhere = folder.file("missing/runs.csv");
    CHECK(append_csv(nowhere, result).error() ==
          "cannot write \"" + nowhere + "\": No such file or directory");
  }
}

TEST_CASE("the time line is one row per interval") {
  const std::string text = interval_csv(samples::pair_result());
  CHECK(std::count(text.begin(), text.end(), '\n') == 12);
  CHECK(
      text.starts_with("begin_s,length_s,warm_up,published,delivered,connected,p50_ns,p99_ns,max_"
                       "ns,broker_cpu_cores,broker_resident_bytes\n"
                       "0,1,1,1000,1000,200,2500000,4900000,5000000,0.002,4200000\n"
                       "1,1,0,1001,1000,0,2510000,"));
}

TEST_CASE("a file is replaced as a whole, or not at all") {
  const samples::Folder folder;
  const std::string path = folder.file("x.json");
  REQUIRE(write_file(path, "old"));
  REQUIRE(write_file(path, "new"));
  CHECK(read_file(path) == std::string("new"));
  CHECK(read_file(path, 2).error() == "\"" + path + "\" is longer than 2 bytes");
  CHECK(read_file(folder.file("none")).error() ==
        "cannot read \"" + folder.file("none") + "\": No such file or directory");
  std::filesystem::create_directory(folder.file("folder"));
  CHECK_FALSE(read_file(folder.file("folder")));
  CHECK_FALSE(write_file(folder.file("folder"), "text"));
  CHECK(std::distance(std::filesystem::directory_iterator(folder.file("")), {}) == 2);
  CHECK_FALSE(write_file("/dev/full", "text"));
}

}  // namespace bench
