#pragma once

#include <functional>
#include <string>

#include "common/result.h"

namespace scaler::signals {

/// Who answers the queries of external signals: Prometheus, or a fake.
class QueryTransport {
 public:
  QueryTransport() = default;
  QueryTransport(const QueryTransport&) = delete;
  QueryTransport& operator=(const QueryTransport&) = delete;
  virtual ~QueryTransport() = default;

  /// Asks for the number that `query` gives now. `done` is called on the executor's thread, once
  /// and not before Ask returns; never after the transport's end. What is no single finite number
  /// is an error that says so.
  virtual void Ask(const std::string& query, std::function<void(common::Result<double>)> done) = 0;
};

}  // namespace scaler::signals
