#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"
#include "scaler/engine/capacity/state.h"

namespace scaler::codec {

/// Nodes that were asked for and are not all to be seen yet. Written before the provider is asked,
/// so that whoever comes back asks with the same token, and no node is made twice.
struct OpenOrder {
  std::string token;
  std::string pool;  ///< The policy's name for it.
  std::string zone;
  int nodes = 0;
  engine::Time at{};
  bool taken = false;             ///< The provider has said yes.
  std::vector<std::string> seen;  ///< Nodes that were made for it.

  friend bool operator==(const OpenOrder&, const OpenOrder&) = default;
};

/// What was made of a node, so that each of its steps counts once.
struct KnownNode {
  std::string name;
  std::string pool;
  std::string zone;
  bool was_ready = false;
  bool noticed = false;   ///< Its interruption has been counted.
  bool removing = false;  ///< We want it gone.
  bool emptied = false;   ///< Its drain came to its end.
  bool missed = false;    ///< Its time came before it was empty.

  friend bool operator==(const KnownNode&, const KnownNode&) = default;
};

/// Everything that the decisions about nodes remember beside the nodes themselves.
struct CapacityMemory {
  std::string policy;  ///< By which it was learnt.
  engine::capacity::CapacityState state;
  std::vector<OpenOrder> orders;
  std::vector<KnownNode> nodes;       ///< By name.
  std::vector<std::string> unwanted;  ///< Nodes that a person wants emptied, by name.

  friend bool operator==(const CapacityMemory&, const CapacityMemory&) = default;
};

[[nodiscard]] std::string EncodeCapacityMemory(const CapacityMemory& memory);

/// bad_message where the text is none.
[[nodiscard]] common::Result<CapacityMemory> DecodeCapacityMemory(std::string_view text);

}  // namespace scaler::codec
