#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"
#include "common/tls/reloading.h"

namespace common::tls {

/// The tokens that open a door. Keeps their digests only. Immutable; any thread.
class Tokens {
 public:
  explicit Tokens(const std::vector<std::string>& tokens);

  /// In constant time, whatever is presented and whichever token it is.
  [[nodiscard]] bool Accept(std::string_view presented) const;

 private:
  std::vector<std::array<unsigned char, 32>> digests_;
};

/// The tokens of a file: one a line, blanks around them and lines that begin with '#' left out.
///
/// Refuses, with words that name the file (and the line, never the token): a file that others
/// may read or write (permission_denied, with the chmod to do), one without a token, a token
/// that is shorter than 16 characters or could not stand in an HTTP header.
[[nodiscard]] Result<std::vector<std::string>> ReadTokenFile(const std::string& path);

/// The tokens that a server accepts, following their file.
using ReloadingTokens = Reloading<std::shared_ptr<const Tokens>>;
[[nodiscard]] Result<std::unique_ptr<ReloadingTokens>> OpenTokens(const std::string& path);

/// The token that a client presents (the first of the file), following its file.
using ReloadingToken = Reloading<std::string>;
[[nodiscard]] Result<std::unique_ptr<ReloadingToken>> OpenToken(const std::string& path);

}  // namespace common::tls
