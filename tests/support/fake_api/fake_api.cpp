#include "support/fake_api/fake_api.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <utility>

#include "support/fake_api/parts.h"

namespace tests {
namespace {

using common::kubernetes::WireRequest;

std::string Gzip(const std::string& text) {
  z_stream z{};
  ::deflateInit2(&z, Z_BEST_SPEED, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string packed(::deflateBound(&z, text.size()), '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(packed.data());
  z.avail_out = static_cast<uInt>(packed.size());
  ::deflate(&z, Z_FINISH);
  packed.resize(packed.size() - z.avail_out);
  ::deflateEnd(&z);
  return packed;
}

}  // namespace

class FakeApi::Call final : public common::kubernetes::WireCall {
 public:
  explicit Call(OpenPtr open) : open_(std::move(open)) {}
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call() override {
    open_->over = true;
    open_->events = {};
  }

 private:
  OpenPtr open_;
};

FakeApi::FakeApi(common::Executor& executor)
    : executor_(executor),
      parts_(std::make_unique<Parts>(executor, [this](const auto& collection, const auto& change) {
        for (const auto& watch : std::vector<OpenPtr>(watches_)) {
          if (watch->over || watch->collection != &collection) {
            continue;
          }
          if (const auto line = watch->LineOf(change); !line.empty()) {
            watch->events.on_bytes(line);
          }
        }
      })) {}

FakeApi::~FakeApi() = default;

int FakeApi::OpenWatches() const {
  return static_cast<int>(std::count_if(watches_.begin(), watches_.end(),
                                        [](const auto& watch) { return !watch->over; }));
}

void FakeApi::FailNext(const std::string& method, const std::string& prefix, Fault fault) {
  faults_.emplace_back(std::pair(method, prefix), std::move(fault));
}

int FakeApi::Count(std::string_view method, std::string_view part_of_target) const {
  return static_cast<int>(std::count_if(seen_.begin(), seen_.end(), [&](const Seen& seen) {
    return seen.method == method && seen.target.find(part_of_target) != std::string::npos;
  }));
}

void FakeApi::FailAll(const std::string& method, const std::string& prefix, Fault fault) {
  standing_.push_back({method, prefix, std::move(fault)});
}

std::unique_ptr<common::kubernetes::WireCall> FakeApi::Start(
    WireRequest request, common::kubernetes::WireEvents events) {
  seen_.push_back(
      {request.method, request.target, request.headers, request.body, executor_.Monotonic()});
  auto open = std::make_shared<Open>();
  open->events = std::move(events);
  executor_.Post([this, open, request = std::move(request)] {
    if (!open->over) {
      Answer(open, request);
    }
  });
  return std::make_unique<Call>(open);
}

void FakeApi::Meet(const OpenPtr& open, const Fault& fault) {
  if (fault.breaks) {
    End(open, common::Fail(std::errc::connection_reset, "the connection broke"));
  } else if (!fault.hangs) {
    Reply(open, fault.status,
          fault.body.empty() ? RefusalBody(fault.status, "Fault", "as the test wants it")
                             : fault.body,
          fault.headers);
  }
}

bool FakeApi::TakeFault(const OpenPtr& open, const WireRequest& request) {
  const auto found = std::find_if(faults_.begin(), faults_.end(), [&](const auto& fault) {
    return fault.first.first == request.method && request.target.starts_with(fault.first.second);
  });
  if (found != faults_.end()) {
    const auto fault = found->second;
    faults_.erase(found);
    Meet(open, fault);
    return true;
  }
  const auto standing =
      std::find_if(standing_.begin(), standing_.end(), [&](const StandingFault& fault) {
        return (fault.method.empty() || fault.method == request.method) &&
               request.target.starts_with(fault.prefix);
      });
  if (standing != standing_.end()) {
    Meet(open, Fault(standing->fault));
    return true;
  }
  return false;
}

bool FakeApi::IsKnown(const WireRequest& request) const {
  const auto authorization = request.headers.find("Authorization");
  return tokens_.empty() || (authorization != request.headers.end() &&
                             std::any_of(tokens_.begin(), tokens_.end(), [&](const auto& token) {
                               return authorization->second == "Bearer " + token;
                             }));
}

void FakeApi::Answer(const OpenPtr& open, const WireRequest& request) {
  if (TakeFault(open, request)) {
    return;
  }
  if (!IsKnown(request)) {
    Reply(open, Refuse(401, "Unauthorized", "Unauthorized"));
    return;
  }
  const auto target = ParseTarget(request.target);
  auto* const collection = target ? parts_->store.Find(target->collection) : nullptr;
  if (collection == nullptr) {
    const auto path = request.target.substr(0, request.target.find('?'));
    Reply(open, Refuse(404, "NotFound", "there is no " + path));
    return;
  }
  if (!request.headers.contains("User-Agent")) {
    Reply(open, BadRequest("not as clients ask"));
    return;
  }
  if (request.method == "GET" && target->name.empty()) {
    AnswerMany(open, *target);
  } else {
    Reply(open, parts_->writes.Carry(request, *target, *collection));
  }
}

void FakeApi::Reply(const OpenPtr& open, int status, const std::string& body,
                    common::http::Headers headers) {
  if (gzip_) {
    headers["content-encoding"] = "gzip";
  }
  const auto sent = gzip_ ? Gzip(body) : body;
  open->events.on_head(status, headers);
  // In two pieces, as the wire may do it.
  const auto half = sent.size() / 2;
  for (const auto& piece : {sent.substr(0, half), sent.substr(half)}) {
    if (!open->over && !piece.empty()) {
      open->events.on_bytes(piece);
    }
  }
  End(open, {});
}

void FakeApi::End(const OpenPtr& open, common::Result<void> result) {
  if (!open->over) {
    open->over = true;
    const auto end = open->events.on_end;
    end(std::move(result));
  }
}

}  // namespace tests
