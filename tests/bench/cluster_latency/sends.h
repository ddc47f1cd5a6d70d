#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/clock.h"

namespace cluster::latency {

/// How a number of replicas left the scaler, as its log tells where it tells everything.
struct Send {
  int to = 0;
  common::MonotonicTime let_go;  ///< By the client's rate limit.
  common::MonotonicTime sent;    ///< The system has taken the request.
  bool kept = false;             ///< Over a connection that was open before.
};

/// By workload, without its namespace, in their order. To be called before the wall clock is set.
[[nodiscard]] std::map<std::string, std::vector<Send>> ReadSends(std::string_view log);

}  // namespace cluster::latency
