#include "srv_record.h"

#include <arpa/nameser.h>
#include <resolv.h>

#include <algorithm>
#include <array>

#include "connect_error.h"

namespace mqtt::io {
namespace {

/// Priority, weight and port stand before the target.
constexpr std::size_t fixed_size = 6;

bool read_record(const ns_msg& message, const ns_rr& resource, SrvRecord& record) {
  if (ns_rr_rdlen(resource) <= fixed_size) return false;
  const unsigned char* const data = ns_rr_rdata(resource);
  record.priority = static_cast<std::uint16_t>(ns_get16(data));
  record.weight = static_cast<std::uint16_t>(ns_get16(data + 2));
  record.port = static_cast<std::uint16_t>(ns_get16(data + 4));
  std::array<char, NS_MAXDNAME> name{};
  if (ns_name_uncompress(ns_msg_base(message), ns_msg_end(message), data + fixed_size, name.data(),
                         name.size()) < 0) {
    return false;
  }
  record.target = name.data();
  if (record.target.empty()) record.target = ".";
  return true;
}

/// Those of one priority. The heavier a record, the more likely it is the next one; weight 0 has a
/// small chance because it comes first [RFC 2782].
void shuffle(std::vector<SrvRecord>::iterator begin, std::vector<SrvRecord>::iterator end,
             const std::function<std::uint32_t(std::uint32_t)>& pick) {
  std::stable_partition(begin, end, [](const SrvRecord& one) { return one.weight == 0; });
  for (; end - begin > 1; ++begin) {
    std::uint32_t sum = 0;
    std::for_each(begin, end, [&sum](const SrvRecord& one) { sum += one.weight; });
    const std::uint32_t drawn = pick(sum);
    std::uint32_t running = 0;
    const auto chosen = std::find_if(begin, end, [&](const SrvRecord& one) {
      running += one.weight;
      return running >= drawn;
    });
    std::rotate(begin, chosen, chosen + 1);
  }
}

}  // namespace

tl::expected<std::vector<SrvRecord>, int> parse_srv_answer(ByteView bytes) {
  ns_msg message{};
  if (ns_initparse(bytes.data(), static_cast<int>(bytes.size()), &message) != 0) {
    return tl::unexpected<int>(bad_service_answer);
  }
  std::vector<SrvRecord> records;
  const int count = ns_msg_count(message, ns_s_an);
  for (int i = 0; i < count && records.size() < max_srv_records; ++i) {
    ns_rr resource{};
    if (ns_parserr(&message, ns_s_an, i, &resource) != 0) {
      return tl::unexpected<int>(bad_service_answer);
    }
    if (ns_rr_type(resource) != ns_t_srv || ns_rr_class(resource) != ns_c_in) continue;
    SrvRecord record;
    if (!read_record(message, resource, record)) return tl::unexpected<int>(bad_service_answer);
    records.push_back(std::move(record));
  }
  if (records.empty()) return tl::unexpected<int>(no_such_service);
  const auto is_nobody = [](const SrvRecord& one) { return one.target == "."; };
  records.erase(std::remove_if(records.begin(), records.end(), is_nobody), records.end());
  if (records.empty()) return tl::unexpected<int>(service_not_offered);
  return records;
}

void order_by_weight(std::vector<SrvRecord>& records,
                     const std::function<std::uint32_t(std::uint32_t most)>& pick) {
  std::stable_sort(records.begin(), records.end(),
                   [](const SrvRecord& a, const SrvRecord& b) { return a.priority < b.priority; });
  for (auto begin = records.begin(); begin != records.end();) {
    const auto end = std::find_if(begin, records.end(), [begin](const SrvRecord& one) {
      return one.priority != begin->priority;
    });
    shuffle(begin, end, pick);
    begin = end;
  }
}

}  // namespace mqtt::io
