#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/clock.h"
#include "common/result.h"
#include "scaler/codec/capacity.h"
#include "scaler/codec/capacity_memory.h"
#include "scaler/codec/codec.h"

namespace scaler::ledger {

/// A decision as the ledger keeps it.
struct Entry {
  std::int64_t id = 0;  ///< Grows by one a decision; never used again.
  std::string workload;
  common::WallTime committed_at;
  common::MonotonicTime committed_monotonic;  ///< Of this boot of the machine.
  codec::Line line;
};

/// The same of a decision about nodes.
struct CapacityEntry {
  std::int64_t id = 0;  ///< Of its own kind.
  common::WallTime committed_at;
  common::MonotonicTime committed_monotonic;
  codec::CapacityLine line;
};

/// What one commit writes, all of it or nothing.
struct Batch {
  std::map<std::string, engine::State> states;  ///< By workload; replaces what was there.
  std::vector<codec::Line> lines;
  std::vector<codec::CapacityLine> capacity_lines{};
  std::optional<codec::CapacityMemory> capacity_memory{};  ///< Replaces what was there.

  [[nodiscard]] bool Empty() const {
    return states.empty() && lines.empty() && capacity_lines.empty() && !capacity_memory;
  }
};

/// Which entries to read.
struct Query {
  std::string workload;  ///< Empty: of all workloads.
  /// Only later ones, and of those the oldest: who goes on from the last id that it has seen misses
  /// none. Without it the newest.
  std::optional<std::int64_t> after_id{};
  std::size_t limit = 100;  ///< At most so many.
};

struct Limits {
  /// The oldest decisions go when the lines together are larger.
  std::uint64_t lines_bytes = 64ULL << 20U;
  std::uint64_t capacity_bytes = 64ULL << 20U;  ///< The same of decisions about nodes.
};

/// Decisions with their inputs, and the engine's states, in one SQLite file.
///
/// Survives kill -9 at any instant: a commit is a transaction in write-ahead mode. One writer;
/// readers open the same file with OpenReadOnly, in other threads or processes. One object
/// belongs to one thread at a time.
class Ledger {
 public:
  /// Opens or makes the file. Fails where it belongs to a newer version, is locked by another
  /// scaler, or cannot be written.
  [[nodiscard]] static common::Result<std::unique_ptr<Ledger>> Open(
      const std::filesystem::path& file, Limits limits = {});

  [[nodiscard]] static common::Result<std::unique_ptr<Ledger>> OpenReadOnly(
      const std::filesystem::path& file);

  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;
  ~Ledger();

  /// Writes the batch; the clock's times become those of its lines.
  [[nodiscard]] common::Result<void> Commit(const Batch& batch, const common::Clock& clock);

  /// The last state of every workload. A state that cannot be read is left out and named in
  /// `problems`.
  [[nodiscard]] common::Result<std::map<std::string, engine::State>> LoadStates(
      std::vector<std::string>& problems) const;

  /// Each workload's newest decision that changed its replicas, or would have in earnest.
  [[nodiscard]] common::Result<std::map<std::string, engine::Decision>> LoadChanges() const;

  /// In the order in which they were made.
  [[nodiscard]] common::Result<std::vector<Entry>> Read(const Query& query) const;

  /// What decisions about nodes remember; nothing where there has been none.
  [[nodiscard]] common::Result<std::optional<codec::CapacityMemory>> LoadCapacity() const;

  /// Decisions about nodes, in the order in which they were made; fewer where they are many
  /// megabytes. The query's workload is of no account.
  [[nodiscard]] common::Result<std::vector<CapacityEntry>> ReadCapacity(const Query& query) const;

 private:
  class Impl;
  explicit Ledger(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace scaler::ledger
