#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/result.h"
#include "scaler/local/cloud/state.h"
#include "scaler/platform/node_provider.h"

/// What is said over the cloud's socket, as JSON. Both ends are on one machine since one boot, so
/// instants travel as they are on CLOCK_MONOTONIC.
namespace scaler::local::cloud {

/// A node with what only operators ask for.
struct ListedNode {
  platform::ProvidedNode node;
  std::string metadata;  ///< "127.0.0.1:20310"; empty without a metadata service.
  std::optional<Notice> reclaim;
  std::optional<Notice> maintenance;
  std::optional<common::WallTime> rebalance;
};

struct Listing {
  std::int64_t revision = 0;
  std::vector<ListedNode> nodes;             ///< By name.
  std::vector<platform::PlaceOffer> offers;  ///< By pool, then zone.
  std::vector<Account> accounts;             ///< By pool, living nodes included.
  std::vector<Trouble> troubles;
  std::vector<Quota> quotas;  ///< Of every pool.
};

/// What an operator asks for. Which fields matter depends on `what`.
struct Mischief {
  enum class What {
    kReclaim,      ///< `node` is taken after `after`.
    kWithdraw,     ///< `node` is not taken after all.
    kRebalance,    ///< `node` may be taken sooner than others.
    kMaintenance,  ///< `node` goes for maintenance after `after`.
    kZoneDown,     ///< All nodes of `zone` are gone at once, and it has none for `after`.
    kTrouble,      ///< `kind` for `pool` and `zone` (or all), for `after`.
    kCalm,         ///< No trouble any more.
    kQuota,        ///< At most `nodes` in `pool`.
  };

  What what = What::kReclaim;
  std::string node = {};
  std::string pool = {};
  std::string zone = {};
  std::optional<std::chrono::milliseconds> after = {};  ///< Empty: as is usual.
  Trouble::Kind kind = Trouble::Kind::kStockOut;
  double share = 1;
  std::chrono::milliseconds by{0};
  int nodes = 0;
};

[[nodiscard]] std::string Encode(const Listing& listing);
[[nodiscard]] common::Result<Listing> DecodeListing(const std::string& text);
[[nodiscard]] std::string Encode(const platform::NodeOrder& order);
[[nodiscard]] common::Result<platform::NodeOrder> DecodeOrder(const std::string& text);
[[nodiscard]] std::string Encode(const platform::Refusal& refusal);
[[nodiscard]] common::Result<platform::Refusal> DecodeRefusal(const std::string& text);
[[nodiscard]] std::string Encode(const Mischief& mischief);
[[nodiscard]] common::Result<Mischief> DecodeMischief(const std::string& text);

/// "stock-out", as the command line and the wire have it.
[[nodiscard]] std::string_view WordOf(Trouble::Kind kind);

}  // namespace scaler::local::cloud
