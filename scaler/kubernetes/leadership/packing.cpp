#include "scaler/kubernetes/leadership/packing.h"

#include <openssl/evp.h>
#include <zlib.h>

#include <limits>

#include "common/kubernetes/gunzip.h"

namespace scaler::kubernetes::leadership {
namespace {

constexpr int kGzip = 15 + 16;  ///< zlib's largest window, in gzip's clothes.

std::string Gzip(std::string_view text) {
  z_stream stream{};
  ::deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY);
  std::string packed(::deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  ::deflate(&stream, Z_FINISH);
  packed.resize(packed.size() - stream.avail_out);
  ::deflateEnd(&stream);
  return packed;
}

}  // namespace

std::string Pack(std::string_view text) {
  const auto gzip = Gzip(text);
  std::string packed((gzip.size() + 2) / 3 * 4 + 1, '\0');
  const int written = ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(packed.data()),
                                        reinterpret_cast<const unsigned char*>(gzip.data()),
                                        static_cast<int>(gzip.size()));
  packed.resize(static_cast<std::size_t>(written));
  return packed;
}

common::Result<std::string> Unpack(std::string_view packed, std::size_t limit) {
  const auto bad = [] { return common::Fail(std::errc::bad_message, "it is not gzip in base64"); };
  if (packed.empty() || packed.size() % 4 != 0 ||
      packed.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    return bad();
  }
  std::string gzip(packed.size() / 4 * 3, '\0');
  const int decoded = ::EVP_DecodeBlock(reinterpret_cast<unsigned char*>(gzip.data()),
                                        reinterpret_cast<const unsigned char*>(packed.data()),
                                        static_cast<int>(packed.size()));
  if (decoded < 0) {
    return bad();
  }
  const auto padding = packed.size() - packed.find_last_not_of('=') - 1;
  if (padding > 2) {
    return bad();
  }
  gzip.resize(static_cast<std::size_t>(decoded) - padding);
  common::kubernetes::Gunzip gunzip;
  std::string text;
  if (auto unpacked = gunzip.Append(gzip, text, limit); !unpacked) {
    return tl::make_unexpected(unpacked.error());
  }
  return gunzip.IsWhole() ? common::Result<std::string>(std::move(text)) : bad();
}

}  // namespace scaler::kubernetes::leadership
