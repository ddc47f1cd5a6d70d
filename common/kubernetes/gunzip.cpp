#include "common/kubernetes/gunzip.h"

#include <zlib.h>

#include <array>

namespace common::kubernetes {

struct Gunzip::Stream {
  z_stream z{};
};

Gunzip::Gunzip() : stream_(std::make_unique<Stream>()) {
  constexpr int kGzipOnly = 15 + 16;
  if (::inflateInit2(&stream_->z, kGzipOnly) != Z_OK) {
    throw std::bad_alloc();
  }
}

Gunzip::~Gunzip() { ::inflateEnd(&stream_->z); }

Result<void> Gunzip::Append(std::string_view bytes, std::string& to, std::size_t limit) {
  auto& z = stream_->z;
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  z.avail_in = static_cast<uInt>(bytes.size());
  std::array<char, 64 * 1024> buffer{};
  while (z.avail_in > 0 && !whole_) {
    z.next_out = reinterpret_cast<Bytef*>(buffer.data());
    z.avail_out = static_cast<uInt>(buffer.size());
    const int code = ::inflate(&z, Z_NO_FLUSH);
    if (code != Z_OK && code != Z_STREAM_END) {
      return Fail(std::errc::bad_message, "the answer is not gzip, though it says so");
    }
    const auto size = buffer.size() - z.avail_out;
    if (to.size() + size > limit) {
      return Fail(std::errc::message_size, "the answer is too large");
    }
    to.append(buffer.data(), size);
    whole_ = code == Z_STREAM_END;
  }
  return {};
}

}  // namespace common::kubernetes
