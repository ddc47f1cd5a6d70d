#pragma once

#include <string>
#include <string_view>

namespace common::kubernetes {

/// What an API server says of a refusal: meta/v1 Status.
struct Status {
  std::string reason;   ///< "Conflict", "Expired", "NotFound", ...
  std::string message;  ///< For people; of something that is no Status its beginning. Of an
                        ///< eviction with the budget that is in the way.
  int code = 0;
};

/// Never fails: proxies answer with anything.
[[nodiscard]] Status ParseStatus(std::string_view body);

}  // namespace common::kubernetes
