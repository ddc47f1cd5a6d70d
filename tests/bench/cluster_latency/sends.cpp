#include "tests/bench/cluster_latency/sends.h"

#include <chrono>
#include <cstdlib>
#include <sstream>

#include "common/rfc3339.h"
#include "tests/bench/cluster_latency/times.h"

namespace cluster::latency {
namespace {

constexpr std::string_view kTaken = "the API server has taken the number";

/// The value after " key=", up to the next blank.
std::string Field(const std::string& line, const std::string& key) {
  const auto mark = " " + key + "=";
  const auto found = line.find(mark);
  if (found == std::string::npos) {
    return "";
  }
  const auto begin = found + mark.size();
  return line.substr(begin, line.find(' ', begin) - begin);
}

std::chrono::nanoseconds Milliseconds(const std::string& line, const std::string& key) {
  const std::chrono::duration<double, std::milli> parsed(
      std::strtod(Field(line, key).c_str(), nullptr));
  return std::chrono::duration_cast<std::chrono::nanoseconds>(parsed);
}

}  // namespace

std::map<std::string, std::vector<Send>> ReadSends(std::string_view log) {
  std::map<std::string, std::vector<Send>> sends;
  std::istringstream lines{std::string(log)};
  for (std::string line; std::getline(lines, line);) {
    const auto said = common::ParseRfc3339(line.substr(0, line.find(' ')));
    if (!said || line.find(kTaken) == std::string::npos) {
      continue;
    }
    const auto workload = Field(line, "workload");
    const auto sent = MonotonicOf(*said) - Milliseconds(line, "answer_ms");
    sends[workload.substr(workload.find('/') + 1)].push_back(
        {.to = std::atoi(Field(line, "replicas").c_str()),
         .let_go = sent - Milliseconds(line, "sending_ms"),
         .sent = sent,
         .kept = Field(line, "connection") == "kept"});
  }
  return sends;
}

}  // namespace cluster::latency
