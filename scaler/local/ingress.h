#pragma once

#include <chrono>
#include <compare>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/executor.h"
#include "common/haproxy/runtime_client.h"
#include "common/haproxy/stat.h"

namespace common {
class IoLoop;
}  // namespace common

namespace scaler::local {

/// A server as HAProxy names it: backend/name.
struct ServerId {
  std::string backend;
  std::string name;

  friend auto operator<=>(const ServerId&, const ServerId&) = default;
};

[[nodiscard]] std::string ToString(const ServerId& id);

/// Brings HAProxy's dynamic servers to what is wished of them, and keeps them there.
///
/// A wish holds until the next one: what HAProxy refuses or does not hear is tried again, and
/// when HAProxy's process has changed everything is looked at anew. Belongs to the loop's thread.
class Ingress {
 public:
  struct Listener {
    std::function<void(const ServerId&)> serves;   ///< Gets requests from now on.
    std::function<void(const ServerId&)> drained;  ///< Has no request left and gets none.
  };

  /// `managed` maps each backend to the prefix of the servers in it that are ours: those that
  /// nobody wishes for (a former life left them) are removed.
  Ingress(common::IoLoop& loop, std::filesystem::path socket,
          std::map<std::string, std::string> managed, Listener listener);
  Ingress(const Ingress&) = delete;
  Ingress& operator=(const Ingress&) = delete;
  ~Ingress();

  /// Leaves the server as HAProxy has it, until there is another wish.
  void Keep(const ServerId& id, int port);

  /// The server shall get requests; `serves` will say when it does.
  void Serve(const ServerId& id, int port);

  /// No new requests; `drained` will say when the old ones are done, or when there is no HAProxy
  /// process that could send any.
  void Drain(const ServerId& id);

  /// No requests at once, and no server as soon as HAProxy lets go of it.
  void Remove(const ServerId& id);

  /// Servers that are there or that somebody wishes for.
  [[nodiscard]] bool Empty() const { return servers_.empty(); }

  /// What keeps a wish of this backend from coming true, in a sentence, or empty.
  [[nodiscard]] std::string Problem(const std::string& backend) const;

 private:
  enum class Wish { kKeep, kServe, kDrain, kRemove };
  enum class Actual { kUnknown, kAbsent, kServing, kDraining, kMaintenance };

  struct Server {
    Wish wish = Wish::kKeep;
    Actual actual = Actual::kUnknown;
    int port = 0;         ///< Wished.
    int actual_port = 0;  ///< As HAProxy has it.
    bool busy = false;    ///< A command about it is under way.
    bool told_drained = false;
    int idle_polls = 0;
    std::unique_ptr<common::Timer> retry;
  };
  using Answer = common::Result<std::string>;

  void Set(const ServerId& id, Wish wish, std::optional<int> port);
  void Step(const ServerId& id);
  void StepToServe(const ServerId& id, const Server& server);
  void StepToDrain(const ServerId& id, Server& server);
  void Ask(const ServerId& id, const std::string& command,
           std::function<void(const ServerId&, Server&, const std::string&)> take);
  void Retry(const ServerId& id, Server& server, std::chrono::milliseconds delay);
  void Look(const ServerId& id);
  void Add(const ServerId& id);
  void SetState(const ServerId& id, const std::string& state, Actual reached);
  void TakeAway(const ServerId& id);
  void Refused(const ServerId& id, Server& server, const std::string& answer);
  void TellDrained(const ServerId& id, Server& server);
  void PollProcess();
  void TakeProcess(const Answer& answer);
  void LookAtEverything();
  void PollDraining();
  void TakeLoad(const std::string& backend, const Answer& answer);

  common::IoLoop& loop_;
  std::map<std::string, std::string> managed_;
  Listener listener_;
  std::map<ServerId, Server> servers_;
  std::map<std::string, std::string> problems_;  ///< By backend.
  std::string unreachable_;                      ///< Why HAProxy does not answer, or empty.
  std::optional<std::int64_t> pid_;
  std::unique_ptr<common::Timer> process_timer_;
  std::unique_ptr<common::Timer> drain_timer_;
  common::haproxy::RuntimeClient client_;
};

}  // namespace scaler::local
