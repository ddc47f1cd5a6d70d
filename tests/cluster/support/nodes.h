#pragma once

#include <string>

namespace cluster {

/// A List of nodes for KWOK, `count` of them from number `first` on: zones a, b and c in turn, with
/// the labels by which zone and capacity type ("on-demand", "spot") are told.
[[nodiscard]] std::string Nodes(int count, const std::string& capacity_type = "on-demand",
                                int first = 0);

}  // namespace cluster
