#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"
#include "scaler/loop/shadow.h"

namespace scaler::kubernetes::leadership {

/// In which of `shards` a workload is: the same in every process and version.
[[nodiscard]] std::size_t ShardOf(std::string_view workload, std::size_t shards);

/// One workload's line of a shard.
[[nodiscard]] std::string EncodeKnown(const std::string& workload, const engine::State& state,
                                      engine::Time since, engine::Time seen);

/// The lines of a shard, the largest left out as long as all together take more than `limit` bytes.
struct ShardText {
  std::string text;
  std::size_t left_out = 0;
};
[[nodiscard]] ShardText JoinLines(std::vector<std::string> lines, std::size_t limit);

/// What a shard says.
struct ShardContent {
  std::map<std::string, loop::Known> known;
  std::size_t broken = 0;     ///< Lines that cannot be read.
  std::string first_problem;  ///< Why the first of them cannot.
};

/// Never fails: a line that cannot be read costs only itself. What reaches further than
/// `not_after` is of a clock that cannot be believed, and counts as broken.
[[nodiscard]] ShardContent DecodeShard(std::string_view text, engine::Time not_after);

}  // namespace scaler::kubernetes::leadership
