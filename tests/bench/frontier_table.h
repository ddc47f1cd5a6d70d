#pragma once

#include <string>
#include <vector>

#include "scaler/backtest/comparison.h"

namespace bench {

/// The whole of the time, its first half, its second.
enum class Part { kAll, kFirstHalf, kSecondHalf };

[[nodiscard]] const scaler::backtest::Totals& Of(const scaler::backtest::RunResult& run, Part part);

/// Of `rules`, those that cost less than every other with no more excess in that part.
[[nodiscard]] std::vector<const scaler::backtest::RunResult*> FrontierOf(
    const std::vector<scaler::backtest::RunResult>& rules, Part part);

/// "pod-hours/excess(name)" for each of them.
void PrintRuns(const char* who, const std::vector<const scaler::backtest::RunResult*>& runs,
               Part part);

/// How much of the gap between the cheapest of `frontier` with no more excess and perfect foresight
/// each of the runs closes, and whether it holds its objective.
void PrintGaps(const std::vector<const scaler::backtest::RunResult*>& frontier,
               const std::vector<const scaler::backtest::RunResult*>& runs, double oracle_hours,
               Part part);

}  // namespace bench
