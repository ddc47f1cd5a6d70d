#pragma once

#include <string>
#include <vector>

#include "scaler/backtest/plan.h"
#include "scaler/backtest/recording.h"
#include "scaler/ctl/backtest_output.h"

namespace scaler::ctl {

/// One series of the report: its demand and who did what about it.
struct ReportedSeries {
  std::string name;
  backtest::Time begin{};
  backtest::Duration length{};
  std::vector<double> highest_demand;  ///< In parts of equal length, requests per second.
  std::vector<backtest::Recording> recordings;
};

/// A page of HTML that needs nothing else: the numbers as a table, cost and excess of every run in
/// a plane, and for each of `series` demand and capacity over time with the decisions and their
/// reasons. Names from outside are text in it, whatever is in them.
[[nodiscard]] std::string ReportHtml(const backtest::Outcome& outcome,
                                     const BacktestContext& context,
                                     const std::vector<ReportedSeries>& series);

/// The series that are worth a look: at most `most`, those where the first run had most in excess,
/// then those with the most requests.
[[nodiscard]] std::vector<std::string> WorthALook(const backtest::Outcome& outcome,
                                                  std::size_t most);

/// The script of the page.
extern const char* const kReportScript;

/// `text` as text of HTML.
[[nodiscard]] std::string EscapeHtml(std::string_view text);

}  // namespace scaler::ctl
