#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/executor.h"
#include "common/kubernetes/client.h"
#include "scaler/kubernetes/leadership/shards.h"
#include "scaler/loop/loop.h"

namespace scaler::kubernetes::leadership {

struct CheckpointOptions {
  std::string name_space = "trimtab";
  std::string name = "trimtab-state";  ///< Of the objects: "trimtab-state-00", ...
  std::size_t shards = 32;
  std::chrono::milliseconds interval = std::chrono::seconds(30);  ///< Of one shard's writes.
  std::size_t largest_text_bytes = 4U << 20U;                     ///< Of a shard, unpacked.
  std::size_t largest_packed_bytes = 768U << 10U;                 ///< The same, packed.
  std::chrono::milliseconds read_within = std::chrono::seconds(5);
};

/// What the loop knows, in ConfigMaps of our namespace, for whoever leads next.
///
/// A shard holds the states of the workloads whose names hash to it, and is written only when one
/// of them has changed by more than the time, the shards one after the other over the interval.
/// What is remembered of nodes is one more, written every ten minutes at least. An index says until
/// when all of them are true, so that a state which does not change need not be written again.
/// Belongs to the executor's thread.
///
/// Rights: on configmaps in its namespace list, create and update.
class Checkpoint {
 public:
  Checkpoint(common::Executor& executor, common::kubernetes::Client& client,
             CheckpointOptions options);
  Checkpoint(const Checkpoint&) = delete;
  Checkpoint& operator=(const Checkpoint&) = delete;

  /// Reads all shards. `done` gets what could be read, once; what could not is in the log, a
  /// message a shard. `now`: the loop's; what is far beyond it is not believed.
  void Read(engine::Time now, std::function<void(loop::Legacy)> done);

  /// Writes what `loop` knows from now on; it outlives this or Stop.
  void Start(const loop::Loop& loop);
  void Stop();

  /// Writes at once what has changed; `done` when that is done, or failed. After Start; ends it.
  void Flush(std::function<void()> done);

  [[nodiscard]] std::uint64_t Writes() const { return writes_; }
  [[nodiscard]] std::uint64_t Failures() const { return failures_; }

 private:
  struct Shard {
    std::string version;   ///< resourceVersion; empty: it is not there, as far as known.
    std::size_t hash = 0;  ///< Of what was last written, at rest.
    bool written = false;
    std::unique_ptr<common::kubernetes::Pending> pending;
  };

  void ReadPage(const std::string& next);
  void TakeObject(std::string_view json, std::string_view name, std::string_view version);
  [[nodiscard]] common::Result<void> TakeText(std::string_view name, const std::string& text);
  void EndRead();
  void Look();
  /// `done` says whether the shard is as it should be.
  void Write(std::size_t place, std::function<void(bool)> done);
  void Send(std::size_t place, const std::string& body, std::size_t hash,
            std::function<void(bool)> done);
  void Learn(std::size_t place, std::function<void(bool)> done);
  void WriteIndex(std::function<void(bool)> done);
  /// Of what is to be remembered, whatever the time.
  [[nodiscard]] std::size_t HashOf(std::size_t place) const;
  [[nodiscard]] std::size_t HashOfNodes() const;
  [[nodiscard]] std::string TextOf(std::size_t place);
  [[nodiscard]] std::string StatesOf(std::size_t shard);
  [[nodiscard]] std::size_t NodesPlace() const { return options_.shards; }
  [[nodiscard]] std::size_t IndexPlace() const { return options_.shards + 1; }
  [[nodiscard]] std::string NameOf(std::size_t place) const;
  [[nodiscard]] std::string Target(const std::string& name) const;
  [[nodiscard]] std::string Body(std::size_t place, const std::string& packed) const;
  [[nodiscard]] std::string IndexText() const;

  common::Executor& executor_;
  common::kubernetes::Client& client_;
  CheckpointOptions options_;
  const loop::Loop* loop_ = nullptr;
  std::vector<Shard> shards_;  ///< The nodes' behind them, then the index.
  std::size_t next_ = 0;       ///< The shard that is looked at next.
  bool round_failed_ = false;
  engine::Time round_began_{};
  std::uint64_t writes_ = 0;
  std::uint64_t failures_ = 0;
  std::size_t left_out_ = 0;

  engine::Time not_after_{};
  loop::Legacy read_;
  std::optional<engine::Time> true_until_;
  std::function<void(loop::Legacy)> read_done_;
  std::unique_ptr<common::kubernetes::Pending> reading_;
  std::unique_ptr<common::Timer> read_timer_;
  std::unique_ptr<common::Timer> timer_;
};

}  // namespace scaler::kubernetes::leadership
