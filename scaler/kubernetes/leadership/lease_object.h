#pragma once

#include <string>
#include <string_view>

#include "common/clock.h"
#include "common/result.h"
#include "scaler/kubernetes/leadership/election.h"

namespace scaler::kubernetes::leadership {

/// Reads a Lease. A field of a strange type counts as missing; fails with bad_message where the
/// text is no object with a resourceVersion, without which nothing could be written safely.
[[nodiscard]] common::Result<LeaseRecord> ReadLease(std::string_view json);

/// The body that creates the Lease.
[[nodiscard]] std::string NewLease(const std::string& name_space, const std::string& name,
                                   const LeaseRecord& record);

/// A merge patch that writes the record at its version, and leaves all else (labels) as it is.
[[nodiscard]] std::string LeasePatch(const LeaseRecord& record);

/// The resourceVersion of an object of any kind; empty where it has none.
[[nodiscard]] std::string VersionOf(std::string_view json);

/// "2026-11-21T03:10:12.345000Z": leases have microseconds, and servers refuse another form.
[[nodiscard]] std::string MicroTime(common::WallTime time);

}  // namespace scaler::kubernetes::leadership
