// Compares the engine with Kubernetes' own answers, which the files that are named hold, and ends
// with 1 if one differs. See hpa/write_test.go for how they are made.

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <fstream>
#include <map>
#include <string>

#include "differential/hpa_cases.h"

namespace {

/// More would not be read anyway.
constexpr int kMostShown = 5;

struct Tally {
  std::map<std::string, int> cases;  ///< By kind.
  int differences = 0;
  bool readable = true;
};

void Compare(const std::string& line, const std::string& where, Tally& tally) {
  const auto value = boost::json::parse(line);
  const auto& json = value.as_object();
  const std::string kind(json.at("kind").as_string());
  const auto difference =
      kind == "run" ? differential::CompareRun(json) : differential::CompareCalculation(json);
  ++tally.cases[kind];
  if (!difference.empty() && ++tally.differences <= kMostShown) {
    fmt::print("{}: {}\n{}\n", where, difference, line);
  }
}

void CompareFile(const char* path, Tally& tally) {
  std::ifstream file(path);
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    Compare(line, fmt::format("{}:{}", path, number), tally);
  }
  if (!file.eof()) {
    fmt::print(stderr, "{} cannot be read.\n", path);
    tally.readable = false;
  }
}

}  // namespace

int main(int argc, char** argv) {
  Tally tally;
  try {
    for (int i = 1; i < argc; ++i) {
      CompareFile(argv[i], tally);
    }
  } catch (const std::exception& error) {
    fmt::print(stderr, "This is no case: {}\n", error.what());
    return 1;
  }
  int cases = 0;
  for (const auto& [kind, count] : tally.cases) {
    fmt::print("{:>8} {}\n", count, kind);
    cases += count;
  }
  fmt::print("{:>8} cases, {} differences\n", cases, tally.differences);
  return tally.readable && cases > 0 && tally.differences == 0 ? 0 : 1;
}
