#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"
#include "common/result.h"

namespace common::signal {

/// Upper bounds of the buckets of LatencyCounts, in seconds; the last bucket has none.
inline constexpr std::array<double, 8> kLatencyBoundsSeconds = {0.005, 0.025, 0.1, 0.25,
                                                                0.5,   1,     2.5, 10};

/// Requests by how long they took, each bucket alone.
using LatencyCounts = std::array<std::uint64_t, kLatencyBoundsSeconds.size() + 1>;

/// What one agent knows of one tenant's requests. All `_total` are cumulative since the agent's
/// epoch began and never fall within it.
struct TenantSignal {
  std::string tenant;
  /// Requests that reached the proxy for the tenant, served or not. Empty where no proxy tells.
  std::optional<std::uint64_t> arrivals_total = {};
  std::uint64_t completions_total = 0;  ///< Lines of the access log.
  std::uint64_t errors_total = 0;       ///< As trimtab_tenant_errors_total.
  std::optional<std::uint64_t> in_flight = {};
  std::optional<std::uint64_t> queued = {};
  /// Completions whose duration is known, cumulative. Empty where there are none, and from agents
  /// with other buckets.
  std::optional<LatencyCounts> latency = {};

  friend bool operator==(const TenantSignal&, const TenantSignal&) = default;
};

/// What one agent knows of one running container; of a pod that has several, together.
struct ContainerSignal {
  std::string name_space;
  std::string workload;
  std::string replica;
  std::uint32_t attempt = 0;
  double cpu_seconds_total = 0;  ///< Travels as whole nanoseconds.
  std::uint64_t memory_working_set_bytes = 0;
  std::optional<std::uint64_t> memory_limit_bytes = {};
  std::uint64_t oom_kills_total = 0;

  friend bool operator==(const ContainerSignal&, const ContainerSignal&) = default;
};

/// That the node of an agent will go, or may.
struct NoticeSignal {
  std::string kind;          ///< "spot", "rebalance" or "maintenance"; a reader ignores others.
  WallTime at;               ///< By the agent's clock, for people.
  std::int64_t left_ms = 0;  ///< Until then when the frame was made; may be negative.

  friend bool operator==(const NoticeSignal&, const NoticeSignal&) = default;
};

/// The node that an agent is on, and all notices that it has now: a notice that is no longer there
/// was withdrawn.
struct NodeSignal {
  static constexpr int kVersion = 1;  ///< A reader leaves out a part of another version.

  std::string name;
  std::string zone;
  std::string pool;
  std::vector<NoticeSignal> notices;

  friend bool operator==(const NodeSignal&, const NodeSignal&) = default;
};

/// One message from an agent to the scaler.
///
/// The first frame of a connection is full; later ones carry what changed and what is gone.
/// A frame without changes is a heartbeat. `sequence` counts every frame of an epoch, so that a
/// reader sees a gap (reconnect) or a repeat (ignore).
struct Frame {
  static constexpr int kVersion = 1;

  std::string agent;        ///< The name of the agent, unique among the contributors.
  std::uint64_t epoch = 0;  ///< Changes when the agent's counters begin anew; only grows.
  std::uint64_t sequence = 0;
  bool full = false;
  WallTime sampled_at;  ///< The agent's wall clock, for people; never compared with ours.
  std::vector<TenantSignal> tenants;
  std::vector<ContainerSignal> containers;
  std::vector<std::string> gone_containers;  ///< ContainerKey of each that ended.
  std::optional<NodeSignal> node = {};       ///< In full frames, and where it changed.

  friend bool operator==(const Frame&, const Frame&) = default;
};

/// "namespace/replica/attempt": what names a container within one agent's stream.
[[nodiscard]] std::string ContainerKey(const ContainerSignal& container);

/// The frame on the wire: 4 bytes of length (big endian, of what follows), then one JSON object
/// whose first key is its version.
[[nodiscard]] std::string Encode(const Frame& frame);

/// No frame is larger; a longer length is a protocol error, never an allocation.
inline constexpr std::size_t kMaxFrameBytes = 64UL << 20U;

/// Takes bytes as they come and yields whole frames.
///
/// After a failure the decoder is spent: the caller reconnects. Not thread-safe.
class Decoder {
 public:
  void Append(std::string_view bytes);

  /// The next whole frame, nothing if more bytes are needed, or why the stream makes no sense.
  [[nodiscard]] Result<std::optional<Frame>> Next();

 private:
  std::string buffer_;
  std::size_t consumed_ = 0;
};

}  // namespace common::signal
