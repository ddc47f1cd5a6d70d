#include "common/readable.h"

#include <poll.h>

namespace common {

bool IsReadable(int descriptor) {
  pollfd state{.fd = descriptor, .events = POLLIN | POLLRDHUP, .revents = 0};
  return ::poll(&state, 1, 0) == 1;
}

}  // namespace common
