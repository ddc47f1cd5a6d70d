#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"
#include "scaler/codec/capacity_memory.h"
#include "scaler/loop/shadow.h"

namespace scaler::kubernetes::leadership {

/// Of the texts of a checkpoint. States have keys that may be missing and keys that nobody knows;
/// what changes the meaning of one needs another version.
inline constexpr int kCheckpointVersion = 2;

/// What every text begins with: a line.
[[nodiscard]] std::string Header();

/// The text without its header; not_supported where that is of another version or not there.
[[nodiscard]] common::Result<std::string_view> WithoutHeader(std::string_view text);

/// In which of `shards` a workload is: the same in every process and version.
[[nodiscard]] std::size_t ShardOf(std::string_view workload, std::size_t shards);

/// One workload's line of a shard.
[[nodiscard]] std::string EncodeKnown(const std::string& workload, const loop::KnownView& known);

/// The same to be compared: two are equal where nothing has changed but the time (AtRest).
[[nodiscard]] std::string EncodeAtRest(const std::string& workload, const loop::KnownView& known);

/// A header and lines, the largest left out as long as they together take more than `limit` bytes;
/// nothing where there are no lines.
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

/// Fails only for another version: a line that cannot be read costs only itself. What reaches
/// further than `not_after` is of a clock that cannot be believed, and counts as broken.
[[nodiscard]] common::Result<ShardContent> DecodeShard(std::string_view text,
                                                       engine::Time not_after);

/// What is remembered of nodes, as a text of its own.
[[nodiscard]] std::string EncodeNodes(const codec::CapacityMemory& memory);
[[nodiscard]] common::Result<codec::CapacityMemory> DecodeNodes(std::string_view text,
                                                                engine::Time not_after);

}  // namespace scaler::kubernetes::leadership
