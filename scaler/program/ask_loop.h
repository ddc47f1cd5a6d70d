#pragma once

#include <functional>

#include "common/io_loop.h"
#include "common/result.h"

namespace scaler::program {

/// Has `question` answered on the loop's thread, for a thread of the server; at most some seconds.
/// timed_out where the loop does not answer.
[[nodiscard]] common::Result<void> AskLoop(common::IoLoop& io,
                                           std::function<common::Result<void>()> question);

}  // namespace scaler::program
