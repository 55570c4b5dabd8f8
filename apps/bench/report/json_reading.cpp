#include <cmath>
#include <ctime>
#include <limits>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "bench/report/json.h"
#include "bench/report/result_fields.h"

namespace bench {
namespace {

using Json = nlohmann::json;

/// Reads the fields of one object. A field that is missing or null keeps its default: a result of
/// an older version has fewer. The first field of a wrong kind is kept as the error.
class FieldReader {
 public:
  FieldReader(const Json& object, std::string path, std::string& error)
      : object_(object), path_(std::move(path)), error_(error) {}

  template <class Value>
  void operator()(std::string_view name, Value& value) {
    const auto found = object_.find(std::string(name));
    if (found == object_.end() || found->is_null()) return;
    if (!read(*found, value) && error_.empty()) {
      error_ = fmt::format("{}{}{} is not {}", path_, path_.empty() ? "" : ".", name, kind(value));
    }
  }

 private:
  template <class Number>
  static bool read_whole(const Json& json, Number& value) {
    if (!json.is_number_unsigned()) return false;
    const auto number = json.get<std::uint64_t>();
    if (number > static_cast<std::uint64_t>(std::numeric_limits<Number>::max())) return false;
    value = static_cast<Number>(number);
    return true;
  }

  static bool read(const Json& json, bool& value) {
    if (json.is_boolean()) value = json.get<bool>();
    return json.is_boolean();
  }
  static bool read(const Json& json, std::uint64_t& value) { return read_whole(json, value); }
  static bool read(const Json& json, unsigned& value) { return read_whole(json, value); }
  static bool read(const Json& json, int& value) { return read_whole(json, value); }
  static bool read(const Json& json, double& value) {
    if (json.is_number()) value = json.get<double>();
    return json.is_number();
  }
  static bool read(const Json& json, std::string& value) {
    if (json.is_string()) value = json.get<std::string>();
    return json.is_string();
  }
  static bool read(const Json& json, Seconds& value) {
    double seconds = 0;
    if (!read(json, seconds) || !(seconds >= 0 && seconds <= 1e9)) return false;
    value = Seconds(seconds);
    return true;
  }
  static bool read(const Json& json, std::chrono::system_clock::time_point& value) {
    std::string text;
    if (!read(json, text)) return false;
    std::tm time{};
    const char* const rest = strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &time);
    int thousandths = 0;
    if (rest == nullptr || std::sscanf(rest, ".%3dZ", &thousandths) != 1) return false;
    value = std::chrono::system_clock::from_time_t(timegm(&time)) +
            std::chrono::milliseconds(thousandths);
    return true;
  }
  template <class Value>
  static bool read(const Json& json, std::optional<Value>& value) {
    return read(json, value.emplace());
  }

  static std::string_view kind(bool) { return "true or false"; }
  static std::string_view kind(const std::string&) { return "a string"; }
  static std::string_view kind(double) { return "a number"; }
  static std::string_view kind(Seconds) { return "a number of seconds"; }
  static std::string_view kind(std::chrono::system_clock::time_point) {
    return "a time such as 2026-03-01T12:00:00.250Z";
  }
  static std::string_view kind(std::uint64_t) { return "a whole number"; }
  static std::string_view kind(unsigned) { return "a whole number"; }
  static std::string_view kind(int) { return "a whole number"; }
  template <class Value>
  static std::string_view kind(const std::optional<Value>&) {
    return kind(Value{});
  }

  const Json& object_;
  std::string path_;
  std::string& error_;
};

/// Reads a Result from the outside in. After the first error nothing that was read counts.
class ResultReader {
 public:
  explicit ResultReader(const Json& root) : root_(root) {}

  tl::expected<Result, std::string> read() {
    if (!check_format()) return tl::unexpected(error_);
    Result result;
    visit_outcome(FieldReader(root_, "", error_), result);
    read_object("settings", result.settings,
                [](auto&& visitor, RunSettings& settings) { visit_settings(visitor, settings); });
    read_object("counts", result.counts,
                [](auto&& visitor, Counts& counts) { visit_counts(visitor, counts); });
    const auto visit_process = [](auto&& visitor, ProcessUsage& usage) {
      visit_usage(visitor, usage);
    };
    if (has("broker")) read_object("broker", result.broker.emplace(), visit_process);
    read_object("generator", result.generator, visit_process);
    read_objects("checks", result.checks,
                 [](auto&& visitor, Check& check) { visit_check(visitor, check); });
    read_objects("figures", result.figures,
                 [](auto&& visitor, Figure& figure) { visit_figure(visitor, figure); });
    read_objects("intervals", result.intervals,
                 [](auto&& visitor, Interval& interval) { visit_interval(visitor, interval); });
    read_texts("failures", result.failures);
    read_texts("notes", result.notes);
    read_list("latencies", [&](const Json& item, const std::string& path) {
      result.latencies.push_back(read_latency(item, path));
    });
    if (!error_.empty()) return tl::unexpected(error_);
    return result;
  }

 private:
  bool check_format() {
    if (!root_.is_object() || root_.value("format", Json()) != "mqtt-bench result") {
      return fail("not a result of mqtt-bench");
    }
    const Json version = root_.value("format_version", Json());
    if (version != 1) {
      return fail(fmt::format("unknown format_version {}; this version reads 1", version.dump()));
    }
    return true;
  }

  bool has(const char* key) const {
    const auto found = root_.find(key);
    return found != root_.end() && !found->is_null();
  }

  template <class Object, class Visit>
  void read_object(const char* key, Object& object, Visit visit) {
    if (!has(key)) return;
    if (!root_[key].is_object()) {
      fail(fmt::format("{} is not an object", key));
      return;
    }
    visit(FieldReader(root_[key], key, error_), object);
  }

  template <class ReadItem>
  void read_list(const char* key, ReadItem read_item) {
    if (!has(key)) return;
    const Json& list = root_[key];
    if (!list.is_array()) {
      fail(fmt::format("{} is not an array", key));
      return;
    }
    for (std::size_t i = 0; i < list.size(); ++i) read_item(list[i], fmt::format("{}[{}]", key, i));
  }

  template <class Item, class Visit>
  void read_objects(const char* key, std::vector<Item>& items, Visit visit) {
    read_list(key, [&](const Json& json, const std::string& path) {
      if (json.is_object()) {
        visit(FieldReader(json, path, error_), items.emplace_back());
      } else {
        fail(path + " is not an object");
      }
    });
  }

  void read_texts(const char* key, std::vector<std::string>& texts) {
    read_list(key, [&](const Json& json, const std::string& path) {
      if (json.is_string()) {
        texts.push_back(json.get<std::string>());
      } else {
        fail(path + " is not a string");
      }
    });
  }

  Latency read_latency(const Json& json, const std::string& path) {
    Latency latency;
    if (!json.is_object()) {
      fail(path + " is not an object");
      return latency;
    }
    std::uint64_t min = 0;
    std::uint64_t max = 0;
    double mean = 0;
    FieldReader field(json, path, error_);
    field("name", latency.name);
    field("from_due_time", latency.from_due_time);
    field("min_ns", min);
    field("mean_ns", mean);
    field("max_ns", max);
    const auto steps = read_steps(json.value("histogram", Json::array()));
    auto histogram = steps ? Histogram::from_steps(*steps, min, max, mean) : std::nullopt;
    if (histogram) {
      latency.histogram = *std::move(histogram);
    } else {
      fail(path + ".histogram is not a list of pairs [upper bound in ns, count] that fit the rest");
    }
    return latency;
  }

  static std::optional<std::vector<Histogram::Step>> read_steps(const Json& json) {
    if (!json.is_array()) return std::nullopt;
    std::vector<Histogram::Step> steps;
    for (const Json& pair : json) {
      const bool is_step = pair.is_array() && pair.size() == 2 && pair[0].is_number_unsigned() &&
                           pair[1].is_number_unsigned();
      if (!is_step) return std::nullopt;
      steps.push_back({pair[0].get<std::uint64_t>(), pair[1].get<std::uint64_t>()});
    }
    return steps;
  }

  /// Keeps the first error; false.
  bool fail(std::string message) {
    if (error_.empty()) error_ = std::move(message);
    return false;
  }

  const Json& root_;
  std::string error_;
};

}  // namespace

tl::expected<Result, std::string> result_from_json(std::string_view text) {
  try {
    const Json root = Json::parse(text);
    return ResultReader(root).read();
  } catch (const Json::parse_error& error) {
    return tl::unexpected(fmt::format("invalid JSON at byte {}", error.byte));
  }
}

}  // namespace bench
