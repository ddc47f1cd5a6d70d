#include "scaler/ctl/capacity_commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "common/clock.h"
#include "common/http/client.h"
#include "scaler/ctl/show_capacity.h"

namespace scaler::ctl {
namespace {

constexpr int kFailed = 1;

CommandResult Complain(const std::string& what) {
  return {kFailed, "", "trimtabctl: " + what + "\n"};
}

common::Result<std::vector<ExplainedCapacity>> Decisions(const AskScaler& ask) {
  return ask("/api/v1/capacity/decisions?limit=1000", "GET").and_then([](const std::string& json) {
    return ParseCapacityDecisions(json);
  });
}

std::string WhatComes(const DrainProgress& progress) {
  return std::string("It will be emptied as the disruption budget allows") +
         (progress.removed_by_others ? "; whoever made it may take it then" : ", and removed") +
         "; `trimtabctl drain --undo` takes that back.\n";
}

}  // namespace

CommandResult Capacity(const AskScaler& ask, bool json) {
  const auto answer = ask("/api/v1/capacity", "GET");
  if (!answer) {
    return Complain(answer.error().what);
  }
  if (json) {
    return {0, *answer, ""};
  }
  const auto text = ShowCapacity(*answer);
  return text ? CommandResult{0, *text, ""} : Complain(text.error().what);
}

CommandResult ExplainNodes(const AskScaler& ask, bool json, std::size_t last, bool all) {
  const auto answer = ask("/api/v1/capacity/decisions?limit=1000", "GET");
  if (!answer) {
    return Complain(answer.error().what);
  }
  if (json) {
    return {0, *answer, ""};
  }
  auto decisions = ParseCapacityDecisions(*answer);
  if (!decisions) {
    return Complain(decisions.error().what);
  }
  if (decisions->empty()) {
    return Complain(
        "nothing has been decided about nodes; `trimtabctl capacity` shows how they are");
  }
  const auto newest = decisions->back().id;
  std::erase_if(*decisions, [&](const auto& decision) {
    return !all && decision.id != newest && decision.line.decision.actions.empty();
  });
  CommandResult result{0, "", ""};
  const auto now = common::SystemClock().Wall();
  const auto first = decisions->size() - std::min(last, decisions->size());
  for (auto index = first; index < decisions->size(); ++index) {
    result.out += (index == first ? "" : "\n") + ExplainCapacity((*decisions)[index], now);
  }
  return result;
}

CommandResult ReplayNodes(const AskScaler& ask) {
  const auto decisions = Decisions(ask);
  if (!decisions) {
    return Complain(decisions.error().what);
  }
  CommandResult result{0, "", ""};
  std::size_t differ = 0;
  for (const auto& decision : *decisions) {
    if (!codec::Replays(decision.line)) {
      ++differ;
      result.out += fmt::format("#{} about nodes: this program decides otherwise\n", decision.id);
    }
  }
  result.out +=
      fmt::format("{} decisions about nodes replayed, {} differ\n", decisions->size(), differ);
  result.code = differ == 0 ? 0 : kFailed;
  return result;
}

CommandResult DrainNode(const AskScaler& ask, const DrainRequest& request,
                        const std::function<void()>& pause,
                        const std::function<void(const std::string&)>& say) {
  const auto target = "/api/v1/capacity/drain?node=" + common::http::EscapeQuery(request.node);
  if (const auto asked = ask(target, request.undo ? "DELETE" : "POST"); !asked) {
    return Complain(asked.error().what);
  }
  if (request.undo) {
    return {0, request.node + " may stay\n", ""};
  }
  std::string last;
  for (;;) {
    const auto state = ask("/api/v1/capacity", "GET").and_then([&](const std::string& json) {
      return ShowDrain(json, request.node);
    });
    if (!state) {
      const bool gone = state.error().code == std::errc::no_such_device;
      return gone ? CommandResult{0, request.node + " is gone\n", ""}
                  : Complain(state.error().what);
    }
    if (!request.wait) {
      return {0, state->text + "\n" + WhatComes(*state), ""};
    }
    if (state->empty && state->removed_by_others) {
      return {0, request.node + " is empty; whoever made it may take it\n", ""};
    }
    if (state->text != last) {
      say(state->text);
      last = state->text;
    }
    pause();
  }
}

}  // namespace scaler::ctl
