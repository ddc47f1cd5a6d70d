#pragma once

namespace common {

/// Whether there is something to learn from the descriptor at this moment: bytes, a peer, an end.
///
/// To be asked by whoever was woken by Asio's `async_wait`: it completes on any event that was
/// under way, also one of bytes that have been read since, or of a descriptor that was closed and
/// whose record Asio has given to this one.
[[nodiscard]] bool IsReadable(int descriptor);

}  // namespace common
