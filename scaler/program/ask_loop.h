#pragma once

#include <functional>

#include "common/io_loop.h"
#include "common/result.h"

namespace scaler::program {

/// Called once with the answer, on the loop's thread.
using Answered = std::function<void(common::Result<void>)>;

/// Has `question` answered on the loop's thread, for a thread of the server; at most some seconds.
/// timed_out where the loop, or whom it asks, does not answer.
[[nodiscard]] common::Result<void> AskLoopFor(common::IoLoop& io,
                                              std::function<void(Answered)> question);

/// The same of a question that has its answer at once.
[[nodiscard]] common::Result<void> AskLoop(common::IoLoop& io,
                                           std::function<common::Result<void>()> question);

}  // namespace scaler::program
