#pragma once

#include <cerrno>
#include <string>
#include <system_error>
#include <tl/expected.hpp>
#include <utility>

namespace common {

/// Why an operation failed, in words an operator can act on.
///
/// `code` is for callers that branch (a vanished cgroup is not a failure of the
/// collector); `what` is for people and always names the thing that failed.
struct Error {
  std::error_code code;
  std::string what;
};

/// The one way a foreseeable failure travels in this code base.
///
/// The alias is the only place that names the library, so that moving to
/// std::expected (C++23) is a change of one line.
template <typename T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> Fail(std::errc code, std::string what) {
  return tl::make_unexpected(Error{std::make_error_code(code), std::move(what)});
}

/// A failed system call on `subject`, with the words of errno behind it.
inline tl::unexpected<Error> FailErrno(const std::string& subject, int error = errno) {
  const std::error_code code(error, std::generic_category());
  return tl::make_unexpected(Error{code, subject + ": " + code.message()});
}

}  // namespace common
