#pragma once

#include <cstddef>
#include <iosfwd>

namespace scaler::ctl {

/// Answers one {"policy", "state", "observation"} a line with one {"state", "decision"} a line,
/// flushed at once, so that another program may ask in step. A line that cannot be read is answered
/// with {"error": "line 3: ..."}, and the next one is read. Lines may have 1 MiB.
///
/// Returns how many lines were no questions.
[[nodiscard]] std::size_t DecideLines(std::istream& questions, std::ostream& answers);

}  // namespace scaler::ctl
