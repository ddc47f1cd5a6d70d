#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "common/result.h"

namespace common::http {
class Credentials;
}  // namespace common::http

namespace common::prometheus {

using Labels = std::map<std::string, std::string>;

/// One element of an instant vector. The metric's name is the label "__name__".
struct Sample {
  Labels labels;
  double value = 0;  ///< May be NaN or infinite, as PromQL allows.
  WallTime time;

  friend bool operator==(const Sample&, const Sample&) = default;
};

/// When a query is evaluated: at `from` and every `step` after it, until `to`.
struct Range {
  WallTime from;
  WallTime to;
  std::chrono::milliseconds step{};
};

/// Prometheus refuses ranges with more points than this.
inline constexpr int kMostPointsOfRange = 11'000;

/// One element of a range vector.
struct RangeSeries {
  Labels labels;
  std::vector<std::pair<WallTime, double>> points;  ///< In order of time; may be NaN or infinite.
};

/// Asks one Prometheus (or what speaks its API). Any thread; each call blocks for at most
/// the deadline.
class Client {
 public:
  /// `address` as "127.0.0.1:9090", or with a scheme as http::Client has it. Without credentials it
  /// shows none.
  Client(std::string address, std::chrono::milliseconds deadline,
         std::shared_ptr<http::Credentials> credentials = nullptr);

  /// Evaluates `expression` now. A scalar comes as one sample without labels. invalid_argument
  /// with Prometheus' own words where it refuses the expression.
  [[nodiscard]] Result<std::vector<Sample>> Query(const std::string& expression) const;

  /// Evaluates `expression` over a range of at most kMostPointsOfRange points. Fails as Query does,
  /// and with message_size where the answer is longer than http::kLargestBodyBytes.
  [[nodiscard]] Result<std::vector<RangeSeries>> QueryRange(const std::string& expression,
                                                            const Range& range) const;

  /// Fails, saying why, as long as it does not answer queries yet.
  [[nodiscard]] Result<void> Ready() const;

 private:
  [[nodiscard]] Result<std::string> Post(const std::string& target, const std::string& body) const;

  std::string address_;
  std::chrono::milliseconds deadline_;
  std::shared_ptr<http::Credentials> credentials_;
};

/// Reads the answer of /api/v1/query.
[[nodiscard]] Result<std::vector<Sample>> ParseQueryAnswer(std::string_view json);

/// Reads the answer of /api/v1/query_range.
[[nodiscard]] Result<std::vector<RangeSeries>> ParseRangeAnswer(std::string_view json);

}  // namespace common::prometheus
