#include "scaler/kubernetes/leadership/shards.h"

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "common/json_writer.h"
#include "common/text.h"
#include "scaler/codec/codec.h"

namespace scaler::kubernetes::leadership {
namespace {

constexpr std::size_t kLongestName = 512;  ///< "namespace/name": 63 + 1 + 253, and to spare.

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
                  engine::Time(engine::Duration(seen))};
  if (std::max(one.seen, loop::LatestTime(one.state)) > not_after) {
    return fail(
        "a line is of the future: the clock of the machine that wrote it is wrong, or ours");
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

std::string EncodeKnown(const std::string& workload, const engine::State& state, engine::Time since,
                        engine::Time seen) {
  common::JsonWriter json;
  json.BeginObject();
  json.Key("workload").String(workload);
  json.Key("since_ms").Integer(Milliseconds(since));
  json.Key("seen_ms").Integer(Milliseconds(seen));
  json.Key("state").Raw(codec::EncodeState(state));
  json.EndObject();
  return json.Take();
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
  shard.text.reserve(bytes);
  for (const auto& line : lines) {
    shard.text += line;
    shard.text += '\n';
  }
  return shard;
}

ShardContent DecodeShard(std::string_view text, engine::Time not_after) {
  ShardContent content;
  while (!text.empty()) {
    const auto line = common::TakeLine(text);
    if (const auto read = DecodeLine(line, not_after, content.known); !read) {
      if (content.broken++ == 0) {
        content.first_problem = read.error().what;
      }
    }
  }
  return content;
}

}  // namespace scaler::kubernetes::leadership
