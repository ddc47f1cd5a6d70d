#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "common/result.h"
#include "scaler/backtest/spot/market.h"

namespace scaler::backtest::spot {

/// Reads recorded availability, gzipped or not. A row is a zone of a campaign; of its columns
/// `campaign`, `zone`, `instance`, `gap_seconds` (of a tick) and `values` (nodes that could be had,
/// tick by tick, parted by spaces) are read. Zones of one campaign are cut to the shortest.
/// `name`: only the campaign that is called so; empty: all. Sorted by name. Errors say
/// "file:line:col: what".
[[nodiscard]] common::Result<std::vector<Campaign>> ReadCampaigns(const std::filesystem::path& file,
                                                                  const std::string& name = {});

}  // namespace scaler::backtest::spot
