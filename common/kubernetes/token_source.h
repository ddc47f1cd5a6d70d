#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/executor.h"
#include "common/kubernetes/access.h"

namespace common::kubernetes {

/// Where the bearer token of a request comes from. Belongs to one thread.
class TokenSource {
 public:
  using Done = std::function<void(Result<std::string>)>;

  TokenSource() = default;
  TokenSource(const TokenSource&) = delete;
  TokenSource& operator=(const TokenSource&) = delete;
  virtual ~TokenSource() = default;

  /// `done` gets the token (empty: none is used), possibly before Get returns; not after this has
  /// been destroyed. `refused` is a token that the server has not accepted: where another can be
  /// had it is.
  virtual void Get(const std::string& refused, Done done) = 0;
};

/// As `access` says: none, the one of the configuration, of a file, or of a plugin.
[[nodiscard]] std::unique_ptr<TokenSource> MakeTokenSource(Executor& executor,
                                                           const Access& access);

}  // namespace common::kubernetes
