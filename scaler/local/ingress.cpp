#include "scaler/local/ingress.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "common/io_loop.h"
#include "common/log.h"
#include "common/text.h"

namespace scaler::local {
namespace {

namespace log = common::log;
using std::chrono::milliseconds;

constexpr milliseconds kCommandDeadline = std::chrono::seconds(2);
constexpr milliseconds kProcessPeriod = std::chrono::seconds(1);
constexpr milliseconds kDrainPeriod(50);
constexpr milliseconds kShortRetry(100);
constexpr milliseconds kLongRetry = std::chrono::seconds(1);

/// A thread of HAProxy may have chosen the server before it drained and not yet counted the
/// request, so one look at zero is not enough.
constexpr int kIdlePolls = 2;

bool Holds(const std::string& answer, std::string_view text) {
  return answer.find(text) != std::string::npos;
}

/// "shop-01-" and then only digits: a server that this platform once made.
bool IsOurs(std::string_view server, const std::string& prefix) {
  return server.substr(0, prefix.size()) == prefix &&
         common::ParseUnsigned(server.substr(prefix.size())).has_value();
}

/// HAProxy's process is not there, as opposed to slow.
bool IsDown(const common::Error& error) {
  return error.code == std::errc::connection_refused ||
         error.code == std::errc::no_such_file_or_directory;
}

std::string OneLine(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  const auto begin = std::min(text.find_first_not_of(' '), text.size());
  return text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
}

}  // namespace

std::string ToString(const ServerId& id) { return id.backend + "/" + id.name; }

Ingress::Ingress(common::IoLoop& loop, std::filesystem::path socket,
                 std::map<std::string, std::string> managed, Listener listener)
    : loop_(loop),
      managed_(std::move(managed)),
      listener_(std::move(listener)),
      client_(loop.Context(), std::move(socket)) {
  PollProcess();
}

Ingress::~Ingress() = default;

void Ingress::Keep(const ServerId& id, int port) { Set(id, Wish::kKeep, port); }
void Ingress::Serve(const ServerId& id, int port) { Set(id, Wish::kServe, port); }
void Ingress::Drain(const ServerId& id) { Set(id, Wish::kDrain, std::nullopt); }
void Ingress::Remove(const ServerId& id) { Set(id, Wish::kRemove, std::nullopt); }

std::string Ingress::Problem(const std::string& backend) const {
  if (!unreachable_.empty()) {
    return "HAProxy does not answer: " + unreachable_;
  }
  const auto found = problems_.find(backend);
  return found == problems_.end() ? std::string() : found->second;
}

void Ingress::Set(const ServerId& id, Wish wish, std::optional<int> port) {
  Server& server = servers_[id];
  server.wish = wish;
  server.port = port.value_or(server.port);
  server.told_drained = false;
  server.idle_polls = 0;
  Step(id);
}

/// Does the next thing that brings the server nearer to what is wished; one at a time.
void Ingress::Step(const ServerId& id) {
  const auto found = servers_.find(id);
  if (found == servers_.end() || found->second.busy || found->second.wish == Wish::kKeep) {
    return;
  }
  Server& server = found->second;
  server.retry.reset();
  if (server.actual == Actual::kUnknown) {
    Look(id);
  } else if (server.wish == Wish::kServe) {
    StepToServe(id, server);
  } else if (server.wish == Wish::kDrain) {
    StepToDrain(id, server);
  } else if (server.actual != Actual::kAbsent) {
    TakeAway(id);
  } else {
    servers_.erase(found);
  }
}

void Ingress::StepToServe(const ServerId& id, const Server& server) {
  if (server.actual == Actual::kAbsent) {
    Add(id);
  } else if (server.actual_port != server.port) {
    TakeAway(id);  // an earlier attempt of the replica; absent, it will be added anew
  } else if (server.actual != Actual::kServing) {
    SetState(id, "ready", Actual::kServing);
  } else {
    problems_.erase(id.backend);
    listener_.serves(ServerId(id));
  }
}

void Ingress::StepToDrain(const ServerId& id, Server& server) {
  if (server.actual == Actual::kServing) {
    SetState(id, "drain", Actual::kDraining);
  } else if (server.actual == Actual::kDraining) {
    PollDraining();
  } else {
    TellDrained(id, server);
  }
}

/// Sends a command about one server. `take` gets HAProxy's answer; silence is tried again.
void Ingress::Ask(const ServerId& id, const std::string& command,
                  std::function<void(const ServerId&, Server&, const std::string&)> take) {
  servers_[id].busy = true;
  client_.Execute(command, kCommandDeadline,
                  [this, id, take = std::move(take)](const Answer& answer) {
                    Server& server = servers_[id];
                    server.busy = false;
                    if (answer) {
                      take(id, server, *answer);
                    } else if (server.wish == Wish::kDrain && IsDown(answer.error())) {
                      TellDrained(id, server);
                    } else if (server.wish == Wish::kRemove && IsDown(answer.error())) {
                      servers_.erase(id);  // a dynamic server dies with its process
                    } else {
                      Retry(id, server, kLongRetry);
                    }
                  });
}

void Ingress::Retry(const ServerId& id, Server& server, milliseconds delay) {
  server.retry = loop_.After(delay, [this, id] { Step(ServerId(id)); });
}

void Ingress::Look(const ServerId& id) {
  Ask(id, "show servers state " + id.backend,
      [this](const ServerId& asked, Server& server, const std::string& answer) {
        const auto states = common::haproxy::ParseServersState(answer);
        server.actual = Actual::kAbsent;
        // Without the backend there is no answer, and adding will say what is wrong.
        for (const auto& state : states.value_or(std::vector<common::haproxy::ServerState>())) {
          if (state.server == asked.name) {
            server.actual_port = static_cast<int>(state.port);
            server.actual = state.InMaintenance() ? Actual::kMaintenance
                            : state.Draining()    ? Actual::kDraining
                                                  : Actual::kServing;
          }
        }
        Step(asked);
      });
}

void Ingress::Add(const ServerId& id) {
  const int port = servers_[id].port;
  // A dynamic server begins in maintenance.
  Ask(id, fmt::format("add server {0} 127.0.0.1:{1}; enable server {0}", ToString(id), port),
      [this, port](const ServerId& asked, Server& server, const std::string& answer) {
        if (Holds(answer, "New server registered")) {
          server.actual = Actual::kServing;
          server.actual_port = port;
          Step(asked);
        } else if (Holds(answer, "Already exists")) {
          server.actual = Actual::kUnknown;
          Retry(asked, server, kShortRetry);
        } else {
          Refused(asked, server, answer);
        }
      });
}

void Ingress::SetState(const ServerId& id, const std::string& state, Actual reached) {
  Ask(id, fmt::format("set server {} state {}", ToString(id), state),
      [this, reached](const ServerId& asked, Server& server, const std::string& answer) {
        if (OneLine(answer).empty()) {
          server.actual = reached;
          Step(asked);
        } else if (Holds(answer, "No such")) {
          server.actual = Actual::kAbsent;
          Step(asked);
        } else {
          Refused(asked, server, answer);
        }
      });
}

void Ingress::TakeAway(const ServerId& id) {
  Ask(id, fmt::format("set server {0} state maint; del server {0}", ToString(id)),
      [this](const ServerId& asked, Server& server, const std::string& answer) {
        if (Holds(answer, "Server deleted") || Holds(answer, "No such")) {
          server.actual = Actual::kAbsent;
          Step(asked);
        } else {
          // It still has connections; in maintenance it gets no more of them.
          server.actual = Actual::kMaintenance;
          Retry(asked, server, kShortRetry);
        }
      });
}

void Ingress::Refused(const ServerId& id, Server& server, const std::string& answer) {
  auto& problem = problems_[id.backend];
  auto sentence = fmt::format("HAProxy refuses server {}: {}", ToString(id), OneLine(answer));
  if (problem != sentence) {
    problem = std::move(sentence);
    log::Error("HAProxy refuses a server", {{"server", ToString(id)}, {"answer", OneLine(answer)}});
  }
  Retry(id, server, kLongRetry);
}

void Ingress::TellDrained(const ServerId& id, Server& server) {
  if (!std::exchange(server.told_drained, true)) {
    listener_.drained(ServerId(id));
  }
}

void Ingress::PollProcess() {
  process_timer_.reset();
  client_.Execute("show info", kCommandDeadline, [this](const Answer& answer) {
    TakeProcess(answer);
    process_timer_ = loop_.After(kProcessPeriod, [this] { PollProcess(); });
  });
}

void Ingress::TakeProcess(const Answer& answer) {
  const auto info =
      answer.and_then([](const std::string& text) { return common::haproxy::ParseInfo(text); });
  if (!info) {
    if (unreachable_.empty()) {
      log::Warning("HAProxy does not answer", {{"reason", info.error().what}});
    }
    unreachable_ = info.error().what;
    pid_.reset();
    return;
  }
  unreachable_.clear();
  if (pid_ != info->pid) {
    log::Info("HAProxy has a new process",
              {{"pid", std::to_string(info->pid)}, {"version", info->version}});
    pid_ = info->pid;
    LookAtEverything();
  }
}

/// Another process knows other servers: asks for all of them and starts from there.
void Ingress::LookAtEverything() {
  client_.Execute("show servers state", kCommandDeadline, [this](const Answer& answer) {
    const auto states = answer.and_then(
        [](const std::string& text) { return common::haproxy::ParseServersState(text); });
    for (const auto& state : states.value_or(std::vector<common::haproxy::ServerState>())) {
      const auto backend = managed_.find(state.backend);
      const ServerId id{state.backend, state.server};
      if (backend != managed_.end() && IsOurs(state.server, backend->second) &&
          !servers_.contains(id)) {
        log::Info("removing a server that nobody wishes for", {{"server", ToString(id)}});
        servers_[id].wish = Wish::kRemove;
      }
    }
    std::vector<ServerId> ids;
    for (auto& [id, server] : servers_) {
      server.actual = Actual::kUnknown;
      ids.push_back(id);
    }
    for (const auto& id : ids) {
      Step(id);
    }
  });
}

void Ingress::PollDraining() {
  if (drain_timer_) {
    return;
  }
  drain_timer_ = loop_.After(kDrainPeriod, [this] {
    drain_timer_.reset();
    std::set<std::string> backends;
    for (const auto& [id, server] : servers_) {
      if (server.wish == Wish::kDrain && server.actual == Actual::kDraining &&
          !server.told_drained) {
        backends.insert(id.backend);
      }
    }
    for (const auto& backend : backends) {
      client_.Execute(fmt::format("show stat {} 4 -1", backend), kCommandDeadline,
                      [this, backend](const Answer& answer) { TakeLoad(backend, answer); });
    }
  });
}

void Ingress::TakeLoad(const std::string& backend, const Answer& answer) {
  const auto lines =
      answer.and_then([](const std::string& text) { return common::haproxy::ParseStat(text); });
  const bool down = !answer && IsDown(answer.error());
  std::vector<ServerId> drained;
  bool more = false;
  for (auto& [id, server] : servers_) {
    if (id.backend != backend || server.wish != Wish::kDrain ||
        server.actual != Actual::kDraining || server.told_drained) {
      continue;
    }
    const auto name = id.name;
    const auto line = lines ? std::find_if(lines->begin(), lines->end(),
                                           [&](const auto& each) { return each.server == name; })
                            : std::vector<common::haproxy::StatLine>::const_iterator();
    const bool absent = lines && line == lines->end();
    const bool idle = lines && !absent && line->scur == 0 && line->qcur == 0;
    server.idle_polls = idle ? server.idle_polls + 1 : 0;
    if (absent || down || server.idle_polls >= kIdlePolls) {
      drained.push_back(id);
    } else {
      more = true;
    }
  }
  if (more) {
    PollDraining();
  }
  for (const auto& id : drained) {
    if (const auto found = servers_.find(id); found != servers_.end()) {
      TellDrained(id, found->second);
    }
  }
}

}  // namespace scaler::local
