// A file of demand over time, as other programs write it.

#include "scaler/backtest/history/history.h"

#include "fuzz/input.h"

namespace {

namespace history = scaler::backtest::history;

void ReadAll(const std::filesystem::path& path, const history::Options& options) {
  auto opened = history::OpenCsv(path, options);
  std::size_t values = 0;
  while (opened && values < history::kMostValues) {
    const auto series = (*opened)->Next();
    if (!series || !*series) {
      return;
    }
    fuzz::Require((*series)->period > scaler::backtest::Duration{});
    for (const double rate : (*series)->rates) {
      fuzz::Require(rate >= 0 && rate < 1e19);
    }
    values += (*series)->rates.size();
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::InputFile file(fuzz::Text(data, size));
  ReadAll(file.Path(), {});
  ReadAll(file.Path(), {.series = "a*", .period = std::chrono::minutes(1), .rates = true});
  return 0;
}
