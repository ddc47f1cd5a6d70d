#include "scaler/kubernetes/leadership/shards.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "common/json_writer.h"
#include "common/text.h"
#include "scaler/codec/codec.h"
#include "scaler/kubernetes/leadership/at_rest.h"

namespace scaler::kubernetes::leadership {
namespace {

constexpr std::size_t kLongestName = 512;  ///< "namespace/name": 63 + 1 + 253, and to spare.

constexpr const char* kOfTheFuture =
    "a line is of the future: the clock of the machine that wrote it is wrong, or ours";

/// Longer takes no start that anybody waits for.
constexpr std::int64_t kLongestLead = 24LL * 3600 * 1000;

std::optional<engine::Duration> LeadIn(simdjson::dom::element line) {
  std::int64_t lead = 0;
  const bool is_there = line["lead_ms"].get(lead) == simdjson::SUCCESS;
  return is_there && lead >= 0 && lead <= kLongestLead ? std::optional(engine::Duration(lead))
                                                       : std::nullopt;
}

std::int64_t Milliseconds(engine::Time time) { return time.time_since_epoch().count(); }

common::Result<void> DecodeLine(std::string_view line, engine::Time not_after,
                                std::map<std::string, loop::Known>& known) {
  const auto fail = [](const char* why) { return common::Fail(std::errc::bad_message, why); };
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  std::string_view workload;
  std::int64_t since = 0;
  std::int64_t seen = 0;
  simdjson::dom::element state;
  if (parser.parse(simdjson::padded_string(line)).get(document) != simdjson::SUCCESS ||
      document["workload"].get(workload) != simdjson::SUCCESS ||
      document["since_ms"].get(since) != simdjson::SUCCESS ||
      document["seen_ms"].get(seen) != simdjson::SUCCESS ||
      document["state"].get(state) != simdjson::SUCCESS) {
    return fail("a line is no state of a workload");
  }
  if (workload.empty() || workload.size() > kLongestName || since < 0 || seen < since) {
    return fail("a line has a name or times that cannot be");
  }
  auto decoded = codec::DecodeState(simdjson::minify(state));
  if (!decoded) {
    return tl::make_unexpected(decoded.error());
  }
  loop::Known one{std::move(*decoded), engine::Time(engine::Duration(since)),
                  engine::Time(engine::Duration(seen)), LeadIn(document)};
  if (std::max(one.seen, loop::LatestTime(one.state)) > not_after) {
    return fail(kOfTheFuture);
  }
  known.insert_or_assign(std::string(workload), std::move(one));
  return {};
}

}  // namespace

std::size_t ShardOf(std::string_view workload, std::size_t shards) {
  std::uint64_t hash = 14695981039346656037ULL;  // FNV-1a.
  for (const char c : workload) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  }
  return static_cast<std::size_t>(hash % shards);
}

std::string Header() { return fmt::format("{{\"checkpoint\":{}}}\n", kCheckpointVersion); }

common::Result<std::string_view> WithoutHeader(std::string_view text) {
  const auto line = common::TakeLine(text);
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  std::int64_t version = 0;
  if (parser.parse(simdjson::padded_string(line)).get(document) != simdjson::SUCCESS ||
      document["checkpoint"].get(version) != simdjson::SUCCESS) {
    return common::Fail(std::errc::not_supported, "it does not say of which version it is");
  }
  if (version != kCheckpointVersion) {
    return common::Fail(std::errc::not_supported,
                        fmt::format("it is of version {}, and this scaler knows version {}",
                                    version, kCheckpointVersion));
  }
  return text;
}

std::string EncodeKnown(const std::string& workload, const loop::KnownView& known) {
  common::JsonWriter json;
  json.BeginObject();
  json.Key("workload").String(workload);
  json.Key("since_ms").Integer(Milliseconds(known.since));
  json.Key("seen_ms").Integer(Milliseconds(known.seen));
  if (known.lead) {
    json.Key("lead_ms").Integer(known.lead->count());
  }
  json.Key("state").Raw(codec::EncodeState(known.state));
  json.EndObject();
  return json.Take();
}

std::string EncodeAtRest(const std::string& workload, const loop::KnownView& known) {
  const auto state = AtRest(known.state, known.seen);
  return EncodeKnown(workload, {state, known.since, engine::Time{}, known.lead});
}

ShardText JoinLines(std::vector<std::string> lines, std::size_t limit) {
  std::size_t bytes = 0;
  for (const auto& line : lines) {
    bytes += line.size() + 1;
  }
  ShardText shard;
  while (bytes > limit && !lines.empty()) {
    const auto largest = std::max_element(
        lines.begin(), lines.end(),
        [](const auto& left, const auto& right) { return left.size() < right.size(); });
    bytes -= largest->size() + 1;
    lines.erase(largest);
    ++shard.left_out;
  }
  if (lines.empty()) {
    return shard;
  }
  shard.text = Header();
  shard.text.reserve(shard.text.size() + bytes);
  for (const auto& line : lines) {
    shard.text += line;
    shard.text += '\n';
  }
  return shard;
}

common::Result<ShardContent> DecodeShard(std::string_view text, engine::Time not_after) {
  ShardContent content;
  if (text.empty()) {
    return content;
  }
  auto lines = WithoutHeader(text);
  if (!lines) {
    return tl::make_unexpected(lines.error());
  }
  while (!lines->empty()) {
    const auto line = common::TakeLine(*lines);
    if (const auto read = DecodeLine(line, not_after, content.known); !read) {
      if (content.broken++ == 0) {
        content.first_problem = read.error().what;
      }
    }
  }
  return content;
}

std::string EncodeNodes(const codec::CapacityMemory& memory) {
  return Header() + codec::EncodeCapacityMemory(memory) + "\n";
}

common::Result<codec::CapacityMemory> DecodeNodes(std::string_view text, engine::Time not_after) {
  return WithoutHeader(text)
      .and_then([](std::string_view memory) { return codec::DecodeCapacityMemory(memory); })
      .and_then([&](codec::CapacityMemory memory) -> common::Result<codec::CapacityMemory> {
        if (memory.state.seen_until.value_or(engine::Time{}) > not_after) {
          return common::Fail(std::errc::bad_message, kOfTheFuture);
        }
        return memory;
      });
}

}  // namespace scaler::kubernetes::leadership
