#include "common/signal/frame.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cmath>
#include <iterator>
#include <utility>

#include "common/text.h"

namespace common::signal {
namespace {

namespace json = boost::json;

constexpr std::size_t kLengthBytes = 4;
constexpr double kNanosecondsPerSecond = 1e9;

// --- writing ---------------------------------------------------------------------------------
// By hand: the key order is fixed (the version comes first), and names that are not UTF-8 are
// made so, which Boost.JSON's serializer would pass through and its parser refuse.

using Out = std::back_insert_iterator<std::string>;

void WriteOptional(Out out, std::string_view key, const std::optional<std::uint64_t>& value) {
  if (value) {
    fmt::format_to(out, R"(,"{}":{})", key, *value);
  }
}

void WriteOne(Out out, const TenantSignal& tenant) {
  fmt::format_to(out, R"({{"tenant":{},"completions":{},"errors":{})", QuoteJson(tenant.tenant),
                 tenant.completions_total, tenant.errors_total);
  WriteOptional(out, "arrivals", tenant.arrivals_total);
  WriteOptional(out, "inFlight", tenant.in_flight);
  WriteOptional(out, "queued", tenant.queued);
  if (tenant.latency) {
    fmt::format_to(out, R"(,"latency":[{}])", fmt::join(*tenant.latency, ","));
  }
  fmt::format_to(out, "}}");
}

/// Whole nanoseconds, the kernel's own unit: Boost.JSON 1.81 reads fractions a bit off.
std::uint64_t ToNanoseconds(double seconds) {
  constexpr double kMost = 9e18;
  const double nanoseconds = std::round(seconds * kNanosecondsPerSecond);
  // Also where it is not a number at all; JSON has no word for that.
  return nanoseconds >= 0 && nanoseconds <= kMost ? static_cast<std::uint64_t>(nanoseconds) : 0;
}

void WriteOne(Out out, const ContainerSignal& container) {
  fmt::format_to(
      out, R"({{"ns":{},"workload":{},"replica":{},"attempt":{},"cpuNanos":{},"ws":{},"oom":{})",
      QuoteJson(container.name_space), QuoteJson(container.workload), QuoteJson(container.replica),
      container.attempt, ToNanoseconds(container.cpu_seconds_total),
      container.memory_working_set_bytes, container.oom_kills_total);
  WriteOptional(out, "limit", container.memory_limit_bytes);
  fmt::format_to(out, "}}");
}

void WriteOne(Out out, const std::string& text) { fmt::format_to(out, "{}", QuoteJson(text)); }

void WriteOne(Out out, const NoticeSignal& notice) {
  fmt::format_to(out, R"({{"kind":{},"at":{},"leftMs":{}}})", QuoteJson(notice.kind),
                 notice.at.time_since_epoch().count(), notice.left_ms);
}

template <typename T>
void WriteList(Out out, std::string_view key, const std::vector<T>& list) {
  if (list.empty()) {
    return;
  }
  fmt::format_to(out, R"(,"{}":[)", key);
  for (std::size_t index = 0; index < list.size(); ++index) {
    if (index > 0) {
      fmt::format_to(out, ",");
    }
    WriteOne(out, list[index]);
  }
  fmt::format_to(out, "]");
}

void WriteNode(Out out, const NodeSignal& node) {
  fmt::format_to(out, R"(,"node":{{"v":{},"name":{},"zone":{},"pool":{})", NodeSignal::kVersion,
                 QuoteJson(node.name), QuoteJson(node.zone), QuoteJson(node.pool));
  WriteList(out, "notices", node.notices);
  fmt::format_to(out, "}}");
}

// --- reading ---------------------------------------------------------------------------------

Error Misfit(std::string_view key, std::string_view wanted) {
  return Error{std::make_error_code(std::errc::bad_message),
               fmt::format("signal frame: '{}' must be {}", key, wanted)};
}

/// Reads keys of one object and remembers the first that does not fit, so that the code that
/// fills a struct stays a list of keys.
class ObjectReader {
 public:
  explicit ObjectReader(const json::object& object) : object_(object) {}

  template <typename Number>
  void Read(std::string_view key, Number& into) {
    const auto* const value = Find(key);
    if (value == nullptr) {
      Note(key, "present");
      return;
    }
    ReadNumber(key, *value, into);
  }

  void Read(std::string_view key, std::optional<std::uint64_t>& into) {
    if (const auto* const value = Find(key)) {
      ReadNumber(key, *value, into.emplace());
    }
  }

  void Read(std::string_view key, bool& into) {
    const auto* const value = Find(key);
    if (value == nullptr || !value->is_bool()) {
      Note(key, "true or false");
      return;
    }
    into = value->get_bool();
  }

  void Read(std::string_view key, std::string& into) {
    const auto* const value = Find(key);
    if (value == nullptr || !value->is_string()) {
      Note(key, "a string");
      return;
    }
    into.assign(value->get_string());
  }

  /// Calls `read_one` for each element of the list, which may be absent.
  template <typename T, typename ReadOne>
  void ReadList(std::string_view key, std::vector<T>& into, ReadOne read_one) {
    const auto* const value = Find(key);
    if (value == nullptr) {
      return;
    }
    if (!value->is_array()) {
      Note(key, "a list");
      return;
    }
    into.reserve(value->get_array().size());
    for (const auto& element : value->get_array()) {
      if (error_) {
        return;
      }
      auto one = read_one(element);
      if (!one) {
        error_ = one.error();
        return;
      }
      into.push_back(std::move(*one));
    }
  }

  [[nodiscard]] const std::optional<Error>& FirstError() const { return error_; }

 private:
  [[nodiscard]] const json::value* Find(std::string_view key) const {
    return object_.if_contains(key);
  }

  void Note(std::string_view key, std::string_view wanted) {
    if (!error_) {
      error_ = Misfit(key, wanted);
    }
  }

  template <typename Number>
  void ReadNumber(std::string_view key, const json::value& value, Number& into) {
    json::error_code problem;
    const auto number = value.to_number<Number>(problem);
    if (problem) {
      Note(key, "a number in range");
      return;
    }
    into = number;
  }

  const json::object& object_;
  std::optional<Error> error_;
};

Result<std::uint64_t> ReadCount(const json::value& value) {
  json::error_code problem;
  const auto count = value.to_number<std::uint64_t>(problem);
  if (problem) {
    return tl::make_unexpected(Misfit("latency", "a list of numbers in range"));
  }
  return count;
}

Result<TenantSignal> ReadTenant(const json::value& value) {
  if (!value.is_object()) {
    return tl::make_unexpected(Misfit("tenants", "a list of objects"));
  }
  TenantSignal tenant;
  ObjectReader reader(value.get_object());
  reader.Read("tenant", tenant.tenant);
  reader.Read("completions", tenant.completions_total);
  reader.Read("errors", tenant.errors_total);
  reader.Read("arrivals", tenant.arrivals_total);
  reader.Read("inFlight", tenant.in_flight);
  reader.Read("queued", tenant.queued);
  std::vector<std::uint64_t> latency;
  reader.ReadList("latency", latency, ReadCount);
  if (reader.FirstError()) {
    return tl::make_unexpected(*reader.FirstError());
  }
  // Of another number of buckets nobody knows which they are.
  if (latency.size() == std::tuple_size_v<LatencyCounts>) {
    std::copy(latency.begin(), latency.end(), tenant.latency.emplace().begin());
  }
  return tenant;
}

Result<ContainerSignal> ReadContainer(const json::value& value) {
  if (!value.is_object()) {
    return tl::make_unexpected(Misfit("containers", "a list of objects"));
  }
  ContainerSignal container;
  std::uint64_t cpu_nanoseconds = 0;
  ObjectReader reader(value.get_object());
  reader.Read("ns", container.name_space);
  reader.Read("workload", container.workload);
  reader.Read("replica", container.replica);
  reader.Read("attempt", container.attempt);
  reader.Read("cpuNanos", cpu_nanoseconds);
  reader.Read("ws", container.memory_working_set_bytes);
  reader.Read("limit", container.memory_limit_bytes);
  reader.Read("oom", container.oom_kills_total);
  if (reader.FirstError()) {
    return tl::make_unexpected(*reader.FirstError());
  }
  container.cpu_seconds_total = static_cast<double>(cpu_nanoseconds) / kNanosecondsPerSecond;
  return container;
}

Result<NoticeSignal> ReadNotice(const json::value& value) {
  if (!value.is_object()) {
    return tl::make_unexpected(Misfit("notices", "a list of objects"));
  }
  NoticeSignal notice;
  std::int64_t at = 0;
  ObjectReader reader(value.get_object());
  reader.Read("kind", notice.kind);
  reader.Read("at", at);
  reader.Read("leftMs", notice.left_ms);
  if (reader.FirstError()) {
    return tl::make_unexpected(*reader.FirstError());
  }
  notice.at = WallTime(std::chrono::milliseconds(at));
  return notice;
}

/// Nothing where there is none, or one of another version.
Result<std::optional<NodeSignal>> ReadNode(const json::object& frame) {
  const auto* const value = frame.if_contains("node");
  if (value == nullptr) {
    return std::nullopt;
  }
  if (!value->is_object()) {
    return tl::make_unexpected(Misfit("node", "an object"));
  }
  NodeSignal node;
  int version = 0;
  ObjectReader reader(value->get_object());
  reader.Read("v", version);
  if (!reader.FirstError() && version != NodeSignal::kVersion) {
    return std::nullopt;
  }
  reader.Read("name", node.name);
  reader.Read("zone", node.zone);
  reader.Read("pool", node.pool);
  reader.ReadList("notices", node.notices, ReadNotice);
  if (reader.FirstError()) {
    return tl::make_unexpected(*reader.FirstError());
  }
  return std::optional<NodeSignal>(std::move(node));
}

Result<std::string> ReadText(const json::value& value) {
  if (!value.is_string()) {
    return tl::make_unexpected(Misfit("gone", "a list of strings"));
  }
  return std::string(value.get_string());
}

/// Refuses what a newer agent says, before anything of it is understood.
std::optional<Error> CheckVersion(const json::object& object) {
  int version = 0;
  ObjectReader reader(object);
  reader.Read("v", version);
  if (reader.FirstError()) {
    return reader.FirstError();
  }
  if (version != Frame::kVersion) {
    return Error{std::make_error_code(std::errc::not_supported),
                 fmt::format("signal frame: version {} is not the version {} that this program "
                             "reads; run the same release on both ends",
                             version, Frame::kVersion)};
  }
  return std::nullopt;
}

Result<Frame> ReadFrame(const json::object& object) {
  if (const auto problem = CheckVersion(object)) {
    return tl::make_unexpected(*problem);
  }
  Frame frame;
  std::int64_t sampled_at = 0;
  ObjectReader reader(object);
  reader.Read("agent", frame.agent);
  reader.Read("epoch", frame.epoch);
  reader.Read("seq", frame.sequence);
  reader.Read("full", frame.full);
  reader.Read("at", sampled_at);
  reader.ReadList("tenants", frame.tenants, ReadTenant);
  reader.ReadList("containers", frame.containers, ReadContainer);
  reader.ReadList("gone", frame.gone_containers, ReadText);
  if (reader.FirstError()) {
    return tl::make_unexpected(*reader.FirstError());
  }
  frame.sampled_at = WallTime(std::chrono::milliseconds(sampled_at));
  return ReadNode(object).map([&](std::optional<NodeSignal> node) {
    frame.node = std::move(node);
    return std::move(frame);
  });
}

Result<Frame> ParseFrame(std::string_view text) {
  json::error_code problem;
  const auto value = json::parse(text, problem);
  if (problem) {
    return Fail(std::errc::bad_message, "signal frame: not JSON: " + problem.message());
  }
  if (!value.is_object()) {
    return Fail(std::errc::bad_message, "signal frame: not a JSON object");
  }
  return ReadFrame(value.get_object());
}

std::size_t ReadLength(std::string_view bytes) {
  std::size_t length = 0;
  for (const char byte : bytes.substr(0, kLengthBytes)) {
    length = length << 8U | static_cast<unsigned char>(byte);
  }
  return length;
}

}  // namespace

std::string ContainerKey(const ContainerSignal& container) {
  return fmt::format("{}/{}/{}", container.name_space, container.replica, container.attempt);
}

std::string Encode(const Frame& frame) {
  std::string bytes(kLengthBytes, '\0');
  const Out out(bytes);
  fmt::format_to(out, R"({{"v":{},"agent":{},"epoch":{},"seq":{},"full":{},"at":{})",
                 Frame::kVersion, QuoteJson(frame.agent), frame.epoch, frame.sequence, frame.full,
                 frame.sampled_at.time_since_epoch().count());
  WriteList(out, "tenants", frame.tenants);
  WriteList(out, "containers", frame.containers);
  WriteList(out, "gone", frame.gone_containers);
  if (frame.node) {
    WriteNode(out, *frame.node);
  }
  bytes += '}';
  const auto length = bytes.size() - kLengthBytes;
  for (std::size_t index = 0; index < kLengthBytes; ++index) {
    bytes[index] = static_cast<char>(length >> 8U * (kLengthBytes - 1 - index) & 0xFFU);
  }
  return bytes;
}

void Decoder::Append(std::string_view bytes) {
  // Moves the rest to the front only where that frees at least half, so that many small frames
  // in one buffer do not cost a copy each.
  if (consumed_ > buffer_.size() / 2) {
    buffer_.erase(0, consumed_);
    consumed_ = 0;
  }
  buffer_.append(bytes);
}

Result<std::optional<Frame>> Decoder::Next() {
  const auto rest = std::string_view(buffer_).substr(consumed_);
  if (rest.size() < kLengthBytes) {
    return std::nullopt;
  }
  const auto length = ReadLength(rest);
  if (length > kMaxFrameBytes) {
    return Fail(std::errc::bad_message,
                fmt::format("signal frame: a length of {} bytes is above the limit of {}; is this "
                            "a stream of signals?",
                            length, kMaxFrameBytes));
  }
  if (rest.size() - kLengthBytes < length) {
    return std::nullopt;
  }
  auto frame = ParseFrame(rest.substr(kLengthBytes, length));
  if (!frame) {
    // The bytes stay, so that a spent decoder goes on failing.
    return tl::make_unexpected(frame.error());
  }
  consumed_ += kLengthBytes + length;
  return std::optional<Frame>(std::move(*frame));
}

}  // namespace common::signal
