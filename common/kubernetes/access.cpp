#include "common/kubernetes/access.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string_view>

namespace common::kubernetes {

Result<std::shared_ptr<InlineFile>> InlineFile::Make(const std::string& text) {
  const int fd = ::memfd_create("trimtab-kubeconfig", MFD_CLOEXEC);
  if (fd < 0) {
    return FailErrno("cannot make a file in memory");
  }
  std::shared_ptr<InlineFile> file(new InlineFile(fd));
  // Like that of a key on a disk: 0666 would be warned of.
  ::fchmod(fd, 0600);
  for (std::string_view rest = text; !rest.empty();) {
    const auto count = ::write(fd, rest.data(), rest.size());
    if (count < 0) {
      return FailErrno("cannot write a file in memory");
    }
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
  return file;
}

InlineFile::~InlineFile() { ::close(fd_); }

}  // namespace common::kubernetes
